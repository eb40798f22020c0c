using Ogrt.Actors.Jobs.Protocol;
using Ogrt.Wire;
using Ogrt.Wire.Protocol;

namespace Ogrt.Actors.Jobs;

/// <summary>
/// A job id with its incarnations, the present one and the one before: a frame that comes late goes where its time says.
/// </summary>
public sealed class Job
{
    /// <summary>
    /// How long after a JobEnd a process may start and still belong to what has ended: clocks of hosts differ, and a JobEnd
    /// has whole seconds. A JobStart is exact and needs no such margin.
    /// </summary>
    public static readonly TimeSpan EndMargin = TimeSpan.FromSeconds(30);

    private readonly JobLimits _limits;
    private JobIncarnation? _previous;

    /// <summary>A job of which nothing is known yet.</summary>
    public Job(JobLimits limits)
        : this(limits, null, new JobIncarnation(1, new JobTree(limits)))
    {
    }

    private Job(JobLimits limits, JobIncarnation? previous, JobIncarnation current)
    {
        _limits = limits;
        _previous = previous;
        Current = current;
    }

    /// <summary>The newest incarnation.</summary>
    public JobIncarnation Current { get; private set; }

    /// <summary>The incarnations that are known, the older one first.</summary>
    public IEnumerable<JobIncarnation> Incarnations => _previous is null ? [Current] : [_previous, Current];

    /// <summary>Whether nothing has come yet.</summary>
    public bool IsEmpty => Current is { Number: 1, LastChangeNs: 0 };

    /// <summary>Applies a frame, header included.</summary>
    /// <param name="frame">A frame that has been checked when it was taken in; a bad one is rejected all the same.</param>
    /// <param name="layout">The layout of the listener that took it in.</param>
    /// <param name="nowNs">The server's clock, in nanoseconds since 1970.</param>
    /// <param name="reason">Why it was rejected, as a label of a metric; else empty.</param>
    public FrameOutcome Apply(ReadOnlySpan<byte> frame, WireLayout layout, long nowNs, out string reason)
    {
        reason = "";
        WireError error = WireError.Truncated;
        if (frame.Length >= FrameHeader.Size)
        {
            ReadOnlySpan<byte> payload = frame[FrameHeader.Size..];
            switch (FrameHeader.Read(frame).Type)
            {
                case (uint)FrameType.ProcessInfo:
                    error = ProcessInfoView.TryParse(payload, layout, out ProcessInfoView process);
                    if (error == WireError.None)
                        return Apply(process, nowNs, out reason);
                    break;
                case (uint)FrameType.ProcessEnd:
                    error = ProcessEndView.TryParse(payload, layout, out ProcessEndView end);
                    if (error == WireError.None)
                        return Apply(end, nowNs, out reason);
                    break;
                case (uint)FrameType.JobStart:
                    error = JobStartView.TryParse(payload, layout, out JobStartView jobStart);
                    if (error == WireError.None)
                        return Apply(jobStart, nowNs);
                    break;
                case (uint)FrameType.JobEnd:
                    error = JobEndView.TryParse(payload, layout, out JobEndView jobEnd);
                    if (error == WireError.None)
                        return Apply(jobEnd, nowNs);
                    break;
                default:
                    error = WireError.UnknownType;
                    break;
            }
        }
        reason = WireErrors.Name(error);
        return FrameOutcome.Rejected;
    }

    private FrameOutcome Apply(in ProcessInfoView process, long nowNs, out string reason)
    {
        reason = "";
        if (process.Pid <= 0)
        {
            reason = "no_pid";
            return FrameOutcome.Rejected;
        }
        long time = process.TimeNs;
        JobIncarnation incarnation = IsOfPrevious(time) ? _previous! : Current;
        if (incarnation == Current && Current.Tree.EndTimeNs is { } end && time > end + (long)EndMargin.TotalNanoseconds)
            incarnation = Open();
        return Note(incarnation, incarnation.Tree.Apply(process), nowNs);
    }

