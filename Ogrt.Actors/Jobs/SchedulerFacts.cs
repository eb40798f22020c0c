using Google.Protobuf;
using Ogrt.Wire;
using Ogrt.Wire.Protocol;

namespace Ogrt.Actors.Jobs;

/// <summary>
/// What the scheduler has said of a job incarnation, in bounded memory. Of several starts the earliest counts and of several
/// ends the latest, whatever their order; where start and end differ, the end holds.
/// </summary>
internal sealed class SchedulerFacts
{
    /// <summary>Longer texts are cut, in bytes; node lists of large jobs are the longest there are.</summary>
    public const int MaxText = 4096;

    private SchedulerJob? _start;
    private SchedulerJob? _end;

    /// <summary>How often the job had been started again before this run; null where nobody said.</summary>
    public uint? Restarts => _end is { HasRestarts: true } ? _end.Restarts : _start is { HasRestarts: true } ? _start.Restarts : null;

    /// <summary>Whether a JobStart has said anything.</summary>
    public bool HasStart => _start is not null;

    /// <summary>Takes what a JobStart says; the tree has found it to be the earliest.</summary>
    /// <returns>Whether it says more than a time.</returns>
    public bool Take(in JobStartView start) => (_start = Of(start.Job)) is not null;

    /// <summary>Takes what a JobEnd says; the tree has found it to be the latest.</summary>
    public void Take(in JobEndView end)
    {
        SchedulerJob? job = Of(end.Job);
        if (end.HasExitCode) (job ??= new SchedulerJob()).ExitCode = end.ExitCode;
        if (end.HasExitSignal) (job ??= new SchedulerJob()).ExitSignal = end.ExitSignal;
        if (end.HasState) (job ??= new SchedulerJob()).State = Text(end.State);
        if (end.HasDerivedExitCode) (job ??= new SchedulerJob()).DerivedExitCode = end.DerivedExitCode;
        _end = job;
    }

    /// <summary>Start and end together; null where neither says more than a time.</summary>
    public SchedulerJob? Together()
    {
        if (_start is null || _end is null) return _start ?? _end;
        SchedulerJob both = _start.Clone();
        both.MergeFrom(_end);
        return both;
    }

    public void SaveTo(Protocol.IncarnationState state)
    {
        if (_start is not null) state.JobStart = _start.ToByteString();
        if (_end is not null) state.JobEnd = _end.ToByteString();
    }

    /// <exception cref="InvalidDataException">The state is damaged.</exception>
    public void RestoreFrom(Protocol.IncarnationState state)
    {
        try
        {
            _start = state.HasJobStart ? SchedulerJob.Parser.ParseFrom(state.JobStart) : null;
            _end = state.HasJobEnd ? SchedulerJob.Parser.ParseFrom(state.JobEnd) : null;
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new InvalidDataException("What a scheduler said of a job was saved and cannot be read.", e);
        }
    }

    private static SchedulerJob? Of(in JobFieldsView from)
    {
        var job = new SchedulerJob();
        if (from.HasUsername) job.Username = Text(from.Username);
        if (from.HasUid) job.Uid = from.Uid;
        if (from.HasGid) job.Gid = from.Gid;
        if (from.HasAccount) job.Account = Text(from.Account);
        if (from.HasPartition) job.Partition = Text(from.Partition);
        if (from.HasJobName) job.JobName = Text(from.JobName);
        if (from.HasNodes) job.Nodes = Text(from.Nodes);
        if (from.HasNodeCount) job.NodeCount = from.NodeCount;
        if (from.HasCluster) job.Cluster = Text(from.Cluster);
        if (from.HasArrayJobId) job.ArrayJobId = Text(from.ArrayJobId);
        if (from.HasArrayTaskId) job.ArrayTaskId = from.ArrayTaskId;
        if (from.HasSubmitTimeNs) job.SubmitTimeNs = from.SubmitTimeNs;
        if (from.HasSubmitHost) job.SubmitHost = Text(from.SubmitHost);
        if (from.HasScheduler) job.Scheduler = Text(from.Scheduler);
        if (from.HasSenderVersion) job.SenderVersion = Text(from.SenderVersion);
        if (from.HasHostname) job.Hostname = Text(from.Hostname);
        if (from.HasRestarts) job.Restarts = from.Restarts;
        if (from.HasCpuCount) job.CpuCount = from.CpuCount;
        if (from.HasTaskCount) job.TaskCount = from.TaskCount;
        return job.CalculateSize() > 0 ? job : null;
    }

    private static ByteString Text(ReadOnlySpan<byte> bytes) => ByteString.CopyFrom(bytes[..Math.Min(bytes.Length, MaxText)]);
}
