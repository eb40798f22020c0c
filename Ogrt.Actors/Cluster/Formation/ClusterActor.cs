using System.Security.Cryptography;
using Akka.Actor;
using Akka.Cluster;
using Akka.Event;
using AkkaCluster = Akka.Cluster.Cluster;

namespace Ogrt.Actors.Cluster.Formation;

/// <summary>
/// Brings this node into the cluster: looks the others up, talks to them over Akka's remoting (so that whoever answers is
/// reached, and has shown its certificate where there is TLS), and does what <see cref="Formation"/> decides. It goes on,
/// less often, when the node is up, so that two clusters that should be one are noticed.
/// </summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001", Justification = "An actor is disposed of in PostStop.")]
internal sealed class ClusterActor : UntypedActor, IWithTimers
{
    public const string Name = "cluster-node";

    private const int MostMembers = 64;
    private const int SlowerWhenUp = 10;

    private readonly ClusterNode _node;
    private readonly IContactSource? _source;
    private readonly TimeSpan _interval;
    private readonly AkkaCluster _cluster = AkkaCluster.Get(Context.System);
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly CancellationTokenSource _stop = new();
    private readonly Formation? _formation;
    private string _said = "";
    private string _lookUpFault = "";
    private bool _lookingUp;
    private bool _up;
    private bool _done;

    /// <summary>Made by <see cref="Props"/>.</summary>
    public ClusterActor(ClusterNode node, IContactSource? source, FormationRules rules, TimeSpan interval)
    {
        _node = node;
        _source = source;
        _interval = interval;
        if (source is not null)
            _formation = new Formation(rules, new Incarnation(NodeAddress.Of(_cluster.SelfAddress), BitConverter.ToInt64(RandomNumberGenerator.GetBytes(8))), Now);
    }

    /// <summary>Set by Akka.</summary>
    public ITimerScheduler Timers { get; set; } = null!;

    private static long Now => Environment.TickCount64;

    /// <summary>How to make one.</summary>
    /// <param name="node">What it tells the server.</param>
    /// <param name="source">Who tells the nodes; null for a node that is alone.</param>
    /// <param name="rules">What forming goes by.</param>
    /// <param name="interval">How often it asks.</param>
    public static Props Props(ClusterNode node, IContactSource? source, FormationRules rules, TimeSpan interval) =>
        Akka.Actor.Props.Create<ClusterActor>(node, source!, rules, interval);

    protected override void PreStart()
    {
        _cluster.RegisterOnMemberUp(() => _node.SetUp());
        if (_formation is null)
            _cluster.Join(_cluster.SelfAddress);
        else
            Self.Tell(Tick.Ask);
    }

    protected override void PostStop()
    {
        _stop.Cancel();
        _stop.Dispose();
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Tick.Ask:
                ShowStatus();
                Timers.StartSingleTimer(Tick.Ask, Tick.Ask, _up ? _interval * SlowerWhenUp : _interval);
                LookUp();
                Ask();
                Decide();
                break;
            case LookedUp looked:
                OnLookedUp(looked);
                break;
            case Hello hello when _formation is not null:
                ShowStatus();
                Sender.Tell(_formation.OnHello(hello, Now));
                break;
            case HelloReply reply when _formation is not null:
                _formation.OnReply(reply, Now);
                Decide();
                break;
            case LeaveRequest request:
                Sender.Tell(LeaveStarted.Instance);
                _node.AskToLeave(request.From);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void LookUp()
    {
        if (_lookingUp || _source is null)
            return;
        _lookingUp = true;
        LookUpAsync(_source, _stop.Token).PipeTo(Self);
    }

    private static async Task<LookedUp> LookUpAsync(IContactSource source, CancellationToken cancel)
    {
        try
        {
            (IReadOnlyList<NodeAddress>? contacts, string why) = await source.LookUpAsync(cancel).ConfigureAwait(false);
            return new LookedUp(contacts, why);
        }
        catch (Exception e)
        {
            return new LookedUp(null, e.Message);
        }
    }

    private void OnLookedUp(LookedUp looked)
    {
        _lookingUp = false;
        if (looked.Why != _lookUpFault && looked.Why.Length > 0)
            _log.Warning("The nodes of the cluster cannot be looked up: {Fault}", looked.Why);
        _lookUpFault = looked.Why;
        _formation!.OnContacts(looked.Contacts, Now);
        Decide();
    }

    private void Ask()
    {
        Hello hello = _formation!.Ask(Now);
        foreach (NodeAddress other in _formation.Others(Now))
            Context.ActorSelection(new RootActorPath(other.ToAkka(_cluster.SelfAddress)) / "user" / Name).Tell(hello);
    }

    private void ShowStatus()
    {
        if (_formation is null || _cluster.IsTerminated)
            return;
        Member? self = _cluster.State.Members.FirstOrDefault(m => m.UniqueAddress == _cluster.SelfUniqueAddress);
        if (self is null)
            return;
        FormationStatus status = self.Status switch
        {
            MemberStatus.Joining or MemberStatus.WeaklyUp => FormationStatus.Joining,
            MemberStatus.Up => FormationStatus.Up,
            _ => FormationStatus.Leaving,
        };
        _up = status != FormationStatus.Joining;
        // Those that leave cannot be joined by, and do not count.
        _formation.OnStatus(status,
        [
            .. _cluster.State.Members.Where(m => m.Status is MemberStatus.Joining or MemberStatus.WeaklyUp or MemberStatus.Up)
                .Select(m => NodeAddress.Of(m.Address)).OrderBy(a => a != NodeAddress.Of(_cluster.SelfAddress)).Take(MostMembers),
        ]);
    }

    private void Decide()
    {
        if (_done)
            return;
        FormationDecision decision = _formation!.Decide(Now);
        _node.ClusterId = _formation.ClusterId;
        switch (decision)
        {
            case FormationDecision.Wait wait:
                string why = _lookUpFault.Length > 0 && wait.Why.Contains("look-up", StringComparison.Ordinal) ? $"{wait.Why} ({_lookUpFault})" : wait.Why;
                _node.WaitsFor = why;
                Say(why, wait.IsFault);
                break;
            case FormationDecision.Join join:
                _log.Info("Joining the cluster {ClusterId} by {Members}", join.ClusterId, string.Join(", ", join.Members));
                _cluster.JoinSeedNodes(join.Members.Select(m => m.ToAkka(_cluster.SelfAddress)));
                break;
            case FormationDecision.Found found:
                _log.Info("Founding the cluster {ClusterId}", found.ClusterId);
                _cluster.Join(_cluster.SelfAddress);
                break;
            case FormationDecision.Withdraw withdraw:
                _done = true;
                _log.Error("This node has to be started again: {Reason}", withdraw.Why);
                _node.Withdraw(withdraw.Why);
                break;
            case FormationDecision.Refuse refuse:
                _done = true;
                _node.Refuse(refuse.Why);
                break;
            case FormationDecision.Settled:
                _node.WaitsFor = "";
                break;
        }
    }

    private void Say(string why, bool isFault)
    {
        if (why == _said)
            return;
        _said = why;
        if (isFault)
            _log.Error("Not in a cluster: {Reason}", why);
        else
            _log.Info("Waiting for {What}", why);
    }

    private enum Tick
    {
        Ask,
    }

    private sealed record LookedUp(IReadOnlyList<NodeAddress>? Contacts, string Why) : INoSerializationVerificationNeeded, IDeadLetterSuppression;
}
