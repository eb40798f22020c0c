using CsCheck;
using Ogrt.Actors.Cluster;
using Ogrt.Actors.Cluster.Formation;

namespace Ogrt.Specs.Cluster.Formation;

/// <summary>However nodes start, and whatever the name service tells each of them, one cluster comes up and never two.</summary>
public class FormationSpec
{
    private static readonly NodeAddress A = new("10.0.0.1", 7972), B = new("10.0.0.2", 7972);

    [Fact]
    public void Nodes_that_start_in_any_order_and_get_different_answers_found_one_cluster() =>
        Trouble(cutsAndSuspends: false, stopsOfNodesThatAreUp: false, (nodes, _) => Assert.InRange(nodes.Living, 0, 1));

    [Fact]
    public void Nodes_that_are_cut_off_and_suspended_besides_never_bring_up_two_clusters() =>
        Trouble(cutsAndSuspends: true, stopsOfNodesThatAreUp: false, (nodes, _) => Assert.InRange(nodes.Up.Count, 0, 1));

    [Fact]
    public void Whatever_happens_to_nodes_one_cluster_is_left_when_it_is_over() =>
        Trouble(cutsAndSuspends: true, stopsOfNodesThatAreUp: true, (nodes, required) =>
            Assert.InRange(nodes.Up.Count(id => nodes.MembersOf(id) >= required), 0, 1));

    [Theory]
    [InlineData("c", 99, "ogrt.jobs.shards is 100 here and 99 on 10.0.0.2:7972")]
    [InlineData("d", 100, "ogrt.cluster is \"c\" here and \"d\" on 10.0.0.2:7972")]
    public void A_node_that_does_not_fit_the_cluster_that_it_finds_does_not_join_it(string cluster, int shards, string why)
    {
        HelloReply Reply(FormationStatus status) => new(cluster, new Incarnation(B, 2), 0, status, "id", [B], "", false, shards);
        var formation = new Actors.Cluster.Formation.Formation(
            new FormationRules { Cluster = "c", Shards = 100, Required = 1, Margin = 10, AnswerLife = 1000, VoteLife = 20 }, new Incarnation(A, 1), 0);
        formation.OnContacts([A, B], 0);

        // Neither is in a cluster: it waits for whoever is wrong, and founds none.
        formation.OnReply(Reply(FormationStatus.Waiting), 1);
        var wait = Assert.IsType<FormationDecision.Wait>(formation.Decide(900));
        Assert.True(wait.IsFault);
        Assert.Contains(why, wait.Why, StringComparison.Ordinal);
        formation.OnReply(Reply(FormationStatus.Up) with { AskedAt = 900 }, 901);
        Assert.Contains(why, Assert.IsType<FormationDecision.Refuse>(formation.Decide(902)).Why, StringComparison.Ordinal);
        // One that does not tell its number is no obstacle.
        formation.OnReply(Reply(FormationStatus.Up) with { Cluster = "c", Shards = 0, AskedAt = 903 }, 904);
        Assert.IsType<FormationDecision.Join>(formation.Decide(905));
    }

