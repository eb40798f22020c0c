using Akka.Actor;
using Akka.Cluster.Sharding;
using Akka.Event;
using Akka.Persistence;
using Google.Protobuf;
using Ogrt.Actors.Jobs.Protocol;
using Ogrt.Actors.Watch;
using Ogrt.Journal;
using Ogrt.Wire;
using Ogrt.Wire.Protocol;

namespace Ogrt.Actors.Jobs;

/// <summary>
/// A job in the cluster: applies frames to its tree, saves snapshots, acknowledges what they hold, and writes job records.
/// </summary>
/// <remarks>
/// Life: Recovering (its snapshot is being loaded) → Receiving → Stopping (asked to stop while there is something to save)
/// → gone. It never stops by itself: it asks its shard for passivation, which holds back what comes meanwhile.
/// Exactly once: frames at or below the watermark of their journal are skipped; the watermarks are saved with the tree; a
/// batch whose predecessor has not come is refused, so that a watermark never passes a frame that was not applied.
/// Where several nodes share a store, a life claims its job first and confirms the claim after each save, before it
/// acknowledges. One that another has followed (Fenced) saves and acknowledges nothing more, and goes after a while.
/// </remarks>
internal sealed class JobActor : MeasuredActor, IWithTimers, IWithUnboundedStash
{
    // More than a full window of the largest batches.
    private const int MaxStashed = 4096;
    private const string SnapshotTimer = "snapshot";
    private const string RecordTimer = "record";
    private const string TimeTimer = "time";
    private const string LoadTimer = "load";
    private const string AnswerTimer = "answer";
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(10);

    private readonly string _entityId;
    private readonly string _jobId;
    private readonly string _persistenceId;
    private readonly JobContext _context;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly JobWatermarks _watermarks = new();
    private Job _job;
    private long _epoch = -1;
    private long _sequence;
    private bool _dirty;
    private bool _saving;
    private int _failures;
    private bool _recording;
    private DateTimeOffset _lastRecord;
    private DateTimeOffset _lastActivity;
    private bool _passivating;
    private bool _isHandedOff;
    private bool _lastRecordTried;
    private bool _treeFailed;
    private int _stashed;
    private JobState _watchedState;
    private JobGlance? _glance;

    public JobActor(string entityId, JobContext context)
        : base(context.Metrics.Actors[ActorKind.Job])
    {
        _entityId = entityId;
        _jobId = JobName.JobIdOf(entityId);
        _context = context;
        _persistenceId = context.Claims.PersistenceIdOf(entityId);
        _job = new Job(context.Settings.Limits);
    }

    /// <summary>Set by Akka.</summary>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>Set by Akka.</summary>
    public IStash Stash { get; set; } = null!;

    private JobSettings Settings => _context.Settings;

    private JobMetrics Metrics => _context.Metrics;

    public static Props Props(string entityId, JobContext context) =>
        Akka.Actor.Props.Create<JobActor>(entityId, context);

    protected override void PreStart()
    {
        _lastActivity = DateTimeOffset.UtcNow;
        Become(Recovering);
        Recover();
    }

    protected override void PostStop()
    {
        if (_glance is not null)
            Metrics.Remove(_entityId, _glance);
        if (_isHandedOff && _job.Current.State != JobState.JobEnded)
            Context.System.EventStream.Publish(new JobHandedOff(_entityId));
    }

    protected override void OnReceive(object message) => Receiving(message);

    /// <summary>Claims the job, and only then loads its snapshot: what another life has acknowledged before is in it.</summary>
    private void Recover()
    {
        if (_epoch < 0)
        {
            ClaimAsync().PipeTo(Self);
        }
        else
        {
            _context.SnapshotStore.Tell(new LoadSnapshot(_persistenceId, SnapshotSelectionCriteria.Latest, long.MaxValue), Self);
            Timers.StartSingleTimer(LoadTimer, new LoadSnapshotFailed(_context.NoAnswer), Settings.SnapshotAnswerTimeout);
        }

        async Task<object> ClaimAsync()
        {
            try
            {
                return new Claimed(await _context.Claims.ClaimAsync(_entityId).ConfigureAwait(false));
            }
            catch (Exception e)
            {
                return new ClaimFailed(e);
            }
        }
    }

