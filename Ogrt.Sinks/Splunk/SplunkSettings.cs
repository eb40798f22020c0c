using Akka.Configuration;
using Ogrt.Sinks.Http;

namespace Ogrt.Sinks.Splunk;

/// <summary>What a sink of type <c>splunk</c> has beside the settings of every sink.</summary>
public sealed record SplunkSettings
{
    /// <summary>Where requests go and how.</summary>
    public required HttpTargetSettings Http { get; init; }

    /// <summary>How long one request may go without an answer; acknowledgements come behind it.</summary>
    public required TimeSpan RequestTimeout { get; init; }

    /// <summary>The index; empty for the one of the token.</summary>
    public required string Index { get; init; }

    /// <summary>The host that events are of; empty for the one of the record.</summary>
    public required string Host { get; init; }

    /// <summary>The source that events are of; empty for the one of the token.</summary>
    public required string Source { get; init; }

    /// <summary>Their source type, in which TYPE is the type of the record; empty for the one of the token.</summary>
    public required string SourceType { get; init; }

    /// <summary>Whether records count as delivered only when they are indexed.</summary>
    public required bool Acknowledgement { get; init; }

    /// <summary>How long an acknowledgement is waited for before the events are sent again.</summary>
    public required TimeSpan AcknowledgementTimeout { get; init; }

    /// <summary>The shortest time between two questions for acknowledgements.</summary>
    public required TimeSpan PollMin { get; init; }

    /// <summary>The longest.</summary>
    public required TimeSpan PollMax { get; init; }

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

    /// <summary>Reads the settings from a sink's configuration.</summary>
    /// <param name="sink">The sink's settings.</param>
    /// <exception cref="ConfigurationException">A value is missing, of the wrong type or impossible.</exception>
    public static SplunkSettings Create(SinkSettings sink)
    {
        ArgumentNullException.ThrowIfNull(sink);
        var read = new SettingReader(sink.Config, "ogrt.sinks." + sink.Name);
        bool acknowledgement = read.Flag("acknowledgement");
        var settings = new SplunkSettings
        {
            // A load balancer that ties a client to an indexer does so by a cookie; another indexer knows nothing of our requests.
            Http = HttpTargetSettings.CreateWith(sink, HttpAuthentication.Splunk, "token-file") with { UseCookies = acknowledgement },
            RequestTimeout = read.Duration("request-timeout", TimeSpan.FromMilliseconds(1), TimeSpan.FromDays(1)),
            Index = read.OptionalText("index"),
            Host = read.OptionalText("host"),
            Source = read.OptionalText("source"),
            SourceType = read.OptionalText("sourcetype"),
            Acknowledgement = acknowledgement,
            AcknowledgementTimeout = read.Duration("acknowledgement-timeout", TimeSpan.FromMilliseconds(1), TimeSpan.FromDays(1)),
            PollMin = read.Duration("acknowledgement-poll-min", TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1)),
            PollMax = read.Duration("acknowledgement-poll-max", TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1)),
            Processes = read.Flag("processes"),
            ProcessEnds = read.Flag("process-ends"),
            JobEvents = read.Flag("job-events"),
            JobRecords = read.Flag("job-records"),
            JobTrees = read.Flag("job-trees"),
        };
        if (settings.PollMax < settings.PollMin)
            throw read.Fail("acknowledgement-poll-max", "is shorter than acknowledgement-poll-min");
        TimeSpan whole = settings.RequestTimeout + (acknowledgement ? settings.AcknowledgementTimeout : TimeSpan.Zero);
        if (sink.SendTimeout < whole)
        {
            throw read.Fail("send-timeout", acknowledgement
                ? $"is {sink.SendTimeout}; a request and its acknowledgement may take {whole} (request-timeout and acknowledgement-timeout)"
                : $"is {sink.SendTimeout}; a request may take {whole} (request-timeout)");
        }
        return settings;
    }
}