    /// <summary>A while of trouble, in which something holds all the time; then all is well, and so is the cluster.</summary>
    private static void Trouble(bool cutsAndSuspends, bool stopsOfNodesThatAreUp, Action<SimulatedNodes, int> holds) =>
        Gen.Select(Gen.Int[2, 5], Gen.Int).Sample((count, seed) =>
        {
            var random = new Random(seed);
            int required = (count / 2) + 1;
            var nodes = new SimulatedNodes(count, required, random, seeds: random.Next(3) == 0)
            {
                Loss = random.Next(3) switch { 0 => 0, 1 => 5, _ => cutsAndSuspends ? 40 : 10 },
                Delay = random.Next(3) switch { 0 => 20, 1 => 900, _ => cutsAndSuspends ? 6_000 : 2_000 },
            };
            Dictionary<NodeAddress, IReadOnlyList<NodeAddress>?> told = [];
            nodes.LookUp = node => told.GetValueOrDefault(node.Address);
            nodes.Run(120_000, () =>
            {
                holds(nodes, required);
                if (random.Next(10) > 0)
                    return;
                SimulatedNodes.Node node = nodes.Nodes[random.Next(count)];
                switch (random.Next(cutsAndSuspends ? 8 : 6))
                {
                    case 0 or 1 or 2:
                        told[node.Address] = random.Next(6) == 0 ? null : [.. nodes.Addresses.Where(a => random.Next(6) > 0)];
                        break;
                    case 3 or 4:
                        if (node.Formation is null)
                            nodes.Start(node);
                        break;
                    case 5:
                        if (node.Formation is not null && random.Next(4) == 0 && (stopsOfNodesThatAreUp || !nodes.IsUp(node)))
                            nodes.Stop(node);
                        break;
                    case 6:
                        node.IsSuspended = !node.IsSuspended;
                        break;
                    default:
                        if (random.Next(2) == 0)
                            nodes.Cut.Add((node.Address, nodes.Nodes[random.Next(count)].Address));
                        else
                            nodes.Cut.Clear();
                        break;
                }
            });

            nodes.Cut.Clear();
            (nodes.Loss, nodes.Delay) = (0, 50);
            nodes.LookUp = _ => nodes.Addresses;
            foreach (SimulatedNodes.Node node in nodes.Nodes)
            {
                node.IsSuspended = false;
                if (node.Formation is null)
                    nodes.Start(node);
            }
            nodes.Run(120_000);
            Assert.True(nodes.AllUpInOne(), $"{nodes.Living} clusters of {count} nodes, {nodes.Up.Count} of them up");
        }, iter: 100, threads: 1);

    [Fact]
    public void Nodes_that_start_together_found_one_cluster_and_it_is_the_lowest_address_that_does() =>
        Gen.Select(Gen.Int[2, 6], Gen.Int).Sample((count, seed) =>
        {
            var nodes = new SimulatedNodes(count, (count / 2) + 1, new Random(seed)) { Delay = 200 };
            nodes.LookUp = _ => nodes.Addresses;
            foreach (SimulatedNodes.Node node in nodes.Nodes)
                nodes.Start(node);
            nodes.Run(20_000);
            Assert.Equal(1, nodes.Founded);
            Assert.StartsWith("10.0.0.1:7972#", Assert.Single(nodes.Up), StringComparison.Ordinal);
            Assert.True(nodes.AllUpInOne());
        }, iter: 100, threads: 1);

    [Fact]
    public void A_node_that_is_listed_and_gone_keeps_nobody_from_founding()
    {
        var nodes = new SimulatedNodes(3, 2, new Random(1));
        nodes.LookUp = _ => nodes.Addresses;
        nodes.Start(nodes.Nodes[1]);
        nodes.Start(nodes.Nodes[2]);
        nodes.Run(20_000);
        Assert.StartsWith("10.0.0.2:7972#", Assert.Single(nodes.Up), StringComparison.Ordinal);
    }

    [Fact]
    public void Fewer_nodes_than_required_found_nothing()
    {
        var nodes = new SimulatedNodes(3, 2, new Random(1));
        nodes.LookUp = _ => nodes.Addresses;
        nodes.Start(nodes.Nodes[0]);
        nodes.Run(60_000);
        Assert.Equal(0, nodes.Founded);
    }

