using Akka.Configuration;
using Ogrt.Sinks.Http;

namespace Ogrt.Sinks.Elasticsearch;

/// <summary>What a sink of type <c>elasticsearch</c> has beside the settings of every sink.</summary>
public sealed record ElasticsearchSettings
{
    // What Elasticsearch allows for the name of an index is a little more; the date and its hyphen need room.
    private const int MaxIndexName = 200;

    /// <summary>Where requests go and how.</summary>
    public required HttpTargetSettings Http { get; init; }

    /// <summary>The data stream of processes, or what the names of their indices begin with.</summary>
    public required string ProcessIndex { get; init; }

    /// <summary>Whether processes go to dated indices or to a data stream.</summary>
    public required ProcessTarget ProcessTarget { get; init; }

    /// <summary>The days that a dated index covers.</summary>
    public required IndexPeriod IndexPeriod { get; init; }

    /// <summary>How long before its arrival a record's time may lie to choose the index; else the time of arrival does.</summary>
    public required TimeSpan TimePast { get; init; }

    /// <summary>How long after its arrival.</summary>
    public required TimeSpan TimeFuture { get; init; }

    /// <summary>The index of job records.</summary>
    public required string JobIndex { get; init; }

    /// <summary>Whether documents have the event's id, by which a repetition is known.</summary>
    public required bool EventIds { get; init; }

    /// <summary>Whether processes are written.</summary>
    public required bool Processes { get; init; }

    /// <summary>Where ends of processes are written.</summary>
    public required ProcessEnds ProcessEnds { get; init; }

    /// <summary>Whether starts and ends of jobs are written.</summary>
    public required bool JobEvents { get; init; }

    /// <summary>Whether job records are written.</summary>
    public required bool JobRecords { get; init; }

    /// <summary>Whether job records carry the process tree.</summary>
    public required bool JobTrees { get; init; }

    /// <summary>How environments are written.</summary>
    public required Ogrt.Wire.EnvironmentForm Environment { get; init; }

    /// <summary>The ingest pipeline that documents go through; empty for none.</summary>
    public required string Pipeline { get; init; }

    /// <summary>Reads the settings from a sink's configuration.</summary>
    /// <param name="sink">The sink's settings.</param>
    /// <exception cref="ConfigurationException">A value is missing, of the wrong type or impossible.</exception>
    public static ElasticsearchSettings Create(SinkSettings sink)
    {
        ArgumentNullException.ThrowIfNull(sink);
        string path = "ogrt.sinks." + sink.Name;
        var read = new SettingReader(sink.Config, path);
        var settings = new ElasticsearchSettings
        {
            Http = HttpTargetSettings.Create(
                sink, HttpAuthentication.None, HttpAuthentication.Basic, HttpAuthentication.ApiKey, HttpAuthentication.Bearer),
            ProcessIndex = IndexName(read, "process-index"),
            ProcessTarget = read.Choice<ProcessTarget>("process-target"),
            IndexPeriod = read.Choice<IndexPeriod>("index-period"),
            TimePast = read.Duration("time-past", TimeSpan.Zero, TimeSpan.FromDays(3660)),
            TimeFuture = read.Duration("time-future", TimeSpan.Zero, TimeSpan.FromDays(366)),
            JobIndex = IndexName(read, "job-index"),
            EventIds = read.Flag("event-ids"),
            Processes = read.Flag("processes"),
            ProcessEnds = read.Choice<ProcessEnds>("process-ends"),
            JobEvents = read.Flag("job-events"),
            JobRecords = read.Flag("job-records"),
            JobTrees = read.Flag("job-trees"),
            Environment = read.Choice<Ogrt.Wire.EnvironmentForm>("environment"),
            Pipeline = read.OptionalText("pipeline"),
        };
        if (settings.ProcessEnds == ProcessEnds.Merge && settings.ProcessTarget == ProcessTarget.DataStream)
            throw read.Fail("process-ends", "is merge, and process-target is data-stream: a data stream only takes new documents, so that nothing can be merged into one");
        if (settings.ProcessEnds == ProcessEnds.Merge && !settings.EventIds)
            throw read.Fail("process-ends", "is merge, and event-ids is off: an end finds its process by the id");
        if (settings.ProcessIndex == settings.JobIndex)
            throw read.Fail("job-index", "is that of processes");
        return settings;
    }

    // https://www.elastic.co/guide/en/elasticsearch/reference/current/indices-create-index.html#indices-create-api-path-params
    private static string IndexName(SettingReader read, string key)
    {
        string name = read.Text(key);
        bool isName = name.Length <= MaxIndexName && (char.IsAsciiLetterLower(name[0]) || char.IsAsciiDigit(name[0]))
            && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '_' or '.');
        return isName ? name : throw read.Fail(key, $"is \"{name}\"; an index has up to {MaxIndexName} small letters, digits, '-', '_' and '.'");
    }
}
