namespace Ogrt.Actors.Cluster.Formation;

/// <summary>
/// Decides how one node gets into a cluster, so that there is never more than one: it joins whom it finds in a cluster, and
/// founds one only when it is the first of the nodes that answer, nothing has changed for the margin, and enough nodes have
/// given it their vote. It knows no clock, no network and no actor: the specs run many of them against each other.
/// </summary>
/// <remarks>
/// Why two are never founded side by side. A node has one vote at a time, its own founding included. With more than half of
/// all nodes required, two founders share a voter. It binds itself for <see cref="FormationRules.VoteLife"/> from the moment
/// it answers; the founder uses the vote for half of that from the moment it asked, which is earlier. So the second founder
/// gets it only after the first one has founded or can no longer do so.
/// What remains: the first has founded, nobody has reached it, and the votes have run out. Its cluster has one member then,
/// which is fewer than required, so Akka moves nobody up in it (<c>akka.cluster.min-nr-of-members</c>), no job starts there,
/// and it withdraws as soon as it hears of the other. As both need the required number of members to come up, only one can.
/// </remarks>
public sealed class Formation
{
    private readonly FormationRules _rules;
    private readonly Incarnation _self;
    private readonly Dictionary<NodeAddress, Peer> _peers = [];
    private readonly Dictionary<NodeAddress, long> _heard = [];
    private IReadOnlyList<NodeAddress> _contacts = [];
    private bool _contactsKnown;
    private string _view = "";
    private long _viewSince;
    private readonly long _votesFrom;
    private Incarnation? _votedFor;
    private long _voteEnds;
    private long _standsAgainAt = long.MinValue / 2;
    private long _stoodSince;
    private string _clusterId = "";
    private long _aliveAt;
    private FormationStatus _status = FormationStatus.Waiting;
    private IReadOnlyList<NodeAddress> _members = [];

    /// <summary>Makes the state of a node that is in no cluster.</summary>
    /// <param name="rules">What it goes by.</param>
    /// <param name="self">This process.</param>
    /// <param name="now">The clock in milliseconds; it does not jump.</param>
    public Formation(FormationRules rules, Incarnation self, long now)
    {
        _rules = rules;
        _self = self;
        // The process before this one, at the same address, may have given its vote a moment ago.
        _votesFrom = now + rules.VoteLife / 2;
    }

    /// <summary>The nodes to talk to: those that are listed, and those that have talked to this one of late.</summary>
    /// <param name="now">The clock in milliseconds.</param>
    public IEnumerable<NodeAddress> Others(long now)
    {
        // Where one node knows of another, both do: a voter asks its candidate what has come of the vote.
        foreach (NodeAddress forgotten in _heard.Where(h => now - h.Value > 6 * _rules.VoteLife).Select(h => h.Key).ToArray())
            _heard.Remove(forgotten);
        return _contacts.Concat(_heard.Keys).Distinct().Where(c => c != _self.Address);
    }

    /// <summary>The cluster that this node is in or joins; empty for none.</summary>
    public string ClusterId => _clusterId;

    /// <summary>Takes what the list of nodes is now.</summary>
    /// <param name="contacts">The nodes in their order; null when the look-up has failed, which says nothing about who is there.</param>
    /// <param name="now">The clock in milliseconds; it does not jump.</param>
    public void OnContacts(IReadOnlyList<NodeAddress>? contacts, long now)
    {
        _contactsKnown = contacts is not null;
        if (contacts is not null)
            _contacts = [.. contacts.Distinct()];
        Look(now);
    }

    /// <summary>Takes the node's place in its cluster, once it is in one.</summary>
    public void OnStatus(FormationStatus status, IReadOnlyList<NodeAddress> members)
    {
        _status = status;
        _members = members;
    }

    /// <summary>The next question to the others.</summary>
    public Hello Ask(long now) => new(_rules.Cluster, _self, now, VotesForItself(now));

    /// <summary>Answers another node.</summary>
    public HelloReply OnHello(Hello hello, long now)
    {
        ArgumentNullException.ThrowIfNull(hello);
        if (hello.Cluster == _rules.Cluster)
            _heard[hello.From.Address] = now;
        bool granted = hello.AsksVote && hello.Cluster == _rules.Cluster && Grant(hello.From, now);
        return new HelloReply(_rules.Cluster, _self, hello.AskedAt, _status, _clusterId, _members, _rules.Seeds, granted, _rules.Shards);
    }

