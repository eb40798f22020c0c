using Ogrt.Sinks;

namespace Ogrt.Specs.Sinks.Elasticsearch;

/// <summary>A bad line to a real server: whatever it does, each record is there once.</summary>
[Collection(RealServerCollection.Name)]
public sealed class ToxiproxySpec(RealServers servers)
{
    private readonly string _prefix = "x" + Guid.NewGuid().ToString("N")[..12];

    public static TheoryData<string, string, string> Faults => new()
    {
        { "opensearch", "limit_data", "downstream" },
        { "opensearch", "limit_data", "upstream" },
        { "elasticsearch", "reset_peer", "downstream" },
        { "opensearch", "reset_peer", "upstream" },
        { "elasticsearch", "timeout", "downstream" },
        { "opensearch", "slicer", "upstream" },
        { "elasticsearch", "cut", "" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Each_record_is_there_once_when_the_line_is_good_again(string product, string fault, string stream)
    {
        RealServer server = await servers.GetAsync(product);
        await using Toxiproxy proxy = await Toxiproxy.StartAsync(server.Url);
        await using SinkServer sinks = new(EsSinks.Config(
            proxy.Url, $"process-index = {_prefix}-processes, job-index = {_prefix}-jobs, batch-count = 100, max-in-flight = 3, send-timeout = 1 s, circuit.max = 100 ms"));
        await sinks.StartAsync();
        sinks.Append(Enumerable.Range(0, 500).Select(n => Frames.Process(n)));
        await RealServer.UntilAsync(() => sinks.Sink("es").Metrics.Counts.Delivered >= 100, sinks);

        if (fault == "cut")
            await proxy.EnableAsync(false);
        else
            await proxy.AddAsync(fault, stream, Attributes(fault));
        sinks.Append(Enumerable.Range(500, 1500).Select(n => Frames.Process(n)));
        // A line that only slices does not hinder; the others stop everything.
        if (fault != "slicer")
            await RealServer.UntilAsync(() => sinks.Sink("es").Phase == SinkPhase.Retrying, sinks);
        if (fault == "cut")
            await proxy.EnableAsync(true);
        else
            await proxy.ResetAsync();

        await RealServer.DeliveredAsync(sinks);
        Assert.Equal(2000, await server.CountAsync(_prefix + "-processes-*"));
        SinkCounts counts = sinks.Sink("es").Metrics.Counts;
        Assert.Equal((2000, 0), (counts.Delivered + counts.Duplicate, counts.DeadLettered));
    }

    private static object Attributes(string fault) => fault switch
    {
        "limit_data" => new { bytes = 120 },
        "reset_peer" => new { timeout = 0 },
        "timeout" => new { timeout = 0 },
        _ => new { average_size = 1000, size_variation = 500, delay = 100 },
    };
}
