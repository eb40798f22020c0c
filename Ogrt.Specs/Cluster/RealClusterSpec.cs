using System.Text.Json;
using Ogrt.Specs.Cluster.Lab;

namespace Ogrt.Specs.Cluster;

/// <summary>Three real servers, and what they say of each other; <see cref="Faults.ClusterFaultsSpec"/> breaks such.</summary>
[Collection(LabCollection.Name)]
public sealed class RealClusterSpec(LabFixture fixture) : IClassFixture<LabFixture>
{
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
    public async Task A_node_that_stands_still_hides_nobody_elses_numbers()
    {
        await Lab.WholeAsync(Cancel);
        LabNode still = Lab.Nodes[2];
        still.Pause();
        try
        {
            (_, string output, _) = await Lab.Nodes[0].CommandAsync("cluster", "show", "--json");
            using JsonDocument document = JsonDocument.Parse(output);
            var shards = document.RootElement.GetProperty("members").EnumerateArray().ToDictionary(m => m.GetProperty("node").GetString()!, m => m.TryGetProperty("shards", out JsonElement count) && count.ValueKind == JsonValueKind.Number);
            Assert.Equal(Lab.Nodes.ToDictionary(n => n.Name, n => n != still), shards);
        }
        finally
        {
            still.Resume();
        }
        await Lab.WholeAsync(Cancel);
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
}
