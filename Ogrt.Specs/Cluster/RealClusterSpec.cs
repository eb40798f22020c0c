using System.Net.Sockets;
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
    public async Task What_is_in_the_store_of_a_node_is_not_taken_for_everything()
    {
        await Lab.WholeAsync(Cancel);
        (int code, _, string said) = await Lab.Nodes[0].CommandAsync("jobs", "--job", "nobody");
        Assert.Equal(1, code);
        Assert.Contains("No job matches.", said, StringComparison.Ordinal);
        Assert.Contains("Each node of a cluster has a store of its own", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_job_has_all_its_processes_on_each_node_and_a_node_says_that_its_store_has_not()
    {
        await Lab.WholeAsync(Cancel);
        int pid = 1000;
        foreach (LabNode node in Lab.Nodes)
        {
            using var client = new TcpClient();
            await client.ConnectAsync(node.Address, LabNode.FramePort, Cancel);
            NetworkStream stream = client.GetStream();
            await stream.WriteAsync(Jobs.Frames.Frame(Jobs.Frames.Process(pid++, 7, path: "/opt/spread", job: "spread")), Cancel);
            client.Client.Shutdown(SocketShutdown.Send);
            Assert.Equal(0, await stream.ReadAsync(new byte[1], Cancel));
        }
        foreach (LabNode node in Lab.Nodes)
        {
            await Lab.UntilAsync(async () =>
            {
                (_, string output, string error) = await node.CommandAsync("tree", "spread", "--expand");
                return output.Contains("3 processes", StringComparison.Ordinal) && error.Contains("The store has 1 of the job's 3 processes", StringComparison.Ordinal);
            }, $"{node.Name} tells of the job", Cancel);
        }
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
