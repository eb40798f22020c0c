using Ogrt.Specs.Cluster.Lab;
using Ogrt.Specs.Shim;

namespace Ogrt.Specs.Cluster;

/// <summary>Three real servers that know of each other by an alias in the DNS, whose answers change while they start.</summary>
[Collection(LabCollection.Name)]
public sealed class RealAliasSpec
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nodes_that_start_while_the_alias_changes_make_one_cluster_of_the_lowest_address()
    {
        Command.Require("dnsmasq");
        await using ClusterLab lab = await ClusterLab.CreateAsync(new LabOptions { ByAlias = true, Settings = LabSettings.Quick }, Cancel);
        await lab.SetAliasAsync([lab.Nodes[2]]);
        foreach (LabNode node in lab.Nodes)
            await node.StartAsync();

        // One node alone, whatever the alias says of it, founds nothing.
        await SaysAsync(lab, lab.Nodes[2], "1 of 2 required ones answer");
        await SaysAsync(lab, lab.Nodes[0], "is not among those that are listed");
        Assert.All(lab.Nodes, node => Assert.DoesNotContain("Founding the cluster", node.Said, StringComparison.Ordinal));

        // For shorter than the margin others, then all.
        await lab.SetAliasAsync([lab.Nodes[1], lab.Nodes[2]]);
        await lab.SetAliasAsync(lab.Nodes);
        await lab.WholeAsync(Cancel);
        LabNode founder = Assert.Single(lab.Nodes, node => node.Said.Contains("Founding the cluster", StringComparison.Ordinal));
        Assert.Equal(lab.Nodes[0], founder);

        // A node that the alias no longer names is a node all the same, and finds its cluster again.
        await lab.SetAliasAsync([lab.Nodes[0], lab.Nodes[1]]);
        await lab.Nodes[2].KillAsync();
        await lab.Nodes[2].StartAsync();
        await lab.WholeAsync(Cancel);
    }

    private static Task SaysAsync(ClusterLab lab, LabNode node, string text) =>
        lab.UntilAsync(() => Task.FromResult(node.Said.Contains(text, StringComparison.Ordinal)), $"{node.Name} says: {text}", Cancel);
}
