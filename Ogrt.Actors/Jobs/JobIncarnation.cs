using Ogrt.Actors.Jobs.Protocol;
using Ogrt.Wire.Protocol;

namespace Ogrt.Actors.Jobs;

/// <summary>One run of a job id: schedulers requeue jobs and use ids again.</summary>
public sealed class JobIncarnation
{
    internal JobIncarnation(int number, JobTree tree)
    {
        Number = number;
        Tree = tree;
    }

    /// <summary>1 for the first.</summary>
    public int Number { get; }

    /// <summary>Its processes.</summary>
    public JobTree Tree { get; }

    /// <summary>What the scheduler says of it.</summary>
    internal SchedulerFacts Scheduler { get; } = new();

    /// <summary>The version of the last record that was written; 0 before the first.</summary>
    public long Version { get; private set; }

    /// <summary>When a frame last changed it, by the server's clock, in nanoseconds since 1970.</summary>
    public long LastChangeNs { get; internal set; }

    /// <summary>Changed since the last record.</summary>
    public bool NeedsRecord { get; internal set; }

    /// <summary>What its last sign of life makes of it.</summary>
    public JobState State { get; private set; } = JobState.JobRunning;

    /// <summary>Goes on to another state, which the next record tells.</summary>
    public void Enter(JobState state)
    {
        if (State == state)
            return;
        State = state;
        NeedsRecord = true;
    }

    /// <summary>
    /// The version of the next record: larger than any that was given before, also when the last ones were forgotten with
    /// an unsaved snapshot, because it follows the clock; and larger than any of an earlier epoch, whatever the clock there.
    /// </summary>
    /// <param name="now">The server's clock.</param>
    /// <param name="epoch">The epoch of the job's claim; 0 where jobs are not claimed.</param>
    public long NextVersion(DateTimeOffset now, long epoch = 0) => Version = Math.Max(Version + 1, JobEpoch.Version(epoch, now));

    /// <summary>The job as one record, of at most so many nodes.</summary>
    public JobRecord ToRecord(string cluster, string jobId, int maxNodes)
    {
        var record = new JobRecord
        {
            Cluster = cluster,
            JobId = Google.Protobuf.ByteString.CopyFromUtf8(jobId),
            Incarnation = (uint)Number,
            Version = (ulong)Version,
            State = State,
        };
        Tree.WriteTo(record, maxNodes);
        if (Scheduler.Together() is { } scheduler)
        {
            record.SchedulerJob = scheduler;
            // What root says of the user, not what a process has in its environment.
            if (scheduler.HasUsername)
                record.User = scheduler.Username;
        }
        // A job without a JobEnd ended with its last sign of life.
        if (State == JobState.JobEnded && !record.HasEndTimeNs)
            record.EndTimeNs = Tree.LastTimeNs;
        return record;
    }

    internal IncarnationState Save()
    {
        var state = new IncarnationState
        {
            Number = (uint)Number,
            Version = (ulong)Version,
            LastChangeNs = LastChangeNs,
            State = (uint)State,
            NeedsRecord = NeedsRecord,
            Tree = Tree.Save(),
        };
        Scheduler.SaveTo(state);
        return state;
    }

    internal static JobIncarnation Restore(JobLimits limits, IncarnationState state)
    {
        var incarnation = new JobIncarnation((int)state.Number, JobTree.Restore(limits, state.Tree))
        {
            Version = (long)state.Version,
            LastChangeNs = state.LastChangeNs,
            State = (JobState)state.State,
            NeedsRecord = state.NeedsRecord,
        };
        incarnation.Scheduler.RestoreFrom(state);
        return incarnation;
    }
}
