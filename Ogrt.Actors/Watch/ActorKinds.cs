using Akka.Actor;

namespace Ogrt.Actors.Watch;

/// <summary>Which kind an actor is, told by its place in the tree.</summary>
public static class ActorKinds
{
    /// <summary>What the names of sinks' streams begin with.</summary>
    public const string SinkPrefix = "sink-";

    private const string SnapshotStorePrefix = "akka.persistence.snapshot-store";

    /// <summary>All kinds.</summary>
    public static IReadOnlyList<ActorKind> All { get; } = Enum.GetValues<ActorKind>();

    /// <summary>The kinds of which it is counted what they handle: our own.</summary>
    public static IReadOnlyList<ActorKind> Counting { get; } =
        [ActorKind.Ingest, ActorKind.Listener, ActorKind.Connection, ActorKind.Feed, ActorKind.Region, ActorKind.Job, ActorKind.Sink];

    /// <summary>A kind as a label.</summary>
    public static string Label(ActorKind kind) => Labels[(int)kind];

    private static readonly string[] Labels = [.. All.Select(kind => kind.ToString().ToLowerInvariant())];

    /// <summary>The kind of the actor at a path.</summary>
    public static ActorKind Of(ActorPath path)
    {
        ArgumentNullException.ThrowIfNull(path);
        IReadOnlyList<string> names = path.Elements;
        if (names.Count < 2) return ActorKind.Other;
        return names[0] switch
        {
            "user" => OfUser(names),
            "system" => OfSystem(names),
            _ => ActorKind.Other,
        };
    }

    private static ActorKind OfUser(IReadOnlyList<string> names) => names[1] switch
    {
        "ingest" => names.Count switch { 2 => ActorKind.Ingest, 3 => ActorKind.Listener, _ => ActorKind.Connection },
        "job-feed" => ActorKind.Feed,
        _ when names.Count > 2 && names[2].StartsWith(SinkPrefix, StringComparison.Ordinal) => ActorKind.Sink,
        _ => ActorKind.Other,
    };

    // Below /system/sharding stand the region, named as the entity type, and the manager of its coordinator.
    private static ActorKind OfSystem(IReadOnlyList<string> names)
    {
        if (names[1].StartsWith(SnapshotStorePrefix, StringComparison.Ordinal)) return ActorKind.Snapshots;
        if (names[1] != "sharding" || names.Count < 3) return ActorKind.Other;
        if (names[2] == Jobs.JobShards.TypeName)
            return names.Count switch { 3 => ActorKind.Region, 4 => ActorKind.Shard, _ => ActorKind.Job };
        return names[2] == Jobs.JobShards.TypeName + "Coordinator" ? ActorKind.Coordinator : ActorKind.Other;
    }
}
