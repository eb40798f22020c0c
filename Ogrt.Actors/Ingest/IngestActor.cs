using System.Net;
using Akka.Actor;
using Akka.Configuration;
using Akka.Event;
using Ogrt.Actors.Watch;
using Ogrt.Journal;
using Ogrt.Wire;
using static Ogrt.Actors.Ingest.IngestProtocol;

namespace Ogrt.Actors.Ingest;

/// <summary>
/// The root of ingest: starts the listeners, starts one that fails again after a pause, and stops them in order. What it
/// understands is in <see cref="IngestProtocol"/>.
/// </summary>
/// <remarks>
/// Life: starting (queries wait) → running, or failed when a listener could not be bound at the start → (StopAccepting)
/// stopping → drained.
/// </remarks>
public sealed class IngestActor : MeasuredActor, IWithTimers
{
    private readonly IngestSettings _settings;
    private readonly Dictionary<string, ListenerContext> _contexts;
    private readonly Dictionary<string, IPEndPoint> _bound = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TimeSpan> _pauses = new(StringComparer.Ordinal);
    private readonly Dictionary<IActorRef, string> _listeners = [];
    private readonly List<IActorRef> _waitForStart = [];
    private readonly List<IActorRef> _waitForDrain = [];
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private IngestBindException? _failure;
    private bool _hasStarted;
    private bool _isStopping;
    private int _aborted;
    private int _starts;

    private IngestActor(IngestSettings settings, SegmentedJournal journal, IngestMetrics metrics, TimeProvider time)
        : base(metrics.Actors[ActorKind.Ingest])
    {
        if (settings.MaxFrameSize + FrameHeader.Size > journal.MaxRecordSize)
        {
            throw new ConfigurationException(
                $"ogrt.ingest.max-frame-size: a frame of {settings.MaxFrameSize} bytes and its header is larger than the journal's largest record, {journal.MaxRecordSize} bytes.");
        }

        _settings = settings;
        var buffers = new ReceiveBufferPool(settings.MaxBufferedBytes);
        var batches = new FrameBatchPool();
        (metrics.Buffers, metrics.Batches) = (buffers, batches);
        _contexts = settings.Listeners.ToDictionary(
            listener => listener.Name,
            listener => new ListenerContext(settings, listener, journal, buffers, batches, metrics.Of(listener.Name), metrics.Actors, time),
            StringComparer.Ordinal);
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>The props of the root actor.</summary>
    /// <param name="settings">What to listen on.</param>
    /// <param name="journal">Where frames go. It must stay open until the actor has answered <see cref="Drained"/>.</param>
    /// <param name="metrics">Where everything is counted.</param>
    /// <param name="time">The clock of arrival times and timeouts; the system's when null.</param>
    public static Props Props(IngestSettings settings, SegmentedJournal journal, IngestMetrics metrics, TimeProvider? time = null) =>
        Akka.Actor.Props.CreateBy(new Producer(settings, journal, metrics, time ?? TimeProvider.System));

    /// <inheritdoc/>
    protected override SupervisorStrategy SupervisorStrategy() =>
        // Stopped, and started again by OnTerminated after a pause: a listener must not fail many times a second.
        new OneForOneStrategy(static _ => Directive.Stop);

    /// <inheritdoc/>
    protected override void PreStart()
    {
        foreach (string name in _contexts.Keys) StartListener(name);
        CheckStarted();
    }

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case ListenerProtocol.Bound bound:
                OnBound(bound);
                break;
            case ListenerProtocol.NotBound notBound:
                OnNotBound(notBound.Cause);
                break;
            case ListenerProtocol.Stopped stopped:
                _aborted += stopped.Aborted;
                break;
            case Terminated terminated:
                OnTerminated(terminated.ActorRef);
                break;
            case StartAgain again:
                if (!_isStopping) StartListener(again.Listener);
                break;
            case GetBoundEndpoints:
                _waitForStart.Add(Sender);
                CheckStarted();
                break;
            case StopAccepting:
                OnStopAccepting();
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void StartListener(string name)
    {
        ListenerContext context = _contexts[name];
        Props props = Akka.Actor.Props.CreateBy(new ListenerProducer(context));
        // A number behind the name, because the name of a listener that has failed may not be free yet.
        IActorRef listener = Context.ActorOf(props, $"{Uri.EscapeDataString(name)}-{++_starts}");
        _listeners.Add(listener, name);
        Context.Watch(listener);
    }

    private void OnBound(ListenerProtocol.Bound bound)
    {
        _bound[bound.Listener] = bound.EndPoint;
        _pauses.Remove(bound.Listener);
        _log.Info("Listener {Listener} receives on {EndPoint}", bound.Listener, bound.EndPoint);
        CheckStarted();
    }

    private void OnNotBound(IngestBindException cause)
    {
        if (_hasStarted)
        {
            _log.Warning("{Reason}", cause.Message);
            return;
        }

        _failure ??= cause;
        CheckStarted();
    }

    private void CheckStarted()
    {
        if (_failure is null && _bound.Count < _contexts.Count) return;
        _hasStarted |= _failure is null;
        object answer = _failure is null
            ? new BoundEndpoints(new Dictionary<string, IPEndPoint>(_bound, StringComparer.Ordinal))
            : new Status.Failure(_failure);
        foreach (IActorRef asker in _waitForStart) asker.Tell(answer);
        _waitForStart.Clear();
    }

    private void OnTerminated(IActorRef listener)
    {
        if (!_listeners.Remove(listener, out string? name)) return;
        if (_isStopping)
            CheckDrained();
        else if (_hasStarted)
            StartAfterPause(name);
    }

    private void StartAfterPause(string name)
    {
        TimeSpan pause = _pauses.GetValueOrDefault(name, _settings.RestartPause);
        TimeSpan doubled = pause * 2;
        _pauses[name] = doubled < _settings.MaxRestartPause ? doubled : _settings.MaxRestartPause;
        _contexts[name].Metrics.Restarted();
        _log.Warning("Listener {Listener} has failed and is started again in {Pause}", name, pause);
        Timers.StartSingleTimer(name, new StartAgain(name), pause);
    }

    private void OnStopAccepting()
    {
        _waitForDrain.Add(Sender);
        if (!_isStopping)
        {
            _isStopping = true;
            foreach (IActorRef listener in _listeners.Keys) listener.Tell(ListenerProtocol.Stop.Instance);
        }

        CheckDrained();
    }

    private void CheckDrained()
    {
        if (_listeners.Count > 0) return;
        foreach (IActorRef asker in _waitForDrain) asker.Tell(new Drained(_aborted));
        _waitForDrain.Clear();
    }

    private sealed record StartAgain(string Listener) : INoSerializationVerificationNeeded;

    private sealed class Producer(IngestSettings settings, SegmentedJournal journal, IngestMetrics metrics, TimeProvider time)
        : IIndirectActorProducer
    {
        public Type ActorType => typeof(IngestActor);

        public ActorBase Produce() => new IngestActor(settings, journal, metrics, time);

        public void Release(ActorBase actor)
        {
        }
    }

    private sealed class ListenerProducer(ListenerContext context) : IIndirectActorProducer
    {
        public Type ActorType => context.Settings.Transport == ListenerTransport.Tcp
            ? typeof(TcpListenerActor)
            : typeof(UdpListenerActor);

        public ActorBase Produce() => context.Settings.Transport == ListenerTransport.Tcp
            ? new TcpListenerActor(context)
            : new UdpListenerActor(context);

        public void Release(ActorBase actor)
        {
        }
    }
}
