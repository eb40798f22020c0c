using Akka.Configuration;
using Akka.Event;
using Ogrt.Actors.Cluster;
using Ogrt.Actors.Ingest;
using Ogrt.Actors.Jobs;
using Ogrt.Actors.Watch;
using Ogrt.Journal;
using Ogrt.Sinks;
using Ogrt.Sinks.Local;

namespace Ogrt.Server.Configuration;

/// <summary>The typed settings of every part.</summary>
public sealed record RuntimeSettings
{
    /// <summary>The program's own.</summary>
    public required ServerSettings Server { get; init; }

    /// <summary>The journal's.</summary>
    public required JournalOptions Journal { get; init; }

    /// <summary>The listeners'.</summary>
    public required IngestSettings Ingest { get; init; }

    /// <summary>The jobs'.</summary>
    public required JobSettings Jobs { get; init; }

    /// <summary>The cluster's.</summary>
    public required ClusterSettings Node { get; init; }

    /// <summary>Those of what actors count.</summary>
    public required ActorSettings Actors { get; init; }

    /// <summary>Those of metrics that are sent.</summary>
    public required OtlpSettings Otlp { get; init; }

    /// <summary>The sinks', those that are off included.</summary>
    public required IReadOnlyList<SinkSettings> Sinks { get; init; }

    /// <summary>The embedded store that the commands read; null when no sink of its type is enabled.</summary>
    public string? StorePath => Sinks.FirstOrDefault(s => s.Enabled && s.Type == LocalSinkFactory.TypeName) is { } local
        ? LocalStore.PathOf(local, Server.DataDirectory)
        : null;

    /// <summary>Reads the settings of every part.</summary>
    /// <param name="config">A usable configuration.</param>
    /// <param name="problems">What is impossible, each with its place.</param>
    /// <returns>The settings, or null when there is a problem.</returns>
    public static RuntimeSettings? Create(LoadedConfig config, List<ConfigProblem> problems)
    {
        int before = problems.Count;
        ServerSettings? server = Read(config, problems, ServerSettings.Create);
        JournalOptions? journal = Read(config, problems, JournalSettings.Create);
        IngestSettings? ingest = Read(config, problems, IngestSettings.Create);
        JobSettings? jobs = Read(config, problems, JobSettings.Create);
        ClusterSettings? node = Read(config, problems, ClusterSettings.Create);
        ActorSettings? actors = Read(config, problems, ActorSettings.Create);
        OtlpSettings? otlp = Read(config, problems, OtlpSettings.Create);
        IReadOnlyList<SinkSettings>? sinks = Read(config, problems, SinkSettings.Create);
        // What no part can see for itself: the actor system's whole configuration, and the sinks' own settings.
        if (problems.Count == before) Read(config, problems, OgrtCluster.Config);
        foreach (SinkSettings sink in sinks ?? [])
            if (sink.Enabled && server is not null)
                Read(config, problems, _ => SinkFactories.Default.Create(sink, new SinkContext(server.Cluster, server.DataDirectory, NoLogger.Instance)));
        if (problems.Count > before || server is null || journal is null || ingest is null || jobs is null || node is null || actors is null || otlp is null || sinks is null) return null;
        return new RuntimeSettings { Server = server, Journal = journal, Ingest = ingest, Jobs = jobs, Node = node, Actors = actors, Otlp = otlp, Sinks = sinks };
    }

    private static T? Read<T>(LoadedConfig config, List<ConfigProblem> problems, Func<Config, T> create)
        where T : class
    {
        try
        {
            return create(config.Values);
        }
        catch (Exception e) when (e is ConfigurationException or FormatException or OverflowException or ArgumentException or NotSupportedException)
        {
            // The settings classes put the path in front of what is wrong with it.
            string path = e.Message.Split(' ')[0].TrimEnd(':').Replace("\"", "", StringComparison.Ordinal);
            problems.Add(new ConfigProblem(config.Origin(path), e.Message));
            return null;
        }
    }
}
