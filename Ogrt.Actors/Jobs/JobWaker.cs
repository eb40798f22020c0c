using Akka.Actor;
using Akka.Cluster;
using Akka.Event;

namespace Ogrt.Actors.Jobs;

/// <summary>
/// Starts jobs that have not ended and of which perhaps nothing more comes, so that they notice when their time is up: those of
/// before this node's start, those of a node that has left the cluster or has died, and those whose shard moves. Clears the store of
/// what is too old.
/// </summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001", Justification = "An actor is disposed of in PostStop.")]
internal sealed class JobWaker : ReceiveActor, IWithTimers
{
    // The shards of a node that is gone are given to others in the meantime.
    private static readonly TimeSpan AfterRemoval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(15);

    private readonly Akka.Cluster.Cluster _cluster = Akka.Cluster.Cluster.Get(Context.System);
    private readonly CancellationTokenSource _stop = new();
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly IJobClaims _claims;
    private readonly IActorRef _region;
    private readonly TimeSpan _age;
    private bool _sweeping;
    private bool _again;
    private bool _failed;

    public JobWaker(IJobClaims claims, IActorRef region, TimeSpan age)
    {
        (_claims, _region, _age) = (claims, region, age);
        Receive<Tick>(_ => Sweep());
        Receive<Swept>(OnSwept);
        Receive<ClusterEvent.MemberRemoved>(_ => OnRemoved());
        // The region keeps it until the shard has a home again.
        Receive<JobHandedOff>(job => _region.Tell(new WakeJob(job.EntityId), ActorRefs.NoSender));
    }

    /// <summary>Set by Akka.</summary>
    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(IJobClaims claims, IActorRef region, TimeSpan age) => Akka.Actor.Props.Create<JobWaker>(claims, region, age);

    protected override void PreStart()
    {
        _cluster.Subscribe(Self, ClusterEvent.SubscriptionInitialStateMode.InitialStateAsEvents, typeof(ClusterEvent.MemberRemoved));
        Context.System.EventStream.Subscribe(Self, typeof(JobHandedOff));
        Self.Tell(Tick.Instance);
    }

    protected override void PostStop()
    {
        Context.System.EventStream.Unsubscribe(Self);
        _cluster.Unsubscribe(Self);
        _stop.Cancel();
        _stop.Dispose();
    }

    private void OnRemoved()
    {
        // One node is enough, whichever takes itself for it.
        if (_cluster.State.RoleLeader(Cluster.ClusterSettings.JobsRole) == _cluster.SelfAddress)
            Timers.StartSingleTimer(nameof(Tick), Tick.Instance, AfterRemoval);
    }

    private void Sweep()
    {
        _again = _sweeping;
        if (_sweeping)
            return;
        _sweeping = true;
        CancellationToken stop = _stop.Token;
        // A directory is looked through by whoever asks for the next one.
        Task.Run(SweepAsync, stop).PipeTo(Self);

        async Task<Swept> SweepAsync()
        {
            try
            {
                await foreach (string entityId in _claims.SweepAsync(DateTime.UtcNow - _age, stop).ConfigureAwait(false))
                {
                    stop.ThrowIfCancellationRequested();
                    _region.Tell(new WakeJob(entityId), ActorRefs.NoSender);
                }
                return new Swept(null);
            }
            catch (Exception e)
            {
                return new Swept(e);
            }
        }
    }

    private void OnSwept(Swept swept)
    {
        _sweeping = false;
        if (swept.Cause is null)
        {
            _failed = false;
            if (_again)
                Self.Tell(Tick.Instance);
            return;
        }
        if (!_failed)
            _log.Warning(swept.Cause, "The store of snapshots cannot be looked through for jobs that have not ended; trying again until it can");
        _failed = true;
        Timers.StartSingleTimer(nameof(Tick), Tick.Instance, Retry);
    }

    private sealed class Tick : INoSerializationVerificationNeeded
    {
        public static Tick Instance { get; } = new();
    }

    private sealed record Swept(Exception? Cause) : INoSerializationVerificationNeeded, IDeadLetterSuppression;
}
