namespace Ogrt.Sinks.JsonLines;

/// <summary>Which records become lines of JSON.</summary>
public sealed record JsonLineSettings
{
    /// <summary>Whether processes are written.</summary>
    public required bool Processes { get; init; }

    /// <summary>Whether ends of processes are written.</summary>
    public required bool ProcessEnds { get; init; }

    /// <summary>Whether starts and ends of jobs are written.</summary>
    public required bool JobEvents { get; init; }

    /// <summary>Whether job records are written.</summary>
    public required bool JobRecords { get; init; }

    /// <summary>Whether job records carry the process tree.</summary>
    public required bool JobTrees { get; init; }

    /// <summary>Reads them from a sink's configuration.</summary>
    /// <exception cref="Akka.Configuration.ConfigurationException">A value is missing or of the wrong type.</exception>
    internal static JsonLineSettings Create(SettingReader read) => new()
    {
        Processes = read.Flag("processes"),
        ProcessEnds = read.Flag("process-ends"),
        JobEvents = read.Flag("job-events"),
        JobRecords = read.Flag("job-records"),
        JobTrees = read.Flag("job-trees"),
    };
}