    [Fact]
    public void Two_nodes_whose_seeds_name_themselves_first_both_say_so_and_found_nothing()
    {
        var a = new Ogrt.Actors.Cluster.Formation.Formation(Rules(required: 1) with { Seeds = $"{A} {B}" }, new Incarnation(A, 1), 0);
        var b = new Ogrt.Actors.Cluster.Formation.Formation(Rules(required: 1) with { Seeds = $"{B} {A}" }, new Incarnation(B, 2), 0);
        a.OnContacts([A, B], 0);
        b.OnContacts([B, A], 0);
        for (long now = 0; now < 60_000; now += 500)
        {
            a.OnReply(b.OnHello(a.Ask(now), now), now);
            b.OnReply(a.OnHello(b.Ask(now), now), now);
            foreach (FormationDecision decision in new[] { a.Decide(now), b.Decide(now) })
            {
                var wait = Assert.IsType<FormationDecision.Wait>(decision);
                Assert.True(wait.IsFault);
                Assert.Contains("the same list in the same order", wait.Why, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void A_change_of_the_list_or_a_look_up_that_fails_starts_the_margin_again()
    {
        var a = new Ogrt.Actors.Cluster.Formation.Formation(Rules(required: 1), new Incarnation(A, 1), 0);
        a.OnContacts([A], 0);
        Assert.IsType<FormationDecision.Wait>(a.Decide(4_999));
        a.OnContacts(null, 4_999);
        Assert.Contains("the look-up", Assert.IsType<FormationDecision.Wait>(a.Decide(9_000)).Why, StringComparison.Ordinal);
        a.OnContacts([A, B], 9_000);
        Assert.Contains("no answer from 10.0.0.2:7972", Assert.IsType<FormationDecision.Wait>(a.Decide(13_999)).Why, StringComparison.Ordinal);
        Assert.IsType<FormationDecision.Found>(a.Decide(14_000));
    }

    [Fact]
    public void A_node_that_the_alias_does_not_list_founds_nothing_but_joins_what_there_is()
    {
        var b = new Ogrt.Actors.Cluster.Formation.Formation(Rules(required: 1), new Incarnation(B, 2), 0);
        b.OnContacts([A], 0);
        Assert.Contains("is not among those", Assert.IsType<FormationDecision.Wait>(b.Decide(60_000)).Why, StringComparison.Ordinal);
        b.OnReply(new HelloReply("test", new Incarnation(A, 1), 60_000, FormationStatus.Up, "x", [A, B], "", false), 60_000);
        FormationDecision.Join join = Assert.IsType<FormationDecision.Join>(b.Decide(60_000));
        Assert.Equal([A], join.Members);
    }

    [Fact]
    public void Nodes_of_another_cluster_do_not_count_and_get_no_vote()
    {
        var a = new Ogrt.Actors.Cluster.Formation.Formation(Rules(required: 2), new Incarnation(A, 1), 0);
        a.OnContacts([A, B], 0);
        a.OnReply(new HelloReply("other", new Incarnation(B, 2), 9_000, FormationStatus.Waiting, "", [], "", true), 9_000);
        Assert.IsType<FormationDecision.Wait>(a.Decide(9_000));
        Assert.False(a.OnHello(new Hello("other", new Incarnation(B, 2), 9_000, true), 9_000).Granted);
        Assert.True(a.OnHello(new Hello("test", new Incarnation(B, 2), 9_000, true), 9_000).Granted);
    }

    [Fact]
    public void A_vote_binds_and_a_node_that_has_just_started_has_none_to_give()
    {
        NodeAddress c = new("10.0.0.3", 7972);
        var voter = new Ogrt.Actors.Cluster.Formation.Formation(Rules(required: 2), new Incarnation(c, 3), 0);
        voter.OnContacts([A, B, c], 0);
        Hello fromA = new("test", new Incarnation(A, 1), 0, true), fromB = new("test", new Incarnation(B, 2), 0, true);
        Assert.False(voter.OnHello(fromA, 4_999).Granted);
        Assert.True(voter.OnHello(fromB, 5_000).Granted);
        Assert.False(voter.OnHello(fromA, 14_999).Granted);
        Assert.True(voter.OnHello(fromA, 15_000).Granted);
    }

    [Fact]
    public void Two_clusters_that_are_up_are_told_and_neither_is_joined()
    {
        NodeAddress c = new("10.0.0.3", 7972);
        var node = new Ogrt.Actors.Cluster.Formation.Formation(Rules(required: 1), new Incarnation(c, 3), 0);
        node.OnContacts([A, B, c], 0);
        node.OnReply(new HelloReply("test", new Incarnation(A, 1), 1, FormationStatus.Up, "x", [A], "", false), 1);
        node.OnReply(new HelloReply("test", new Incarnation(B, 2), 1, FormationStatus.Up, "y", [B], "", false), 1);
        Assert.True(Assert.IsType<FormationDecision.Wait>(node.Decide(1)).IsFault);
    }

    private static FormationRules Rules(int required) =>
        new() { Cluster = "test", Required = required, Margin = 5_000, VoteLife = 10_000, AnswerLife = 3_000 };
}
