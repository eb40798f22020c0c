using System.Globalization;
using Ogrt.Wire.Protocol;

namespace Ogrt.Server.Cli;

/// <summary>Words for what a job record says.</summary>
public static class JobText
{
    /// <summary>A state as commands show and take it.</summary>
    public static string State(JobState state) => state switch
    {
        JobState.JobRunning => "running",
        JobState.JobQuiet => "quiet",
        JobState.JobEnded => "ended",
        _ => "unknown",
    };

    /// <summary>The states that <c>--state</c> takes.</summary>
    public static IReadOnlyList<string> States { get; } = ["running", "quiet", "ended"];

    /// <summary>When a job began: what the batch system said, or else its first process.</summary>
    public static DateTimeOffset? Start(JobRecord record)
    {
        long start = record.HasStartTimeNs ? record.StartTimeNs : record.FirstTimeNs;
        return start > 0 ? Durations.FromUnixNanoseconds(start) : null;
    }

    /// <summary>How long a job has run, until its end, its last sign of life, or now.</summary>
    public static TimeSpan? Elapsed(JobRecord record, DateTimeOffset now)
    {
        if (Start(record) is not { } start) return null;
        long end = record.HasEndTimeNs ? record.EndTimeNs : record.LastTimeNs;
        DateTimeOffset until = record.State == JobState.JobRunning || end <= 0 ? now : Durations.FromUnixNanoseconds(end);
        return until - start;
    }

    /// <summary>A number with its noun.</summary>
    public static string Plural(ulong count, string noun) => count == 1
        ? $"1 {noun}"
        : string.Create(CultureInfo.InvariantCulture, $"{count} {noun}{(noun.EndsWith('s') ? "es" : "s")}");
}
