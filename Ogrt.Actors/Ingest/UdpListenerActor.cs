using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using Akka.Event;
using Ogrt.Actors.Watch;

namespace Ogrt.Actors.Ingest;

/// <summary>A listener for datagrams. It owns the socket and the thread that receives, and counts what the kernel drops.</summary>
/// <remarks>Life: bound in PreStart → receiving → (Stop) receiving what the kernel holds → stopped, having told the parent.</remarks>
[SuppressMessage("Reliability", "CA1001", Justification = "The thread uses both until it ends, which may be after the actor; neither holds anything that needs disposal.")]
internal sealed class UdpListenerActor(ListenerContext context)
    : MeasuredActor(context.Actors[ActorKind.Listener]), IWithTimers
{
    private static readonly TimeSpan ReceiveTimeout = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan CountInterval = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _giveUp = new();
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private Socket? _socket;
    private KernelDrops? _drops;
    private DatagramLoop? _loop;
    private bool _isStopping;

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        try
        {
            Start(ListenerSocket.Datagrams(context.Settings, ReceiveTimeout));
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
            case CountDrops:
                _drops!.Count();
                break;
            case ListenerProtocol.Stop:
                OnStop();
                break;
            case ListenerThread.Ended ended:
                OnThreadEnded(ended.Cause);
                break;
            case GiveUp:
                _giveUp.Cancel();
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    protected override void PostStop()
    {
        // The thread uses the socket's handle only with a reference, so closing here cannot pull it away from under a call.
        _loop?.Stop();
        _giveUp.Cancel();
        if (_socket is null) return;
        _drops!.Count();
        _socket.Dispose();
    }

    private void Start(Socket socket)
    {
        _socket = socket;
        _drops = new KernelDrops(socket, context.Metrics);
        _loop = new DatagramLoop(context, socket, _giveUp.Token);
        ReportReceiveBuffer(ListenerSocket.ReceiveBufferOf(socket));
        IActorRef self = Self;
        ListenerThread.Start($"ogrt-{context.Settings.Name}", _loop.Run, e => self.Tell(new ListenerThread.Ended(e)));
        Timers.StartPeriodicTimer(CountDrops.Instance, CountDrops.Instance, CountInterval);
        Context.Parent.Tell(new ListenerProtocol.Bound(context.Settings.Name, (IPEndPoint)socket.LocalEndPoint!));
    }

    /// <summary>The kernel grants twice what is asked for, because it counts its own bookkeeping too.</summary>
    private void ReportReceiveBuffer(int granted)
    {
        context.Metrics.ReceiveBuffer(granted);
        if (granted < 2L * context.Settings.ReceiveBuffer)
        {
            _log.Warning(
                "Listener {Listener} has a receive buffer of {Granted} bytes instead of {Wanted}; raise net.core.rmem_max, or give the server CAP_NET_ADMIN",
                context.Settings.Name, granted / 2, context.Settings.ReceiveBuffer);
        }
    }

    private void OnStop()
    {
        if (_isStopping) return;
        _isStopping = true;
        _loop!.Stop();
        Timers.StartSingleTimer(GiveUp.Instance, GiveUp.Instance, context.Ingest.DrainTimeout);
    }

    private void OnThreadEnded(Exception? cause)
    {
        if (!_isStopping)
            throw new InvalidOperationException($"Listener {context.Settings.Name} cannot receive any more.", cause);
        if (cause is not null)
            _log.Warning(cause, "Listener {Listener} failed while it was stopping", context.Settings.Name);
        Context.Parent.Tell(new ListenerProtocol.Stopped(context.Settings.Name, 0));
        Context.Stop(Self);
    }

    private sealed class CountDrops : INoSerializationVerificationNeeded, IDeadLetterSuppression
    {
        public static CountDrops Instance { get; } = new();
    }

    private sealed class GiveUp : INoSerializationVerificationNeeded, IDeadLetterSuppression
    {
        public static GiveUp Instance { get; } = new();
    }
}
