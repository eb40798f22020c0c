using Ogrt.Sinks;
using Ogrt.Specs.Sinks.Elasticsearch;

namespace Ogrt.Specs.Sinks.JsonTcp;

/// <summary>A bad line with a proxy in it, which takes bytes and may lose them: whatever it does, each record arrives.</summary>
public sealed class JsonTcpToxiproxySpec
{
    public static TheoryData<string, string, string> Faults => new()
    {
        { "cut", "", "" },
        { "reset_peer", "upstream", """{ "timeout": 0 }""" },
        { "limit_data", "upstream", """{ "bytes": 20000 }""" },
        // Swallows what comes, and ends the connection a moment later.
        { "timeout", "upstream", """{ "timeout": 100 }""" },
        // A black hole: nothing goes through, and nobody says so.
        { "bandwidth", "upstream", """{ "rate": 0 }""" },
        { "slicer", "upstream", """{ "average_size": 1000, "size_variation": 500, "delay": 100 }""" },
        { "latency", "upstream", """{ "latency": 100, "jitter": 50 }""" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Each_record_is_there_when_the_line_is_good_again(string fault, string stream, string attributes)
    {
        await using var end = new LineServer();
        await using Toxiproxy proxy = await Toxiproxy.StartAsync(new Uri($"http://127.0.0.1:{end.Port}"));
        await using SinkServer server = TcpSinks.Server(new Uri(proxy.Url).Authority, "batch-count = 100, stall-timeout = 500 ms, settle-time = 1 s");
        await server.StartAsync();
        server.AppendProcesses(0, 500);
        await SinkServer.UntilAsync(() => end.Lines.Count >= 100, () => server.State().ToString());

        if (fault == "cut")
            await proxy.EnableAsync(false);
        else
            await proxy.AddAsync(fault, stream, System.Text.Json.JsonDocument.Parse(attributes).RootElement);
        server.AppendProcesses(500, 2500);
        // What slices or delays does not hinder; the others stop everything.
        if (fault is not ("slicer" or "latency"))
            await server.UntilAsync(s => s.Phase == SinkPhase.Retrying);
        if (fault == "cut")
            await proxy.EnableAsync(true);
        else
            await proxy.ResetAsync();

        await server.DeliveredAsync("tcp");
        await SinkServer.UntilAsync(() => TcpSinks.Numbers(end).Count == 3000, () => $"{TcpSinks.Numbers(end).Count} of 3000");
        SinkCounts counts = server.Sink("tcp").Metrics.Counts;
        Assert.Equal((3000, 0), (counts.Delivered, counts.DeadLettered));
    }
}