    /// <summary>Takes another node's answer.</summary>
    public void OnReply(HelloReply reply, long now)
    {
        ArgumentNullException.ThrowIfNull(reply);
        // Answers overtake each other. An older one of the same process tells nothing new.
        if (_peers.TryGetValue(reply.From.Address, out Peer? known) && known.Reply.From == reply.From && known.Reply.AskedAt > reply.AskedAt)
            return;
        _peers[reply.From.Address] = new Peer(reply);
        Look(now);
    }

    /// <summary>What to do now.</summary>
    public FormationDecision Decide(long now)
    {
        Look(now);
        Peer[] answering = [.. Answering(now)];
        Peer[] waiting = [.. answering.Where(p => p.Reply.Status == FormationStatus.Waiting && IsListed(p))];
        if (_status == FormationStatus.Leaving)
            return FormationDecision.Settled.Instance;
        if (_clusterId.Length == 0 && Misfit(now) is { } misfit)
            return misfit;
        if (_status == FormationStatus.Up)
            return InClusterThatIsUp(answering);
        if (_clusterId.Length > 0)
            return InClusterThatIsNotUp(answering, now);
        if (ExistingCluster(answering, now, out FormationDecision decision) || Obstacle(waiting, out decision))
            return decision;
        return Stand(waiting, now);
    }

    /// <summary>
    /// Another cluster can come up beside this one when most of its nodes have left it in order and then no longer reach the
    /// rest. The smaller one gives way, as soon as either hears of the other.
    /// </summary>
    private FormationDecision InClusterThatIsUp(Peer[] answering)
    {
        foreach (Peer peer in answering.Where(p => p.Reply.Status == FormationStatus.Up && p.Reply.ClusterId != _clusterId))
        {
            int smaller = _members.Count.CompareTo(peer.Reply.Members.Count);
            if (smaller < 0 || (smaller == 0 && string.CompareOrdinal(peer.Reply.ClusterId, _clusterId) < 0))
            {
                return new FormationDecision.Withdraw(
                    $"there are two clusters: {_clusterId}, with {_members.Count} nodes, is this node's, and {peer.Reply.From.Address} is in {peer.Reply.ClusterId}, with {peer.Reply.Members.Count}");
            }
        }
        return FormationDecision.Settled.Instance;
    }

    private FormationDecision InClusterThatIsNotUp(Peer[] answering, long now)
    {
        // Members that have died before the cluster was up cannot be put out of it, and a founder that has died is never
        // reached.
        bool Answers(NodeAddress member) => Array.Exists(answering, p => p.Reply.From.Address == member && p.Reply.ClusterId == _clusterId);
        bool alive = _members.Contains(_self.Address)
            ? _members.All(m => m == _self.Address || Answers(m))
            : Array.Exists(answering, p => p.Reply.ClusterId == _clusterId && IsMember(p));
        if (alive)
            _aliveAt = now;
        else if (now - _aliveAt > 2 * _rules.VoteLife)
            return new FormationDecision.Withdraw($"nodes of the cluster {_clusterId} have gone before it was up");

        // A node that is joining a cluster that is up is not yet up itself.
        bool ownIsUp = Array.Exists(answering, p => p.Reply.ClusterId == _clusterId && p.Reply.Status == FormationStatus.Up);
        foreach (Peer peer in answering.Where(p => !ownIsUp && p.Reply.ClusterId.Length > 0 && p.Reply.ClusterId != _clusterId))
        {
            bool isUp = peer.Reply.Status == FormationStatus.Up;
            if (isUp || (peer.Reply.Status == FormationStatus.Joining && string.CompareOrdinal(peer.Reply.ClusterId, _clusterId) < 0))
            {
                return new FormationDecision.Withdraw(
                    $"this node is in the cluster {_clusterId}, which has not come up, and {peer.Reply.From.Address} is in {peer.Reply.ClusterId}");
            }
        }
        return new FormationDecision.Wait($"the cluster {_clusterId} to take this node in; it needs {_rules.Required} nodes to come up, and {_members.Count} are in it");
    }

