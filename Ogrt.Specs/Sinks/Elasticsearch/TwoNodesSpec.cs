using System.Text.Json;
using Ogrt.Sinks;

namespace Ogrt.Specs.Sinks.Elasticsearch;

/// <summary>A real cluster of two nodes, both of them endpoints of the sink.</summary>
[Collection(RealServerCollection.Name)]
public sealed class TwoNodesSpec
{
    [Theory]
    [InlineData("elasticsearch")]
    [InlineData("opensearch")]
    public async Task When_one_of_two_nodes_is_killed_in_the_middle_each_record_is_there_once(string product)
    {
        const string index = "pair-processes-2023.11.14";
        (RealServer first, RealServer second) = await RealServer.StartPairAsync(product);
        await using RealServer one = first, two = second;
        await first.PutAsync("/" + index, """{"settings":{"number_of_shards":2,"number_of_replicas":1}}""");
        // What is acknowledged is on both nodes from here on.
        await first.GetAsync($"/_cluster/health/{index}?wait_for_status=green&timeout=120s");
        await using SinkServer sinks = new(EsSinks.Config("http://unused:1", string.Join(", ", new[]
        {
            $"endpoints = [\"{Url(first)}\", \"{Url(second)}\"]", "process-index = pair-processes", "job-index = pair-jobs", "time-past = 3660 d",
            "batch-count = 50", "max-in-flight = 4", "backoff-max = 100 ms", "circuit.max = 1 s",
        })), maxSize: 256 << 20);
        await sinks.StartAsync();
        sinks.Append(Enumerable.Range(0, 5000).Select(n => Frames.Process(n)));
        await RealServer.UntilAsync(() => sinks.Sink("es").Metrics.Counts.Delivered > 300, sinks);
        second.KillNow();
        Assert.True(sinks.Sink("es").LagRecords > 0, "Everything was delivered before the node was killed.");
        sinks.Append(Enumerable.Range(5000, 1000).Select(n => Frames.Process(n)));
        await RealServer.DeliveredAsync(sinks);

        SinkCounts counts = sinks.Sink("es").Metrics.Counts;
        Assert.Equal((6000, 0), (counts.Delivered + counts.Duplicate, counts.DeadLettered));
        IReadOnlyDictionary<string, JsonElement> documents = await first.DocumentsAsync("pair-processes-*");
        Assert.Equal(Enumerable.Range(1000, 6000), documents.Values.Select(d => d.GetProperty("pid").GetInt32()).Order());
        Assert.Equal(6000, await first.CountAsync("pair-processes-*"));
    }

    private static string Url(RealServer server) => server.Url.ToString().TrimEnd('/');
}