    private void Recovering(object message)
    {
        switch (message)
        {
            case Claimed claimed:
                _epoch = claimed.Epoch;
                Recover();
                break;
            case ClaimFailed failed:
                OnStoreFailed(failed.Cause, "claimed");
                Timers.StartSingleTimer(LoadTimer, Tick.Load, RetryDelay());
                break;
            case LoadSnapshotResult { Snapshot: { } newer } when _epoch > 0 && JobEpoch.OfSequence(newer.Metadata.SequenceNr) > _epoch:
                Fence();
                break;
            case LoadSnapshotResult loaded:
                Timers.Cancel(LoadTimer);
                _sequence = JobEpoch.Before(_epoch);
                if (loaded.Snapshot is { } selected)
                    Restore(selected);
                _failures = 0;
                Metrics.NoteStoreWorks();
                Become(Receiving);
                Show(0);
                WatchTime();
                Stash.UnstashAll();
                break;
            case LoadSnapshotFailed failed:
                // To begin without the snapshot would be to lose it: what was acknowledged is nowhere else.
                OnStoreFailed(failed.Cause, "loaded");
                Timers.StartSingleTimer(LoadTimer, Tick.Load, RetryDelay());
                break;
            case Tick.Load:
                Recover();
                break;
            case JobStop:
                _isHandedOff = true;
                Context.Stop(Self);
                break;
            default:
                // The feed sends again what is not acknowledged.
                if (_stashed++ < MaxStashed)
                    Stash.Stash();
                break;
        }
    }

