using Akka;
using Akka.Actor;
using Akka.Event;
using Akka.Streams;
using Akka.Streams.Dsl;
using Ogrt.Actors.Watch;
using Ogrt.Journal;

namespace Ogrt.Actors.Jobs;

/// <summary>
/// Takes frames from the journal to their jobs, wherever in the cluster those live, and moves the journal's cursor "jobs"
/// over what their snapshots hold.
/// </summary>
/// <remarks>
/// A stream reads and groups (<see cref="JobFeedSource"/>) and hands over one read at a time; the next is asked for while
/// the window has room. So what waits in the mailboxes of region, shards and jobs is bounded by the window too. Frames that
/// were sent are not kept: a job that has lost some is sent them from the journal, by a second stream, while the first waits.
/// </remarks>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001", Justification = "An actor is disposed of in PostStop.")]
internal sealed class JobFeed : MeasuredActor, IWithTimers
{
    /// <summary>Name of the cursor in the journal.</summary>
    public const string CursorName = "jobs";

    private const long AskAgainAfter = 1000;
    private const long LongestBackOff = 16;
    private static readonly TimeSpan CheckInterval = TimeSpan.FromMilliseconds(250);
    private const int RefusalDelay = 50;
    private const int LongestRefusalDelay = 10_000;
    private static readonly TimeSpan RestartDelay = TimeSpan.FromSeconds(1);

    private readonly SegmentedJournal _journal;
    private readonly JobSettings _settings;
    private readonly JobMetrics _metrics;
    private readonly IActorRef _region;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly FeedWindow _window = new();
    private readonly Dictionary<string, long> _wanted = [];
    private readonly ActorMaterializer _materializer = Context.Materializer();
    private JournalReader _reader = null!;
    private UniqueKillSwitch? _stream;
    private IActorRef? _waitingRead;
    private FeedReplay? _replay;
    private IActorRef? _waitingReplay;
    private IActorRef? _stopping;
    private bool _ended;
    private long _askedAllAt;

    public JobFeed(SegmentedJournal journal, JobSettings settings, JobMetrics metrics, IActorRef region)
        : base(metrics.Actors[ActorKind.Feed])
    {
        _journal = journal;
        _settings = settings;
        _metrics = metrics;
        _region = region;
    }

    /// <summary>Set by Akka.</summary>
    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(SegmentedJournal journal, JobSettings settings, JobMetrics metrics, IActorRef region) =>
        Akka.Actor.Props.Create<JobFeed>(journal, settings, metrics, region);

    // Read on a clock that does not jump.
    private static long Now => Environment.TickCount64;

    protected override void PreStart()
    {
        _reader = _journal.OpenReader(CursorName);
        _window.Position = _reader.Position;
        StartStream();
        Timers.StartPeriodicTimer(Tick.Check, Tick.Check, CheckInterval);
    }