    private bool ExistingCluster(Peer[] answering, long now, out FormationDecision decision)
    {
        decision = FormationDecision.Settled.Instance;
        Peer[] inside = [.. answering.Where(p => p.Reply.Status is FormationStatus.Up or FormationStatus.Joining && IsMember(p))];
        if (inside.Length == 0)
            return false;
        string[] up = [.. inside.Where(p => p.Reply.Status == FormationStatus.Up).Select(p => p.Reply.ClusterId).Distinct()];
        if (up.Length > 1)
        {
            decision = new FormationDecision.Wait(
                $"there are {up.Length} clusters, and a person has to stop all but one of them: {string.Join("; ", up.Select(id => $"{id} with {Names(inside.Where(p => p.Reply.ClusterId == id))}"))}",
                IsFault: true);
            return true;
        }
        string chosen = up.Length == 1 ? up[0] : inside.Select(p => p.Reply.ClusterId).Min(StringComparer.Ordinal)!;
        NodeAddress[] members =
        [
            .. inside.Where(p => p.Reply.ClusterId == chosen).SelectMany(p => p.Reply.Members.Prepend(p.Reply.From.Address))
                .Where(a => a != _self.Address).Distinct(),
        ];
        _clusterId = chosen;
        _status = FormationStatus.Joining;
        _members = [];
        _votedFor = null;
        _aliveAt = now;
        decision = new FormationDecision.Join(chosen, members);
        return true;
    }

    /// <summary>What keeps this node from being in one cluster with others, however long it waits.</summary>
    private FormationDecision? Misfit(long now)
    {
        foreach (HelloReply other in AnsweringOfAnyCluster(now).Where(IsListed).Select(p => p.Reply))
        {
            string what = other.Cluster != _rules.Cluster
                ? $"ogrt.cluster is \"{_rules.Cluster}\" here and \"{other.Cluster}\" on {other.From.Address}: a node joins a cluster of its own name only"
                : other.Shards != _rules.Shards && other.Shards > 0 && _rules.Shards > 0
                    ? $"ogrt.jobs.shards is {_rules.Shards} here and {other.Shards} on {other.From.Address}: nodes with different numbers would look for one job in different places. Give all nodes the same number"
                    : "";
            if (what.Length > 0)
                return other.Status is FormationStatus.Up ? new FormationDecision.Refuse(what) : new FormationDecision.Wait(what, IsFault: true);
        }
        return null;
    }

    /// <summary>What keeps this node from founding a cluster, whatever the others think of it.</summary>
    private bool Obstacle(Peer[] answering, out FormationDecision decision)
    {
        int count = answering.Length + 1;
        Peer? other = Array.Find(answering, p => p.Reply.Seeds != _rules.Seeds);
        decision = new FormationDecision.Wait("");
        if (!_contactsKnown)
            return Because("the look-up of the nodes to answer", out decision);
        if (!_contacts.Contains(_self.Address))
        {
            return Because(_contacts.Count == 0
                ? "the look-up to name any node"
                : $"a cluster to join: this node ({_self.Address}) is not among those that are listed ({string.Join(", ", _contacts)}), so it founds none", out decision);
        }
        if (other is not null)
        {
            decision = new FormationDecision.Wait(
                $"the seeds are not the same on all nodes: [{_rules.Seeds}] here, [{other.Reply.Seeds}] on {other.Reply.From.Address}. Nodes with different seeds could make two clusters; give all the same list in the same order",
                IsFault: true);
            return true;
        }
        if (count < _rules.Required)
        {
            return Because($"more nodes: {count} of {_rules.Required} required ones answer" +
                $"{Silent(answering)}", out decision);
        }
        return false;
    }

