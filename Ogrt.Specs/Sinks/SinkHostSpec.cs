using Akka.Configuration;
using Ogrt.Sinks;
using Ogrt.Sinks.Local;

namespace Ogrt.Specs.Sinks;

public sealed class SinkHostSpec
{
    [Fact]
    public async Task What_is_in_the_journal_arrives_in_the_local_store()
    {
        await using var server = new SinkServer("ogrt.sinks.local.batch-linger = 10 ms");
        server.Append(Enumerable.Range(0, 100).Select(n => Frames.Process(n)));
        await server.StartAsync();
        await server.DeliveredAsync();
        server.Append([Frames.EndOf(Frames.Process(1)), Frames.JobRecord()]);
        await server.DeliveredAsync();
        SinkCounts counts = server.Sink("local").Metrics.Counts;
        Assert.Equal(new SinkCounts(102, 102, 0, 0, 0, 0), counts);
        string path = LocalStore.PathOf(server.Settings.Single(s => s.Name == "local"), server.DataDirectory);
        using LocalStore store = LocalStore.OpenRead(path);
        Assert.Equal(100, store.GetProcesses("JOB").Count());
    }

    [Fact]
    public async Task After_a_restart_a_sink_goes_on_where_it_was()
    {
        await using var server = new SinkServer("ogrt.sinks.local.batch-linger = 10 ms");
        await server.StartAsync();
        server.Append(Enumerable.Range(0, 10).Select(n => Frames.Process(n)));
        await server.DeliveredAsync();
        await server.RestartAsync();
        server.Append([Frames.Process(10)]);
        await server.DeliveredAsync();
        Assert.Equal(new SinkCounts(1, 1, 0, 0, 0, 0), server.Sink("local").Metrics.Counts);
    }

    [Fact]
    public async Task An_unknown_type_is_answered_with_the_types_that_there_are()
    {
        await using var server = new SinkServer("ogrt.sinks.mine { type = pigeon, enabled = on }");
        ConfigurationException error = await Assert.ThrowsAsync<ConfigurationException>(server.StartAsync);
        Assert.Contains("ogrt.sinks.mine.type", error.Message, StringComparison.Ordinal);
        Assert.Contains("local", error.Message, StringComparison.Ordinal);
        Assert.Empty(server.Journal.Cursors);
    }

    [Fact]
    public async Task A_sink_that_is_not_enabled_is_not_started()
    {
        await using var server = new SinkServer("ogrt.sinks.local.enabled = off");
        await server.StartAsync();
        Assert.Empty(server.Host!.Deliveries);
    }
}