    protected override void PostStop()
    {
        _replay?.Dispose();
        _reader.Dispose();
        _metrics.SetWindow(0, 0);
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case FeedRead { Replay: null } read:
                OnRead(read);
                break;
            case FeedRead read:
                OnReadAgain(read);
                break;
            case JobFramesApplied applied:
                if (_window.Apply(applied.EntityId, applied.Offset, Now))
                    Want(applied.EntityId, applied.Offset);
                OnWindowMoved();
                break;
            case JobFramesSaved saved:
                if (_window.Acknowledge(saved.EntityId, saved.Offset, Now))
                    Want(saved.EntityId, saved.Offset);
                OnWindowMoved();
                break;
            case JobFramesRefused refused:
                OnRefused(refused);
                break;
            case Tick.Replay:
                Replay();
                break;
            case ReplayEnded ended:
                OnReplayEnded(ended);
                break;
            case Tick.Check:
                Check();
                break;
            case Tick.Restart:
                _reader.Seek(_window.Position);
                StartStream();
                break;
            case StreamEnded ended:
                OnStreamEnded(ended);
                break;
            case StopFeed:
                _stopping = Sender;
                Self.Tell(Tick.Check);
                _stream?.Shutdown();
                AnswerRead();
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void StartStream()
    {
        IActorRef self = Self;
        (_stream, Task<Done> end) = Source.FromGraph(new JobFeedSource(_reader, _journal.Id, _settings, _metrics))
            .ViaMaterialized(KillSwitches.Single<FeedRead>(), Keep.Right)
            .SelectAsync(1, read => self.Ask<Done>(read, Timeout.InfiniteTimeSpan))
            .ToMaterialized(Sink.Ignore<Done>(), Keep.Both)
            .Run(_materializer);
        end.PipeTo(self, self, _ => new StreamEnded(null), cause => new StreamEnded(cause));
    }

    private void OnRead(FeedRead read)
    {
        long now = Now;
        int fed = 0;
        foreach (JobFrames frames in read.Batches)
        {
            if (_window.Add(frames, now) is { } toSend)
                TellRegion(toSend);
            fed += frames.Count;
        }
        _metrics.CountFed(fed);
        _window.Position = read.Position;
        _waitingRead = Sender;
        OnWindowMoved();
    }

    private void OnReadAgain(FeedRead read)
    {
        foreach (JobFrames frames in read.Batches)
        {
            _window.AddAgain(frames.EntityId, frames.Records.Length);
            _metrics.CountResent();
            TellRegion(read.Replay!.Chain(frames));
        }
        _waitingReplay = Sender;
        OnWindowMoved();
    }

    private void OnWindowMoved()
    {
        _reader.Commit(_window.Cursor());
        _metrics.SetWindow(_window.InFlight, _window.Unsaved);
        bool hasRoom = _window.InFlight < _settings.FeedWindow || _window.IsEmpty;
        if (hasRoom)
            AnswerReplay();
        // What is new would be refused by the jobs that are waiting for what is old.
        if (hasRoom && _replay is null && _window.Unsaved < _settings.FeedUnsaved)
            AnswerRead();
        if (_window.Unsaved > _settings.FeedUnsaved / 2)
            AskJobs(toSave: true);
        else if (_window.InFlight > _settings.FeedWindow / 2)
            AskJobs(toSave: false);
        AnswerStop();
    }

    private void AnswerRead()
    {
        _waitingRead?.Tell(Done.Instance);
        _waitingRead = null;
    }

    private void AnswerReplay()
    {
        _waitingReplay?.Tell(Done.Instance);
        _waitingReplay = null;
    }

    /// <summary>Asks jobs for snapshots before their time, because much is not saved or this node is stopping; or how far they
    /// are, where small batches have filled the window and nobody has said so yet.</summary>
    private void AskJobs(bool toSave)
    {
        long now = Now;
        // All jobs are looked through, so not with every message.
        if (now - _askedAllAt < 50)
            return;
        _askedAllAt = now;
        foreach (FeedWindow.JobQueue job in _window.Jobs)
        {
            if (toSave && (job.SaveAskedAt == 0 || now - job.SaveAskedAt > AskAgainAfter))
            {
                job.SaveAskedAt = now;
                TellRegion(new SaveJob(job.EntityId));
            }
            else if (!toSave && job.InFlight > 0 && (job.ReportAskedAt == 0 || now - job.ReportAskedAt > AskAgainAfter))
            {
                job.ReportAskedAt = now;
                TellRegion(FeedWindow.Question(job, _journal.Id));
            }
        }
    }

    private void OnRefused(JobFramesRefused refused)
    {
        if (_window.Find(refused.EntityId) is not { } job)
            return;
        // What a replay is sending it at this moment comes after the refusal of what was sent before.
        if (_replay?.Jobs.ContainsKey(refused.EntityId) != true)
            job.Refusals++;
        Want(refused.EntityId, refused.Offset);
    }

    /// <summary>A job is to be sent again what lies behind an offset.</summary>
    private void Want(string entityId, long offset)
    {
        // Every batch behind a gap is refused: one answer to all of them, a moment later.
        _wanted[entityId] = offset;
        if (_replay is null && !Timers.IsTimerActive(Tick.Replay))
            Timers.StartSingleTimer(Tick.Replay, Tick.Replay, ReplayDelay());
    }

    /// <summary>A job that goes on refusing is not to take all the time of the others.</summary>
    private TimeSpan ReplayDelay()
    {
        int refusals = _wanted.Keys.Min(id => _window.Find(id)?.Refusals ?? 0);
        return TimeSpan.FromMilliseconds(Math.Min(RefusalDelay << Math.Min(Math.Max(refusals - 3, 0), 16), LongestRefusalDelay));
    }

    private void Replay()
    {
        if (_replay is not null)
            return;
        long now = Now;
        var jobs = new Dictionary<string, FeedWindow.ReplayedJob>();
        foreach ((string entityId, long offset) in _wanted)
            if (_window.Replay(entityId, offset, now) is { } job)
                jobs.Add(entityId, job);
        _wanted.Clear();
        if (jobs.Count == 0)
            return;
        _replay = new FeedReplay(_journal.OpenReplay(jobs.Values.Min(job => job.From)), _window.Position, jobs);
        IActorRef self = Self;
        Source.FromGraph(new JobFeedSource(_replay.Reader, _journal.Id, _settings, _metrics, _replay))
            .SelectAsync(1, read => self.Ask<Done>(read, Timeout.InfiniteTimeSpan))
            .RunWith(Sink.Ignore<Done>(), _materializer)
            .PipeTo(self, self, _ => new ReplayEnded(null), cause => new ReplayEnded(cause));
    }

    private void OnReplayEnded(ReplayEnded ended)
    {
        if (_replay is null)
            return;
        if (ended.Cause is not null)
        {
            _log.Error(ended.Cause, "The journal cannot be read again for {Jobs} jobs; trying again", _replay.Jobs.Count);
            foreach ((string entityId, FeedWindow.ReplayedJob job) in _replay.Jobs)
                _wanted.TryAdd(entityId, job.Previous < 0 ? 0 : job.Previous);
        }
        _replay.Dispose();
        _replay = null;
        _waitingReplay = null;
        if (_wanted.Count > 0)
            Timers.StartSingleTimer(Tick.Replay, Tick.Replay, ended.Cause is null ? ReplayDelay() : RestartDelay);
        OnWindowMoved();
    }

    private void Check()
    {
        long now = Now;
        long after = (long)_settings.ResendAfter.TotalMilliseconds;
        foreach (FeedWindow.JobQueue job in _window.Jobs)
            if (now - job.SentAt > after * Math.Min(1L << Math.Min(job.Questions, 10), LongestBackOff))
                TellRegion(_window.Ask(job, _journal.Id, now));
        if (_stopping is not null)
            AskJobs(toSave: true);
        OnWindowMoved();
    }

    // The region is Akka's own and counts nothing; what it gets comes from here, but for the rare question.
    private void TellRegion(IJobMessage message)
    {
        _region.Tell(message);
        _metrics.Actors[ActorKind.Region].Handled(0);
    }

    private void OnStreamEnded(StreamEnded ended)
    {
        _stream = null;
        if (ended.Cause is null || _stopping is not null)
        {
            _ended = true;
            AnswerStop();
            return;
        }
        _log.Error(ended.Cause, "The journal cannot be read; trying again");
        Timers.StartSingleTimer(Tick.Restart, Tick.Restart, RestartDelay);
    }

    private void AnswerStop()
    {
        if (_stopping is null || !_ended || !_window.IsEmpty)
            return;
        _stopping.Tell(Done.Instance);
        Context.Stop(Self);
    }

    private enum Tick
    {
        Check,
        Replay,
        Restart,
    }

    /// <summary>Asks the feed to read no further, and to stop when all it has sent is acknowledged.</summary>
    internal sealed class StopFeed : INoSerializationVerificationNeeded
    {
        public static readonly StopFeed Instance = new();
    }

    private sealed record ReplayEnded(Exception? Cause) : INoSerializationVerificationNeeded, IDeadLetterSuppression;

    private sealed record StreamEnded(Exception? Cause) : INoSerializationVerificationNeeded, IDeadLetterSuppression;
}
