using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using Akka.Event;
using Ogrt.Actors.Watch;

namespace Ogrt.Actors.Ingest;

/// <summary>
/// A listener for connections. It owns the accepting thread and, as children, an actor for each connection that the thread hands
/// over; and it is the one clock for the timeouts of all of them.
/// </summary>
/// <remarks>
/// Life: bound in PreStart → accepting → (Stop) accepting what waits in the backlog → draining connections → stopped, having
/// told the parent. At the drain timeout what is left is aborted.
/// </remarks>
[SuppressMessage("Reliability", "CA1001", Justification = "The thread uses both until it ends, which may be after the actor; neither holds anything that needs disposal.")]
internal sealed class TcpListenerActor(ListenerContext context)
    : MeasuredActor(context.Actors[ActorKind.Listener]), IWithTimers
{
    private readonly ConcurrentQueue<Connection> _waiting = new();
    private readonly HashSet<Connection> _connections = [];
    private readonly CancellationTokenSource _giveUp = new();
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private Props _connectionProps = Props.None;
    private AcceptLoop? _loop;
    private bool _isStopping;
    private bool _isAccepting;
    private int _aborted;

    // Connections handed over and not yet closed; counted where they are made, because the accepting thread looks at it.
    private int _open;

    public ITimerScheduler Timers { get; set; } = null!;

    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(static _ => Directive.Stop);

    protected override void PreStart()
    {
        try
        {
            Start(ListenerSocket.Listen(context.Settings));
        }
        catch (IngestBindException e)
        {
            Context.Parent.Tell(new ListenerProtocol.NotBound(context.Settings.Name, e));
            Context.Stop(Self);
        }
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Accepted accepted:
                OnAccepted(accepted.Connection);
                break;
            case ConnectionActor.Closed closed:
                OnClosed(closed.Connection);
                break;
            case Sweep:
                OnSweep();
                break;
            case ListenerProtocol.Stop:
                OnStop();
                break;
            case ListenerThread.Ended ended:
                OnThreadEnded(ended.Cause);
                break;
            case GiveUp:
                OnGiveUp();
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    protected override void PostStop()
    {
        _loop?.Stop();
        _giveUp.Cancel();
        while (_waiting.TryDequeue(out Connection? connection)) connection.Discard();
    }

    private void Start(Socket socket)
    {
        var endPoint = (IPEndPoint)socket.LocalEndPoint!;
        IActorRef self = Self;
        _connectionProps = ConnectionActor.PropsFor(_waiting);
        _loop = new AcceptLoop(context, socket, HandOver, () => Volatile.Read(ref _open) >= context.Settings.MaxConnections, _giveUp.Token);
        _isAccepting = true;
        ListenerThread.Start($"ogrt-{context.Settings.Name}", _loop.Run, e => self.Tell(new ListenerThread.Ended(e)));
        Timers.StartPeriodicTimer(Sweep.Instance, Sweep.Instance, SweepInterval(context.Settings));
        Context.Parent.Tell(new ListenerProtocol.Bound(context.Settings.Name, endPoint));

        void HandOver(Connection connection)
        {
            Interlocked.Increment(ref _open);
            self.Tell(new Accepted(connection));
        }
    }

    private void OnAccepted(Connection connection)
    {
        _connections.Add(connection);
        _waiting.Enqueue(connection);
        Context.ActorOf(_connectionProps);
        if (_isStopping) connection.Drain();
    }

    private void OnClosed(Connection connection)
    {
        if (!_connections.Remove(connection)) return;
        Interlocked.Decrement(ref _open);
        EndWhenDrained();
    }

    private void OnSweep()
    {
        long now = context.Time.GetTimestamp();
        bool crowded = _loop!.IsCrowded;
        foreach (Connection connection in _connections) connection.Sweep(now, crowded);
    }

    private void OnStop()
    {
        if (_isStopping) return;
        _isStopping = true;
        _loop!.Stop();
        foreach (Connection connection in _connections) connection.Drain();
        Timers.StartSingleTimer(GiveUp.Instance, GiveUp.Instance, context.Ingest.DrainTimeout);
        EndWhenDrained();
    }

    private void OnThreadEnded(Exception? cause)
    {
        _isAccepting = false;
        if (_isStopping)
            EndWhenDrained();
        else
            throw new InvalidOperationException($"Listener {context.Settings.Name} cannot accept any more.", cause);
    }

    private void OnGiveUp()
    {
        _aborted = _connections.Count;
        _log.Warning("Listener {Listener} closes {Connections} connections that have not ended within the drain timeout",
            context.Settings.Name, _aborted);
        _giveUp.Cancel();
        foreach (Connection connection in _connections) connection.Abort(Rejection.DrainTimeout);
    }

    private void EndWhenDrained()
    {
        if (!_isStopping || _isAccepting || _connections.Count > 0) return;
        Context.Parent.Tell(new ListenerProtocol.Stopped(context.Settings.Name, _aborted));
        Context.Stop(Self);
    }

    /// <summary>Often enough that no timeout is late by more than a quarter, and at most once a second.</summary>
    private static TimeSpan SweepInterval(ListenerSettings settings)
    {
        TimeSpan shortest = new[] { settings.IdleTimeout, settings.CrowdedIdleTimeout, settings.FrameTimeout }.Min() / 4;
        return TimeSpan.FromMilliseconds(Math.Clamp(shortest.TotalMilliseconds, 5, 1000));
    }

    private sealed record Accepted(Connection Connection) : INoSerializationVerificationNeeded;

    private sealed class Sweep : INoSerializationVerificationNeeded, IDeadLetterSuppression
    {
        public static Sweep Instance { get; } = new();
    }

    private sealed class GiveUp : INoSerializationVerificationNeeded, IDeadLetterSuppression
    {
        public static GiveUp Instance { get; } = new();
    }
}
