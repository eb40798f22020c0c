using Ogrt.Actors.Cluster;
using Ogrt.Actors.Cluster.Formation;

namespace Ogrt.Specs.Cluster.Formation;

/// <summary>
/// Nodes that form clusters over a network and a name service that do what a seed says: messages are late, overtake each
/// other and are lost, answers of the name service differ and fail, nodes stop, start again and are suspended. Akka's part is
/// played too: a cluster's members come up when there are as many as required. All of it in one thread and in no time.
/// </summary>
internal sealed class SimulatedNodes
{
    private const long Step = 50;
    private readonly Random _random;
    private readonly FormationRules _rules;
    private readonly PriorityQueue<Action, (long Time, int Number)> _network = new();
    private readonly Dictionary<string, HashSet<Incarnation>> _clusters = [];
    private readonly HashSet<string> _cameUp = [];
    private long _now;
    private int _numbers;

    public SimulatedNodes(int count, int required, Random random, bool seeds = false)
    {
        _random = random;
        NodeAddress[] all = [.. Enumerable.Range(1, count).Select(i => new NodeAddress($"10.0.0.{i}", 7972))];
        _rules = new FormationRules
        {
            Cluster = "test", Required = required, Margin = 5_000, VoteLife = 10_000, AnswerLife = 3_000,
            Seeds = seeds ? string.Join(' ', all) : "",
        };
        Nodes = [.. all.Select(address => new Node(address))];
    }

    public IReadOnlyList<Node> Nodes { get; }

    /// <summary>Chance that a message gets lost, in percent.</summary>
    public int Loss { get; set; }

    /// <summary>The longest that a message takes, in milliseconds.</summary>
    public int Delay { get; set; } = 20;

    /// <summary>Pairs that do not reach each other.</summary>
    public HashSet<(NodeAddress, NodeAddress)> Cut { get; } = [];

    /// <summary>What a look-up by a node gives; null for a failure.</summary>
    public Func<Node, IReadOnlyList<NodeAddress>?> LookUp { get; set; } = _ => null;

    /// <summary>The clusters in which nodes are up now.</summary>
    public IReadOnlyList<string> Up => [.. _cameUp.Where(id => _clusters[id].Count > 0)];

    /// <summary>The clusters that have members now, up or not.</summary>
    public int Living => _clusters.Values.Count(members => members.Count > 0);

    /// <summary>How many clusters were ever founded.</summary>
    public int Founded { get; private set; }

    /// <summary>The number of nodes in a cluster.</summary>
    public int MembersOf(string id) => _clusters[id].Count;

    /// <summary>Whether a node is up.</summary>
    public bool IsUp(Node node) => _cameUp.Any(id => _clusters[id].Contains(node.Self));

    public IReadOnlyList<NodeAddress> Addresses => [.. Nodes.Select(n => n.Address)];

    public void Start(Node node)
    {
        node.Self = new Incarnation(node.Address, _random.NextInt64(1, long.MaxValue));
        node.Formation = new Ogrt.Actors.Cluster.Formation.Formation(_rules, node.Self, _now);
        node.Asks = _now + _random.Next(0, 1_000);
    }

    public void Stop(Node node)
    {
        foreach (HashSet<Incarnation> members in _clusters.Values)
            members.Remove(node.Self);
        node.Formation = null;
        node.Joining = null;
    }

    /// <summary>Lets time pass.</summary>
    public void Run(long milliseconds, Action? each = null)
    {
        for (long end = _now + milliseconds; _now < end;)
        {
            _now += Step;
            each?.Invoke();
            while (_network.TryPeek(out _, out (long Time, int) due) && due.Time <= _now)
                _network.Dequeue()();
            foreach (Node node in Nodes.Where(n => n.Formation is not null && !n.IsSuspended).OrderBy(_ => _random.Next()).ToArray())
                Turn(node);
        }
    }

    public bool AllUpInOne() => Nodes.All(IsUp) && Up.Count == 1 && Living == 1;

    private void Turn(Node node)
    {
        if (_now >= node.Asks)
        {
            node.Asks = _now + 1_000;
            if (_random.Next(3) > 0)
                node.Formation!.OnContacts(LookUp(node), _now);
            ShowStatus(node);
            Hello hello = node.Formation!.Ask(_now);
            foreach (NodeAddress other in node.Formation.Others(_now).ToArray())
                Send(node.Address, other, () => Deliver(other, hello));
        }
        ShowStatus(node);
        switch (node.Formation!.Decide(_now))
        {
            case FormationDecision.Found found:
                Founded++;
                _clusters[found.ClusterId] = [node.Self];
                break;
            case FormationDecision.Join join:
                // Joins by whom it reaches; Akka asks again and again.
                node.Joining = join;
                break;
            case FormationDecision.Withdraw:
                Stop(node);
                Start(node);
                return;
        }
        if (node.Joining is { } joining && _clusters.TryGetValue(joining.ClusterId, out HashSet<Incarnation>? members)
            && members.Any(m => joining.Members.Contains(m.Address) && !IsCut(m.Address, node.Address)) && _random.Next(10) == 0)
        {
            members.Add(node.Self);
            node.Joining = null;
        }
    }

    private void ShowStatus(Node node)
    {
        foreach ((string id, HashSet<Incarnation> members) in _clusters)
        {
            if (!members.Contains(node.Self))
                continue;
            if (members.Count >= _rules.Required)
                _cameUp.Add(id);
            node.Formation!.OnStatus(_cameUp.Contains(id) ? FormationStatus.Up : FormationStatus.Joining, [.. members.Select(m => m.Address)]);
        }
    }

    private void Deliver(NodeAddress to, Hello hello)
    {
        Node node = Nodes.Single(n => n.Address == to);
        if (node.Formation is null)
            return;
        if (node.IsSuspended)
        {
            // It waits in the socket until the node goes on.
            Send(hello.From.Address, to, () => Deliver(to, hello), 500);
            return;
        }
        HelloReply reply = node.Formation.OnHello(hello, _now);
        Send(to, hello.From.Address, () =>
        {
            Node asker = Nodes.Single(n => n.Address == hello.From.Address);
            if (asker.Formation is not null && asker.Self == hello.From)
                asker.Formation.OnReply(reply, _now);
        });
    }

    private void Send(NodeAddress from, NodeAddress to, Action arrive, int least = 0)
    {
        if (IsCut(from, to) || _random.Next(100) < Loss)
            return;
        _network.Enqueue(arrive, (_now + least + _random.Next(0, Delay + 1), _numbers++));
    }

    private bool IsCut(NodeAddress one, NodeAddress other) => Cut.Contains((one, other)) || Cut.Contains((other, one));

    /// <summary>A node, over all of its lives.</summary>
    internal sealed class Node(NodeAddress address)
    {
        public NodeAddress Address { get; } = address;

        public Incarnation Self { get; set; }

        public Ogrt.Actors.Cluster.Formation.Formation? Formation { get; set; }

        public bool IsSuspended { get; set; }

        public long Asks { get; set; }

        public FormationDecision.Join? Joining { get; set; }
    }
}