    private FrameOutcome Apply(in ProcessEndView end, long nowNs, out string reason)
    {
        reason = "";
        if (end.Pid <= 0)
        {
            reason = "no_pid";
            return FrameOutcome.Rejected;
        }
        bool ofPrevious = _previous is not null && !Current.Tree.Knows(end)
            && (_previous.Tree.Knows(end) || IsOfPrevious(end.EndTimeNs));
        JobIncarnation incarnation = ofPrevious ? _previous! : Current;
        return Note(incarnation, incarnation.Tree.Apply(end), nowNs);
    }

    private FrameOutcome Apply(in JobStartView start, long nowNs)
    {
        JobIncarnation incarnation = StartedAt(start.StartTimeNs, start.Job);
        TreeChange change = incarnation.Tree.ApplyJobStart(start.StartTimeNs);
        // The time may be known from the end already; what else the start says is not.
        bool isNews = change != TreeChange.Duplicate || !incarnation.Scheduler.HasStart;
        if (isNews && incarnation.Scheduler.Take(start))
            change = TreeChange.Changed;
        return Note(incarnation, change, nowNs);
    }

    private FrameOutcome Apply(in JobEndView end, long nowNs)
    {
        // An end that says when its run started finds its run also when the JobStart never came.
        JobIncarnation incarnation = end.HasStartTimeNs ? StartedAt(end.StartTimeNs, end.Job) : EndedAt(end.EndTimeNs);
        TreeChange change = incarnation.Tree.ApplyJobEnd(end.EndTimeNs);
        if (change != TreeChange.Duplicate)
        {
            incarnation.Scheduler.Take(end);
            if (end.HasStartTimeNs)
                incarnation.Tree.ApplyJobStart(end.StartTimeNs);
        }
        FrameOutcome outcome = Note(incarnation, change, nowNs);
        incarnation.Enter(JobState.JobEnded);
        return outcome;
    }

    private JobIncarnation StartedAt(long startNs, in JobFieldsView job)
    {
        // A job that is started again after its node has died has had no JobEnd.
        bool laterRun = job.HasRestarts && job.Restarts > Current.Scheduler.Restarts && startNs >= Current.Tree.StartTimeNs;
        if (laterRun)
        {
            Current.Enter(JobState.JobEnded);
            return Open();
        }
        if (_previous is not null && startNs < (_previous.Tree.EndTimeNs ?? Current.Tree.StartTimeNs))
            return _previous;
        return Current.Tree.EndTimeNs is { } end && startNs >= end && startNs != Current.Tree.StartTimeNs ? Open() : Current;
    }

    private JobIncarnation EndedAt(long endNs) =>
        _previous is not null && endNs < (Current.Tree.StartTimeNs ?? Current.Tree.FirstTimeNs) ? _previous : Current;

    private bool IsOfPrevious(long timeNs) =>
        _previous is not null && timeNs != 0
        && timeNs < (Current.Tree.StartTimeNs ?? _previous.Tree.EndTimeNs + (long)EndMargin.TotalNanoseconds);

    private JobIncarnation Open()
    {
        // What comes later for the incarnation that is dropped here goes to the one before the current.
        _previous = Current;
        return Current = new JobIncarnation(_previous.Number + 1, new JobTree(_limits));
    }

    private FrameOutcome Note(JobIncarnation incarnation, TreeChange change, long nowNs)
    {
        // A repetition is no sign of life: it may be a frame that is sent again after a restart.
        if (change == TreeChange.Duplicate)
            return FrameOutcome.Duplicate;
        incarnation.LastChangeNs = nowNs;
        incarnation.NeedsRecord = true;
        // A run that another one has followed is over, also where nobody said so.
        incarnation.Enter(incarnation == Current && incarnation.Tree.EndTimeNs is null ? JobState.JobRunning : JobState.JobEnded);
        return FrameOutcome.Applied;
    }

    internal void SaveTo(JobSnapshot snapshot)
    {
        foreach (JobIncarnation incarnation in Incarnations)
            snapshot.Incarnations.Add(incarnation.Save());
    }

    internal static Job Restore(JobLimits limits, JobSnapshot snapshot)
    {
        JobIncarnation[] incarnations = [.. snapshot.Incarnations.Select(state => JobIncarnation.Restore(limits, state))];
        return incarnations.Length == 0 ? new Job(limits)
            : new Job(limits, incarnations.Length > 1 ? incarnations[^2] : null, incarnations[^1]);
    }
}
