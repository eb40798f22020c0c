using Ogrt.Journal;
using Ogrt.Sinks;

namespace Ogrt.Specs.Sinks;

/// <summary>What a sink whose target is away does to a journal at its limit.</summary>
public sealed class JournalFullSpec
{
    private const string Dead = "type = scripted, stop-timeout = 10 ms, send-timeout = 1 h, batch-count = 100,";

    [Fact]
    public async Task A_sink_that_may_skip_gives_its_oldest_records_up_and_counts_them()
    {
        var sinks = new ScriptedSink.Factory();
        await using var server = new SinkServer(
            $"ogrt.sinks {{ local.enabled = off, dead {{ {Dead} enabled = on, when-journal-full = skip }} }}",
            new SinkFactories([sinks]), maxSize: 256 << 10);
        sinks["dead"].Answer = Never;
        await server.StartAsync();
        for (int number = 0; number < 8_000; number += 100)
            await AppendAsync(server, number, 100);

        SinkCounts counts = server.Sink("dead").Metrics.Counts;
        Assert.True(counts.Dropped > 0, counts.ToString());
        // The rest is still there and is delivered when the target is back.
        sinks["dead"].Answer = (sink, attempt, _) => ValueTask.FromResult(sink.TakeAll(attempt));
        await server.RestartAsync();
        await server.DeliveredAsync("dead");
        Assert.Empty(sinks["dead"].Strange);
        var rest = sinks["dead"].Taken.Keys.Order().ToList();
        Assert.Equal(Enumerable.Range(8_000 - rest.Count, rest.Count), rest);
        Assert.Equal(8_000, counts.Dropped + rest.Count);
        Assert.True(server.Sink("dead").Metrics.Counts.IsConserved);
    }

    [Fact]
    public async Task A_sink_that_skips_takes_nothing_from_another()
    {
        var sinks = new ScriptedSink.Factory();
        await using var server = new SinkServer(
            $$"""
            ogrt.sinks { local.enabled = off
              dead { {{Dead}} enabled = on, when-journal-full = skip }
              alive { type = scripted, {{ScriptedServer.Quick}} }
            }
            """,
            new SinkFactories([sinks]), maxSize: 256 << 10);
        sinks["dead"].Answer = Never;
        await server.StartAsync();
        for (int number = 0; number < 8_000; number += 100)
            await AppendAsync(server, number, 100);
        await server.DeliveredAsync("alive");
        Assert.Equal(Enumerable.Range(0, 8_000), sinks["alive"].Taken.Keys.Order());
        Assert.Equal(0, server.Sink("alive").Metrics.Counts.Dropped);
        Assert.True(server.Sink("dead").Metrics.Counts.Dropped > 0);
    }

    [Fact]
    public async Task A_sink_that_waits_keeps_the_journal_full_and_loses_nothing()
    {
        var sinks = new ScriptedSink.Factory();
        await using var server = new SinkServer(
            $"ogrt.sinks {{ local.enabled = off, dead {{ {Dead} enabled = on }} }}", new SinkFactories([sinks]), maxSize: 256 << 10);
        sinks["dead"].Answer = Never;
        await server.StartAsync();
        Task appending = Task.Run(async () =>
        {
            for (int number = 0; number < 8_000; number += 100)
                await AppendAsync(server, number, 100);
        }, TestContext.Current.CancellationToken);
        await SinkServer.UntilAsync(() => server.Journal.Statistics.FullSince is not null);
        Assert.False(appending.IsCompleted);
        sinks["dead"].Answer = (sink, attempt, _) => ValueTask.FromResult(sink.TakeAll(attempt));
        // What is on its way to the target that never answers goes again when the sink is started anew.
        Assert.Equal(0, server.Sink("dead").Metrics.Counts.Dropped);
        await server.Host!.DisposeAsync();
        await server.StartAsync();
        await appending;
        await server.DeliveredAsync("dead");
        Assert.Equal(Enumerable.Range(0, 8_000), sinks["dead"].Taken.Keys.Order());
    }

    private static async ValueTask<SinkVerdict> Never(ScriptedSink sink, SinkAttempt attempt, CancellationToken cancel)
    {
        await Task.Delay(Timeout.Infinite, cancel);
        return SinkVerdict.Delivered;
    }

    private static async Task AppendAsync(SinkServer server, int from, int count)
    {
        var batch = new JournalBatch();
        for (int n = from; n < from + count; n++)
            batch.Add(ScriptedSink.Kind, Frames.Arrival + n, default, ScriptedSink.Payload(n));
        await server.Journal.AppendAsync(batch, CancellationToken.None);
    }
}