    private FormationDecision Stand(Peer[] answering, long now)
    {
        if (now - _viewSince < _rules.Margin)
            return new FormationDecision.Wait($"the same nodes to be listed and to answer for {_rules.Margin} ms{Silent(answering)}");
        NodeAddress first = _contacts.First(c => c == _self.Address || Array.Exists(answering, p => p.Reply.From.Address == c));
        if (first != _self.Address)
        {
            if (VotesForItself(now))
                GiveUp(now);
            return new FormationDecision.Wait($"{first} to found the cluster: it is the first of those that answer");
        }
        if (!VoteForItself(now))
        {
            return new FormationDecision.Wait(_votedFor is { } holder && now < _voteEnds
                ? $"{holder.Address}, which has this node's vote, to found the cluster"
                : "a moment before it asks for votes");
        }
        int votes = 1 + answering.Count(p => p.Reply.Granted && now - p.Reply.AskedAt <= _rules.VoteLife / 2);
        if (votes < _rules.Required)
        {
            if (now - _stoodSince > _rules.VoteLife)
                GiveUp(now);
            return new FormationDecision.Wait($"votes to found the cluster: {votes} of {_rules.Required}");
        }
        _clusterId = _self.ToString();
        _status = FormationStatus.Joining;
        _members = [_self.Address];
        _aliveAt = now;
        return new FormationDecision.Found(_clusterId);
    }

    private bool VotesForItself(long now) => _votedFor == _self && now < _voteEnds && _clusterId.Length == 0;

    private bool VoteForItself(long now)
    {
        if (now < _standsAgainAt || now < _votesFrom)
            return false;
        if (!VotesForItself(now))
        {
            if (_votedFor is not null && _votedFor != _self && now < _voteEnds)
                return false;
            _votedFor = _self;
            _stoodSince = now;
        }
        _voteEnds = now + _rules.VoteLife;
        return true;
    }

    // Somebody else may have the votes. What was granted to this node is of no use to it any more, since its own is gone.
    private void GiveUp(long now)
    {
        _votedFor = null;
        _standsAgainAt = now + _rules.VoteLife + Math.Abs(_self.Uid % _rules.VoteLife);
    }

    private bool Grant(Incarnation candidate, long now)
    {
        if (_clusterId.Length > 0 || candidate == _self || now < _votesFrom)
            return false;
        bool bound = _votedFor is { } holder && now < _voteEnds && holder.Address != candidate.Address;
        if (bound)
        {
            // Two candidates that see each other agree at once: the one that comes first. A vote for itself can be taken
            // back, since nobody but this node counts it.
            if (_votedFor != _self || Rank(candidate.Address) >= Rank(_self.Address))
                return false;
        }
        _votedFor = candidate;
        _voteEnds = now + _rules.VoteLife;
        return true;
    }

    private int Rank(NodeAddress address)
    {
        for (int i = 0; i < _contacts.Count; i++)
            if (_contacts[i] == address)
                return i;
        return int.MaxValue;
    }

    private IEnumerable<Peer> Answering(long now) => AnsweringOfAnyCluster(now).Where(p => p.Reply.Cluster == _rules.Cluster);

    private IEnumerable<Peer> AnsweringOfAnyCluster(long now) =>
        _peers.Values.Where(p => now - p.Reply.AskedAt <= _rules.AnswerLife && p.Reply.From.Address != _self.Address);

    // One that is still trying to get in is of no use to others, and may be trying in vain.
    private static bool IsMember(Peer peer) => peer.Reply.Members.Contains(peer.Reply.From.Address);

    private bool IsListed(Peer peer) => _contacts.Contains(peer.Reply.From.Address);

    private void Look(long now)
    {
        string view = (_contactsKnown ? string.Join(' ', _contacts) : "?") + "|" +
            string.Join(' ', Answering(now).Where(IsListed).Select(p => p.Reply.From.ToString()).Order(StringComparer.Ordinal));
        if (view == _view)
            return;
        _view = view;
        _viewSince = now;
    }

    private string Silent(Peer[] answering)
    {
        string silent = string.Join(", ", _contacts.Where(c => c != _self.Address && !Array.Exists(answering, p => p.Reply.From.Address == c)));
        return silent.Length > 0 ? $"; no answer from {silent}" : "";
    }

    private static string Names(IEnumerable<Peer> peers) => string.Join(", ", peers.Select(p => p.Reply.From.Address.ToString()));

    private static bool Because(string what, out FormationDecision decision)
    {
        decision = new FormationDecision.Wait(what);
        return true;
    }

    private sealed record Peer(HelloReply Reply);
}