    private void Receiving(object message)
    {
        switch (message)
        {
            case JobFrames { Lease.IsReleased: true }:
                // The same message a second time: its bytes are others by now.
                break;
            case JobFrames frames:
                try
                {
                    OnFrames(frames);
                }
                finally
                {
                    frames.Lease?.Release();
                }
                break;
            case SaveJob:
                Save();
                break;
            case Tick.Snapshot:
                Save();
                break;
            case SaveSnapshotSuccess saved:
                if (IsAwaited(saved.Metadata))
                    Confirm(saved.Metadata);
                break;
            case Confirmed { Holds: false }:
                Fence();
                break;
            case Confirmed confirmed:
                if (IsAwaited(confirmed.Metadata))
                    OnSaved(confirmed.Metadata);
                break;
            case SaveSnapshotFailure failed:
                if (!IsAwaited(failed.Metadata))
                    break;
                OnSaveFailed(failed.Cause);
                Timers.StartSingleTimer(SnapshotTimer, Tick.Snapshot, RetryDelay());
                break;
            case Tick.Record:
                WriteRecord();
                break;
            case RecordWritten written:
                OnRecordWritten(written);
                break;
            case Tick.Time:
                WatchTime();
                break;
            case WakeJob:
                break;
            case GetJob:
                Reply();
                // Nobody is to fill the memory by asking for jobs that do not exist.
                if (_job.IsEmpty)
                    Context.Parent.Tell(new Passivate(JobStop.Instance));
                break;
            case JobStop:
                _isHandedOff = !_passivating && !_job.IsEmpty;
                _passivating = false;
                Become(Stopping);
                StopOrSave();
                break;
            case DeleteSnapshotsSuccess or DeleteSnapshotsFailure:
            // Answers to what was asked twice, and ticks of what has been answered.
            case LoadSnapshotResult or LoadSnapshotFailed or Tick.Load:
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void Stopping(object message)
    {
        switch (message)
        {
            case SaveSnapshotSuccess saved:
                if (IsAwaited(saved.Metadata))
                    Confirm(saved.Metadata);
                break;
            case Confirmed { Holds: false }:
                Fence();
                Context.Stop(Self);
                break;
            case Confirmed confirmed:
                if (!IsAwaited(confirmed.Metadata))
                    break;
                OnSaved(confirmed.Metadata);
                StopOrSave();
                break;
            case SaveSnapshotFailure failed:
                if (!IsAwaited(failed.Metadata))
                    break;
                OnSaveFailed(failed.Cause);
                // What is lost with this actor was not acknowledged: the feed sends it to the next one.
                if (_failures >= 3)
                    Context.Stop(Self);
                else
                    Timers.StartSingleTimer(SnapshotTimer, Tick.Snapshot, FirstRetry);
                break;
            case Tick.Snapshot:
                StopOrSave();
                break;
            case RecordWritten written:
                OnRecordWritten(written);
                StopOrSave();
                break;
            case GetJob:
                Reply();
                break;
            default:
                // Frames that come now are sent again when this job lives elsewhere.
                break;
        }
    }

    /// <summary>Another node has claimed the job: nothing is acknowledged any more, so that every feed sends what it has to the
    /// life that counts.</summary>
    private void Fence()
    {
        Metrics.CountFenced();
        _log.Warning("Job {JobId} lives on another node as well, which has claimed it after this one: what was not acknowledged here is sent again", _jobId);
        Timers.CancelAll();
        _saving = false;
        Become(Fenced);
        Stash.UnstashAll();
        // Not at once: two sides that both host a job would take it from each other all the time.
        Timers.StartSingleTimer(TimeTimer, Tick.Time, Settings.SnapshotInterval);
    }

    private void Fenced(object message)
    {
        switch (message)
        {
            case JobFrames frames:
                frames.Lease?.Release();
                break;
            case Tick.Time:
                Context.Parent.Tell(new Passivate(JobStop.Instance));
                break;
            case JobStop:
                Context.Stop(Self);
                break;
            default:
                break;
        }
    }

    private void StopOrSave()
    {
        if (_dirty)
            Save();
        else if (!_saving && !_recording && !WriteLastRecord())
            Context.Stop(Self);
    }

    /// <summary>What is new since the last record goes out with this actor rather than with the next one, which a server that
    /// stays down would put off; but not where it would have to wait.</summary>
    private bool WriteLastRecord()
    {
        if (_lastRecordTried || _context.Journal.Statistics.FullSince is not null || !_job.Incarnations.Any(i => i.NeedsRecord))
            return false;
        _lastRecordTried = true;
        WriteRecord();
        return true;
    }

    private void OnFrames(JobFrames frames)
    {
        long applied = _watermarks.Applied(frames.Origin);
        if (frames.Previous > applied)
        {
            Metrics.CountRefused();
            Sender.Tell(new JobFramesRefused(_entityId, frames.Origin, applied));
            return;
        }
        if (frames.Next <= _watermarks.Saved(frames.Origin))
        {
            Metrics.CountFrames(0, 0, frames.Count);
            Sender.Tell(new JobFramesSaved(_entityId, frames.Origin, _watermarks.Saved(frames.Origin)));
            return;
        }
        _watermarks.AcknowledgeTo(frames.Origin, Sender);
        if (frames.Next <= applied)
        {
            Metrics.CountFrames(0, 0, frames.Count);
        }
        else
        {
            Apply(frames, applied);
            _watermarks.SetApplied(frames.Origin, frames.Next);
            _dirty = true;
        }
        if (_watermarks.MustReport(frames.Origin, frames.Records.Length) || frames.Count == 0)
            Sender.Tell(new JobFramesApplied(_entityId, frames.Origin, Math.Max(applied, frames.Next)));
        // Passivation was asked for and is on its way: what came before it is saved on JobStop.
        if (_dirty && !_saving && !Timers.IsTimerActive(SnapshotTimer))
            Timers.StartSingleTimer(SnapshotTimer, Tick.Snapshot, Settings.SnapshotInterval);
    }

    private void Apply(JobFrames frames, long watermark)
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        long nowNs = now.ToUnixTimeMilliseconds() * 1_000_000;
        int applied = 0, duplicates = 0, skipped = 0;
        ReadOnlySpan<byte> records = frames.Records.Span;
        while (JobFrameCodec.TryRead(ref records, out byte kind, out long offset, out ReadOnlySpan<byte> frame))
        {
            if (offset < watermark)
            {
                skipped++;
                continue;
            }
            switch (ApplyFrame(frame, kind, nowNs, out string reason))
            {
                case FrameOutcome.Applied:
                    applied++;
                    break;
                case FrameOutcome.Duplicate:
                    duplicates++;
                    break;
                default:
                    Metrics.CountRejected(reason);
                    break;
            }
        }
        Metrics.CountFrames(applied, duplicates, skipped);
        if (applied == 0)
            return;
        _lastActivity = now;
        Show(applied);
        if (_job.Current.State != _watchedState)
            WatchTime();
        if (!_recording && !Timers.IsTimerActive(RecordTimer))
            ScheduleRecord(now);
    }

    /// <summary>A frame that the tree fails on is counted and left out: if the actor failed with it, the same frame would come
    /// again for ever, and everything behind it in the journal would wait. It is in every sink all the same.</summary>
    private FrameOutcome ApplyFrame(ReadOnlySpan<byte> frame, byte kind, long nowNs, out string reason)
    {
        try
        {
            return _job.Apply(frame, RecordKind.LayoutOf(kind), nowNs, out reason);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            if (!_treeFailed)
                _log.Error(e, "The tree of job {JobId} failed on a frame, which is left out of it; further ones are only counted", _jobId);
            _treeFailed = true;
            reason = "tree_failed";
            return FrameOutcome.Rejected;
        }
    }

    private void Save()
    {
        if (!_dirty || _saving)
            return;
        Timers.Cancel(SnapshotTimer);
        var snapshot = new JobSnapshot { EntityId = _entityId };
        _job.SaveTo(snapshot);
        _watermarks.SaveTo(snapshot);
        _saving = true;
        _dirty = false;
        var metadata = new SnapshotMetadata(_persistenceId, ++_sequence, DateTime.UtcNow);
        _context.SnapshotStore.Tell(new SaveSnapshot(metadata, snapshot), Self);
        Timers.StartSingleTimer(AnswerTimer, new SaveSnapshotFailure(metadata, _context.NoAnswer), Settings.SnapshotAnswerTimeout);
    }

    /// <summary>Whether an answer is to the save that is under way. One that comes after it was given up says nothing of what is
    /// being saved now.</summary>
    private bool IsAwaited(SnapshotMetadata metadata) => _saving && metadata.SequenceNr == _sequence;

    /// <summary>Asks whether the job is still this life's, now that the snapshot is there.</summary>
    private void Confirm(SnapshotMetadata metadata)
    {
        bool isOver = _job.Current.State == JobState.JobEnded && !_dirty && !_job.Incarnations.Any(i => i.NeedsRecord);
        ValueTask<bool> confirmed = _context.Claims.ConfirmAsync(_entityId, _epoch, isOver);
        if (confirmed.IsCompletedSuccessfully)
            Self.Tell(new Confirmed(metadata, confirmed.Result));
        else
            ConfirmAsync().PipeTo(Self);

        async Task<object> ConfirmAsync()
        {
            try
            {
                return new Confirmed(metadata, await confirmed.ConfigureAwait(false));
            }
            catch (Exception e)
            {
                // Not known is not confirmed: the next save asks again.
                return new SaveSnapshotFailure(metadata, e);
            }
        }
    }

    private void OnSaved(SnapshotMetadata metadata)
    {
        _saving = false;
        _failures = 0;
        Timers.Cancel(AnswerTimer);
        Metrics.CountSnapshot();
        _watermarks.Acknowledge((feed, origin, offset) => feed.Tell(new JobFramesSaved(_entityId, origin, offset), Self));
        // Those of earlier lives are kept until this one has enough of its own.
        if (JobEpoch.CountOf(metadata.SequenceNr) > Settings.SnapshotsKept)
            _context.SnapshotStore.Tell(new DeleteSnapshots(_persistenceId, new SnapshotSelectionCriteria(metadata.SequenceNr - Settings.SnapshotsKept)), Self);
        if (_dirty)
            Timers.StartSingleTimer(SnapshotTimer, Tick.Snapshot, Settings.SnapshotInterval);
        else if (_passivating)
            Passivate();
    }

    private void OnSaveFailed(Exception cause)
    {
        _saving = false;
        _dirty = true;
        Timers.Cancel(AnswerTimer);
        _watermarks.NotSaved();
        OnStoreFailed(cause, "saved");
    }

    /// <summary>Counts a failure of the store. Of an outage, in which all jobs fail again and again, one is told.</summary>
    private void OnStoreFailed(Exception cause, string what)
    {
        _failures++;
        if (Metrics.CountSnapshotFailure())
            _log.Error(cause, "The snapshot of job {JobId} cannot be {What}; trying again. Further failures are only counted until the store works", _jobId, what);
    }

    private void Restore(SelectedSnapshot selected)
    {
        _sequence = Math.Max(_sequence, selected.Metadata.SequenceNr);
        var snapshot = (JobSnapshot)selected.Snapshot;
        try
        {
            _job = Job.Restore(Settings.Limits, snapshot);
        }
        catch (InvalidDataException e)
        {
            // The bytes are those that were saved, so no repetition helps; and a job that never starts would hold up all.
            Metrics.CountSnapshotFailure();
            _log.Error(e, "The snapshot of job {JobId} makes no sense: its tree begins anew", _jobId);
        }
        _watermarks.Restore(snapshot);
        if (_job.Incarnations.Any(incarnation => incarnation.NeedsRecord))
            ScheduleRecord(DateTimeOffset.UtcNow);
        // Time goes on from now: a server that was down has no right to declare a job dead.
        _lastActivity = DateTimeOffset.UtcNow;
    }

    private void ScheduleRecord(DateTimeOffset now)
    {
        TimeSpan since = now - _lastRecord;
        TimeSpan delay = since >= Settings.RecordInterval || _job.Current.State == JobState.JobEnded
            ? Settings.RecordDelay
            : Settings.RecordInterval - since;
        Timers.StartSingleTimer(RecordTimer, Tick.Record, delay);
    }

    private void WriteRecord()
    {
        if (_recording || _job.Incarnations.FirstOrDefault(i => i.NeedsRecord) is not { } incarnation)
            return;
        Timers.Cancel(RecordTimer);
        _lastRecord = DateTimeOffset.UtcNow;
        incarnation.NextVersion(_lastRecord, Math.Max(_epoch, 0));
        incarnation.NeedsRecord = false;
        _dirty = true;
        _recording = true;
        JobRecord record = ToRecord(incarnation);
        JournalBatch batch = _context.Journal.CreateBatch();
        batch.Add(RecordKind.JobRecord, _lastRecord.ToUnixTimeMilliseconds() * 1_000_000, default, record.ToByteArray());
        // Waits where the journal is full; snapshots and acknowledgements, which make room in it, go on meanwhile.
        AppendAsync(batch).PipeTo(Self, Self);

        async Task<RecordWritten> AppendAsync(JournalBatch toAppend)
        {
            try
            {
                await _context.Journal.AppendAsync(toAppend).ConfigureAwait(false);
                // At once, not when its turn in the mailbox comes: the journal's count of records is compared with this one.
                Metrics.CountRecord();
                return new RecordWritten(incarnation.Number, null);
            }
            catch (Exception e)
            {
                return new RecordWritten(incarnation.Number, e);
            }
        }
    }

    private void OnRecordWritten(RecordWritten written)
    {
        _recording = false;
        if (written.Error is not null)
        {
            Metrics.CountRecordFailure();
            _log.Warning(written.Error, "A record of job {JobId} cannot be written; trying again", _jobId);
            if (_job.Incarnations.FirstOrDefault(i => i.Number == written.Incarnation) is { } incarnation)
                incarnation.NeedsRecord = true;
        }
        if (_job.Incarnations.Any(i => i.NeedsRecord))
            ScheduleRecord(DateTimeOffset.UtcNow);
        else if (_passivating)
            Passivate();
    }

    private void Reply() =>
        Sender.Tell(new JobReply(_entityId, _job.IsEmpty ? default : ToRecord(_job.Current).ToByteArray()));

    private JobRecord ToRecord(JobIncarnation incarnation)
    {
        int nodes = Settings.Limits.MaxNodes;
        int limit = Math.Min(JobRecordLimits.MaxBytes, _context.Journal.MaxRecordSize);
        while (true)
        {
            JobRecord record = incarnation.ToRecord(Settings.Cluster, _jobId, nodes);
            if (nodes == 0 || record.CalculateSize() <= limit)
                return record;
            nodes /= 2;
        }
    }

    /// <summary>Moves on with time: quiet, ended, gone.</summary>
    private void WatchTime()
    {
        TimeSpan idle = DateTimeOffset.UtcNow - _lastActivity;
        JobIncarnation current = _job.Current;
        if (current.State == JobState.JobRunning && idle >= Settings.QuietAfter)
            current.Enter(JobState.JobQuiet);
        if (current.State is JobState.JobRunning or JobState.JobQuiet && idle >= Settings.IdleTimeout)
            current.Enter(JobState.JobEnded);
        if (current.NeedsRecord)
            WriteRecord();

        if (_watchedState != current.State)
            _glance?.Show(current, 0);
        _watchedState = current.State;
        TimeSpan next = _job.IsEmpty ? Settings.Linger : current.State switch
        {
            JobState.JobRunning => Settings.QuietAfter,
            JobState.JobQuiet => Settings.IdleTimeout,
            _ => Settings.Linger,
        };
        if (idle >= next && (_job.IsEmpty || current.State == JobState.JobEnded))
        {
            _passivating = true;
            Passivate();
            next = idle + Settings.Linger;
        }
        Timers.StartSingleTimer(TimeTimer, Tick.Time, Max(next - idle, TimeSpan.FromMilliseconds(50)));
    }

    /// <summary>Asks to be stopped, once there is nothing left to save or to write.</summary>
    private void Passivate()
    {
        if (DateTimeOffset.UtcNow - _lastActivity < Settings.Linger)
        {
            _passivating = false;
            return;
        }
        if (_dirty)
            Save();
        else if (!_saving && !_recording)
            Context.Parent.Tell(new Passivate(JobStop.Instance));
    }

    private void Show(int frames) => (_glance ??= Metrics.Add(_entityId)).Show(_job.Current, frames);

    private TimeSpan RetryDelay()
    {
        double delay = FirstRetry.TotalMilliseconds * Math.Pow(2, Math.Clamp(_failures - 1, 0, 10));
        return TimeSpan.FromMilliseconds(Math.Min(delay, LongestRetry.TotalMilliseconds));
    }

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;

    private enum Tick
    {
        Load,
        Snapshot,
        Record,
        Time,
    }

    private sealed record Claimed(long Epoch) : INoSerializationVerificationNeeded, IDeadLetterSuppression;

    private sealed record ClaimFailed(Exception Cause) : INoSerializationVerificationNeeded, IDeadLetterSuppression;

    private sealed record Confirmed(SnapshotMetadata Metadata, bool Holds) : INoSerializationVerificationNeeded, IDeadLetterSuppression;

    private sealed record RecordWritten(int Incarnation, Exception? Error)
        : INoSerializationVerificationNeeded, IDeadLetterSuppression;
}
