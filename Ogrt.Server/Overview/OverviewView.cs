using Ogrt.Server.Hosting;

namespace Ogrt.Server.Overview;

/// <summary>The running server at one moment, as the control socket tells it and <c>ogrt-server top --json</c> prints it. Counts are since the start.</summary>
public sealed record OverviewView
{
    /// <summary>When it was looked at.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>The server.</summary>
    public required ServerView Server { get; init; }

    /// <summary>The stages that a frame passes, in that order.</summary>
    public required IReadOnlyList<StageView> Pipeline { get; init; }

    /// <summary>What was lost, and why; only what has occurred.</summary>
    public required IReadOnlyList<LossView> Losses { get; init; }

    /// <summary>Where the counts do not add up; empty when they all do.</summary>
    public required IReadOnlyList<RemainderView> Unaccounted { get; init; }

    /// <summary>The jobs of this node with the highest rates.</summary>
    public required IReadOnlyList<JobView> Jobs { get; init; }

    /// <summary>How many jobs this node has.</summary>
    public required int JobsTotal { get; init; }

    /// <summary>The compute nodes that were heard of last.</summary>
    public required IReadOnlyList<NodeView> Nodes { get; init; }

    /// <summary>How many compute nodes have been heard of.</summary>
    public required int NodesTotal { get; init; }

    /// <summary>Those of them that have said nothing for <see cref="OverviewSource.SilentAfter"/>.</summary>
    public required int NodesSilent { get; init; }

    /// <summary>The sinks.</summary>
    public required IReadOnlyList<SinkView> Sinks { get; init; }

    /// <summary>The members of the cluster, by address.</summary>
    public required IReadOnlyList<MemberView> Members { get; init; }

    /// <summary>The actors of this node, by kind.</summary>
    public required IReadOnlyList<ActorKindView> Actors { get; init; }
}
