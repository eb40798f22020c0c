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
/// the window has room. So what waits in the mailboxes of region, shards and jobs is bounded by the window too.
/// </remarks>
internal sealed class JobFeed : MeasuredActor, IWithTimers
{
    /// <summary>Name of the cursor in the journal.</summary>
    public const string CursorName = "jobs";

    private const long SaveAgainAfter = 1000;
    private const long LongestBackOff = 16;
    private static readonly TimeSpan CheckInterval = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan RefusalDelay = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan RestartDelay = TimeSpan.FromSeconds(1);

    private readonly SegmentedJournal _journal;
    private readonly JobSettings _settings;
    private readonly JobMetrics _metrics;
    private readonly IActorRef _region;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly FeedWindow _window = new();
    private readonly ActorMaterializer _materializer = Context.Materializer();
    private JournalReader _reader = null!;
    private UniqueKillSwitch? _stream;
    private IActorRef? _waitingRead;
    private IActorRef? _stopping;
    private bool _ended;
    private long _savedAllAt;

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
        _reader.Dispose();
        _metrics.SetWindow(0);
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case FeedRead read:
                OnRead(read);
                break;
            case JobFramesSaved saved:
                _window.Acknowledge(saved.EntityId, saved.Offset, Now);
                OnWindowMoved();
                break;
            case JobFramesRefused refused:
                OnRefused(refused);
                break;
            case Tick.Refused:
                foreach (FeedWindow.JobQueue job in _window.Jobs.Where(job => job.RefusedAt >= 0).ToArray())
                    Resend(job.EntityId, job.RefusedAt);
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
            TellRegion(_window.Add(frames, now));
            fed += frames.Count;
        }
        _metrics.CountFed(fed);
        _window.Position = read.Position;
        _waitingRead = Sender;
        OnWindowMoved();
    }

    private void OnWindowMoved()
    {
        _reader.Commit(_window.Cursor());
        _metrics.SetWindow(_window.Bytes);
        if (_window.Bytes < _settings.FeedWindow || _window.Count == 0)
            AnswerRead();
        if (_window.Bytes > _settings.FeedWindow / 2)
            AskToSave();
        AnswerStop();
    }

    private void AnswerRead()
    {
        _waitingRead?.Tell(Done.Instance);
        _waitingRead = null;
    }

    /// <summary>Asks jobs for snapshots before their time: the window is filling, or this node is stopping.</summary>
    private void AskToSave()
    {
        long now = Now;
        // All jobs are looked through, so not with every message.
        if (now - _savedAllAt < 50)
            return;
        _savedAllAt = now;
        foreach (FeedWindow.JobQueue job in _window.Jobs)
        {
            if (job.SaveAskedAt != 0 && now - job.SaveAskedAt < SaveAgainAfter)
                continue;
            job.SaveAskedAt = now;
            TellRegion(new SaveJob(job.EntityId));
        }
    }

    private void OnRefused(JobFramesRefused refused)
    {
        if (_window.Find(refused.EntityId) is not { } job)
            return;
        // Every batch behind the gap is refused: one answer to all of them, a moment later.
        job.RefusedAt = refused.Offset;
        if (!Timers.IsTimerActive(Tick.Refused))
            Timers.StartSingleTimer(Tick.Refused, Tick.Refused, RefusalDelay);
    }

    private void Check()
    {
        long now = Now;
        long after = (long)_settings.ResendAfter.TotalMilliseconds;
        foreach (FeedWindow.JobQueue job in _window.Jobs
                     .Where(job => now - job.SentAt > after * Math.Min(1L << Math.Min(job.Resends, 10), LongestBackOff)).ToArray())
        {
            Resend(job.EntityId, 0);
        }
        if (_stopping is not null)
            AskToSave();
        OnWindowMoved();
    }

    private void Resend(string entityId, long offset)
    {
        foreach (JobFrames frames in _window.Resend(entityId, offset, Now))
        {
            _metrics.CountResent();
            TellRegion(frames);
        }
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
        if (_stopping is null || !_ended || _window.Count > 0)
            return;
        _stopping.Tell(Done.Instance);
        Context.Stop(Self);
    }

    private enum Tick
    {
        Check,
        Refused,
        Restart,
    }

    /// <summary>Asks the feed to read no further, and to stop when all it has sent is acknowledged.</summary>
    internal sealed class StopFeed : INoSerializationVerificationNeeded
    {
        public static readonly StopFeed Instance = new();
    }

    private sealed record StreamEnded(Exception? Cause) : INoSerializationVerificationNeeded, IDeadLetterSuppression;
}
