using Ogrt.Specs.Cluster.Lab;

namespace Ogrt.Specs.Cluster;

/// <summary>Three real servers under load, while one of them is killed, cut off, or each is started again in turn.</summary>
[Collection(LabCollection.Name)]
public sealed class RealClusterSpec(LabFixture fixture) : IClassFixture<LabFixture>
{
    private const int NumbersOfALoad = 1_000_000;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private ClusterLab Lab => fixture.Lab;

    [Fact]
    public async Task Nodes_find_each_other_by_their_seeds_and_show_each_other()
    {
        await Lab.WholeAsync(Cancel);
        (int code, string output, string error) = await Lab.Nodes[1].CommandAsync("cluster", "show");
        Assert.True(code == 0, error);
        Assert.All(Lab.Nodes, node => Assert.Contains(node.Name, output, StringComparison.Ordinal));
        Assert.Contains("keep-majority", output, StringComparison.Ordinal);
        // The first seed has founded it.
        Assert.StartsWith(Lab.Nodes[0].Name + "#", (await Lab.Nodes[2].ClusterAsync()).Id, StringComparison.Ordinal);
    }

    [Fact]
    public async Task When_the_coordinators_node_is_killed_its_jobs_live_on_elsewhere_and_nothing_is_lost()
    {
        await using LabLoad load = await LoadAsync();
        LabNode coordinator = await CoordinatorAsync();
        await coordinator.KillAsync();
        LabNode[] others = [.. Lab.Nodes.Where(n => n != coordinator)];
        await Lab.UntilAsync(async () => (await others[0].ClusterAsync()).Up.Count == 2 && (await others[1].ClusterAsync()).Up.Count == 2,
            "the dead node is out of the cluster", Cancel);
        await MoreAsync(load);
        await coordinator.StartAsync();
        await Lab.WholeAsync(Cancel);
        await LabOracle.HoldsAsync(Lab, await load.StopAsync(), Cancel);
    }

    [Fact]
    public async Task A_rolling_restart_under_load_loses_nothing()
    {
        await using LabLoad load = await LoadAsync();
        foreach (LabNode node in Lab.Nodes)
        {
            (int code, _, string error) = await node.CommandAsync("leave");
            Assert.True(code == 0, error);
            Assert.Equal(0, await node.EndAsync());
            await node.StartAsync();
            await Lab.WholeAsync(Cancel);
            await MoreAsync(load);
        }
        await LabOracle.HoldsAsync(Lab, await load.StopAsync(), Cancel);
    }

    [Fact]
    public async Task A_node_that_is_cut_off_stops_and_one_cluster_is_there_when_the_network_is_whole_again()
    {
        Assert.SkipUnless(Lab.CanCut, $"the network cannot be cut here: {Lab.WhyNoNamespaces}");
        await using LabLoad load = await LoadAsync();
        LabNode alone = Lab.Nodes[0];
        Lab.Partition(alone, Lab.Nodes[1]);
        Lab.Partition(alone, Lab.Nodes[2]);
        try
        {
            await Lab.UntilAsync(() => Task.FromResult(!alone.Runs), "the node that is alone stops", Cancel);
            // 75 has systemd start it again; it finds nobody, and founds nothing by itself.
            Assert.Equal(75, alone.ExitCode);
            await alone.StartAsync();
            await MoreAsync(load);
            Assert.False(await alone.IsReadyAsync());
        }
        finally
        {
            Lab.Heal();
        }
        await Lab.WholeAsync(Cancel);
        await LabOracle.HoldsAsync(Lab, await load.StopAsync(), Cancel);
    }

    [Fact]
    public async Task Another_node_can_be_asked_to_leave_and_a_reachable_one_is_not_put_out_by_mistake()
    {
        await Lab.WholeAsync(Cancel);
        (int refused, _, string why) = await Lab.Nodes[0].CommandAsync("cluster", "down", "--confirm", Lab.Nodes[2].Name);
        Assert.Equal(64, refused);
        Assert.Contains("is reachable", why, StringComparison.Ordinal);
        Assert.Equal(66, (await Lab.Nodes[0].CommandAsync("cluster", "leave", "10.0.0.1:1")).ExitCode);

        (int code, _, string error) = await Lab.Nodes[0].CommandAsync("cluster", "leave", Lab.Nodes[2].Name);
        Assert.True(code == 0, error);
        Assert.Equal(0, await Lab.Nodes[2].EndAsync());
        await Lab.Nodes[2].StartAsync();
        await Lab.WholeAsync(Cancel);
    }

    private async Task<LabLoad> LoadAsync()
    {
        await Lab.WholeAsync(Cancel);
        LabLoad load = LabLoad.Start(Lab, fixture.NextNumber);
        fixture.NextNumber += NumbersOfALoad;
        await MoreAsync(load);
        return load;
    }

    private Task MoreAsync(LabLoad load)
    {
        int wanted = load.Confirmed + 500;
        return Lab.UntilAsync(() => Task.FromResult(load.Confirmed >= wanted), "frames are confirmed", Cancel);
    }

    private async Task<LabNode> CoordinatorAsync()
    {
        (_, string output, _) = await Lab.Nodes[0].CommandAsync("cluster", "show", "--json");
        using System.Text.Json.JsonDocument document = System.Text.Json.JsonDocument.Parse(output);
        string name = document.RootElement.GetProperty("members").EnumerateArray().Single(m => m.GetProperty("is_coordinator").GetBoolean()).GetProperty("node").GetString()!;
        return Lab.Nodes.Single(n => n.Name == name);
    }
}
