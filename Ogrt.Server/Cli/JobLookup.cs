using System.CommandLine;
using Ogrt.Actors.Jobs;
using Ogrt.Server.Configuration;
using Ogrt.Sinks.Local;
using Ogrt.Wire;
using Ogrt.Wire.Protocol;

namespace Ogrt.Server.Cli;

/// <summary>
/// Finds the newest that is known of a job: from the running server, else the record in the store, else built from the
/// frames in the store.
/// </summary>
public sealed class JobLookup(CommandContext context, ParseResult parse, RuntimeSettings settings)
{
    /// <summary>Finds a job.</summary>
    /// <exception cref="CliException">Nobody knows it.</exception>
    public async Task<JobRecord> FindAsync(string jobId, CancellationToken cancel)
    {
        (JobRecord? live, string why) = await ControlClient.GetJobAsync(settings.Server, jobId, cancel);
        if (live is not null)
        {
            context.Say(parse, "From the running server.");
            return live;
        }
        context.Say(parse, $"Not from a server: {why}.");
        using LocalStore store = StoreReader.Open(settings);
        return StoreReader.Reading(settings.StorePath!, () => FromStore(store, jobId)) ?? throw Unknown(jobId);
    }

    /// <summary>The error of a job that nobody knows.</summary>
    public static CliException Unknown(string jobId) => new(
        ExitCode.NoInput, $"There is no job '{jobId}'", "ogrt-server jobs lists the jobs; frames show up a second or two after they were sent.");

    private JobRecord? FromStore(LocalStore store, string jobId)
    {
        if (store.GetJobRecord(jobId) is { } record)
        {
            context.Say(parse, $"From the store {settings.StorePath}.");
            return record;
        }
        if (!store.HasJob(jobId)) return null;
        context.Say(parse, $"From the processes in the store {settings.StorePath}: it has no record of the job yet.");
        return FromFrames(store.GetFrames(jobId), jobId);
    }

    private JobRecord FromFrames(IEnumerable<StoredFrame> frames, string jobId)
    {
        var job = new Job(settings.Jobs.Limits);
        long now = (context.Terminal.Clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;
        foreach (StoredFrame frame in frames) job.Apply(frame.Bytes.Span, frame.Layout, now, out _);
        return job.Current.ToRecord(settings.Server.Cluster, jobId, settings.Jobs.Limits.MaxNodes);
    }
}
