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
                        return ApplyJobStart(jobStart.StartTimeNs, nowNs);
                    break;
                case (uint)FrameType.JobEnd:
                    error = JobEndView.TryParse(payload, layout, out JobEndView jobEnd);
                    if (error == WireError.None)
                        return ApplyJobEnd(jobEnd.EndTimeNs, nowNs);
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

    private FrameOutcome ApplyJobStart(long timeNs, long nowNs)
    {
        JobIncarnation incarnation = Current;
        if (_previous?.Tree.EndTimeNs is { } previousEnd && timeNs < previousEnd)
            incarnation = _previous;
        else if (Current.Tree.EndTimeNs is { } end && timeNs >= end && timeNs != Current.Tree.StartTimeNs)
            incarnation = Open();
        return Note(incarnation, incarnation.Tree.ApplyJobStart(timeNs), nowNs);
    }

    private FrameOutcome ApplyJobEnd(long timeNs, long nowNs)
    {
        JobIncarnation incarnation = _previous is not null && timeNs < (Current.Tree.StartTimeNs ?? Current.Tree.FirstTimeNs)
            ? _previous
            : Current;
        FrameOutcome outcome = Note(incarnation, incarnation.Tree.ApplyJobEnd(timeNs), nowNs);
        incarnation.Enter(JobState.JobEnded);
        return outcome;
    }

    private bool IsOfPrevious(long timeNs) =>
        _previous?.Tree.EndTimeNs is { } end && timeNs != 0
        && timeNs < (Current.Tree.StartTimeNs ?? end + (long)EndMargin.TotalNanoseconds);

    private JobIncarnation Open()
    {
        // What comes later for the incarnation that is dropped here goes to the one before the current.
        _previous = Current;
        return Current = new JobIncarnation(_previous.Number + 1, new JobTree(_limits));
    }

    private static FrameOutcome Note(JobIncarnation incarnation, TreeChange change, long nowNs)
    {
        // A repetition is no sign of life: it may be a frame that is sent again after a restart.
        if (change == TreeChange.Duplicate)
            return FrameOutcome.Duplicate;
        incarnation.LastChangeNs = nowNs;
        incarnation.NeedsRecord = true;
        incarnation.Enter(incarnation.Tree.EndTimeNs is null ? JobState.JobRunning : JobState.JobEnded);
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
