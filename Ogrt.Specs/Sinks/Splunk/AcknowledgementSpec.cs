using Ogrt.Sinks;

namespace Ogrt.Specs.Sinks.Splunk;

/// <summary>The whole delivery with acknowledgement: what the collector loses after it took it is sent again.</summary>
public sealed class AcknowledgementSpec
{
    private const int Records = 200;

    [Fact]
    public async Task What_is_taken_counts_when_it_is_indexed()
    {
        await using FakeCollector collector = await StartAsync();
        bool indexes = false;
        collector.Indexes = (_, _) => Volatile.Read(ref indexes);
        await using SinkServer sinks = Server([collector]);
        sinks.Append(Enumerable.Range(0, Records).Select(n => Frames.Process(n)));
        await sinks.StartAsync();
        await SinkServer.UntilAsync(() => collector.Requests >= 2 && collector.Questions > 5);
        Assert.Equal(0, sinks.Sink("hec").Metrics.Counts.Delivered);
        Volatile.Write(ref indexes, true);
        await sinks.DeliveredAsync("hec");
        Assert.Equal(Records, collector.Indexed.Count);
        Assert.Single(collector.Channels);
    }

    [Fact]
    public async Task All_that_waits_in_a_channel_is_asked_for_at_once()
    {
        await using FakeCollector collector = await StartAsync();
        bool indexes = false;
        collector.Indexes = (_, _) => Volatile.Read(ref indexes);
        await using SinkServer sinks = Server([collector], "max-in-flight = 4, adaptive-concurrency = off");
        sinks.Append(Enumerable.Range(0, Records).Select(n => Frames.Process(n)));
        await sinks.StartAsync();
        await SinkServer.UntilAsync(() => collector.MostAsked == 4, () => $"{collector.MostAsked}");
        Assert.Equal(4, collector.Requests);
        Volatile.Write(ref indexes, true);
        await sinks.DeliveredAsync("hec");
        Assert.Equal(Records, collector.Indexed.Count);
    }

    [Fact]
    public async Task What_is_never_acknowledged_is_sent_again_on_a_new_channel()
    {
        await using FakeCollector collector = await StartAsync();
        string? lost = null;
        collector.Indexes = (channel, _) => channel != (lost ??= channel);
        await using SinkServer sinks = Server([collector], "acknowledgement-timeout = 50 ms");
        await DeliverAsync(sinks, [collector]);
        Assert.True(collector.Channels.Count >= 2);
    }

    [Fact]
    public async Task A_restart_that_forgets_what_was_taken_and_numbers_anew_loses_nothing()
    {
        await using FakeCollector collector = await StartAsync();
        var random = new Random(5);
        int restarts = 0;
        collector.Does = (request, _) =>
        {
            if (request % 4 == 0 && restarts++ < 10)
                collector.Restart();
            return null;
        };
        collector.Indexes = (_, _) =>
        {
            lock (random)
                return random.Next(3) == 0;
        };
        await using SinkServer sinks = Server([collector], "max-in-flight = 8, adaptive-concurrency = off, batch-count = 5, acknowledgement-timeout = 2 s");
        await DeliverAsync(sinks, [collector]);
    }

    [Fact]
    public async Task A_restart_between_two_questions_is_noticed_by_the_connections_that_it_ends()
    {
        await using FakeCollector collector = await StartAsync();
        bool indexes = false;
        collector.Indexes = (_, _) => Volatile.Read(ref indexes);
        // Far longer than a spec may take: the time-out is not what helps.
        await using SinkServer sinks = Server([collector], "max-in-flight = 2, adaptive-concurrency = off");
        sinks.Append(Enumerable.Range(0, Records).Select(n => Frames.Process(n)));
        await sinks.StartAsync();
        await SinkServer.UntilAsync(() => collector.Requests == 2 && collector.Questions > 3);
        collector.Restart();
        Volatile.Write(ref indexes, true);
        collector.HangUp();
        await sinks.DeliveredAsync("hec");
        Assert.Equal(Enumerable.Range(1000, Records), collector.Pids);
    }

    [Fact]
    public async Task A_balancer_that_asks_another_collector_loses_nothing()
    {
        // Both are behind one address: what one took is asked of the other, which says false, until it goes back.
        await using FakeCollector collector = await StartAsync();
        collector.Says = question => question is > 1 and < 30 ? (200, """{"acks":{"0":false,"1":false,"2":false}}""") : null;
        await using SinkServer sinks = Server([collector], "acknowledgement-timeout = 30 ms");
        await DeliverAsync(sinks, [collector]);
        Assert.True(collector.Channels.Count >= 2);
    }

    [Theory]
    [InlineData(400, """{"text":"Invalid data channel","code":11}""")]
    [InlineData(404, "")]
    [InlineData(503, """{"text":"Server is busy","code":9}""")]
    [InlineData(200, """{"acks":""")]
    [InlineData(200, "<html>")]
    [InlineData(200, """{"acks":[0,1,2]}""")]
    public async Task An_answer_that_says_nothing_confirms_nothing(int status, string body)
    {
        await using FakeCollector collector = await StartAsync();
        collector.Says = question => question is > 1 and < 12 ? (status, body) : null;
        await using SinkServer sinks = Server([collector]);
        sinks.Append(Enumerable.Range(0, Records).Select(n => Frames.Process(n)));
        await sinks.StartAsync();
        await SinkServer.UntilAsync(() => collector.Questions >= 11);
        await sinks.DeliveredAsync("hec");
        Assert.Equal(Enumerable.Range(1000, Records), collector.Pids);
        Assert.True(sinks.Sink("hec").Metrics.Counts.IsConserved);
    }

    [Fact]
    public async Task A_poison_event_costs_itself()
    {
        await using FakeCollector collector = await StartAsync();
        collector.Refuses = e => FakeCollector.PidOf(e) == 1077 ? 6 : null;
        await using SinkServer sinks = Server([collector], "batch-count = 100");
        sinks.Append(Enumerable.Range(0, Records).Select(n => Frames.Process(n)));
        await sinks.StartAsync();
        await sinks.DeliveredAsync("hec");
        Assert.Equal(Enumerable.Range(1000, Records).Where(p => p != 1077), collector.Pids);
        Assert.Equal((Records - 1, 1), (sinks.Sink("hec").Metrics.Counts.Delivered, sinks.Sink("hec").Metrics.Counts.DeadLettered));
    }

    [Fact]
    public async Task A_token_without_acknowledgement_pauses_the_sink_before_anything_is_sent()
    {
        await using FakeCollector collector = await FakeCollector.StartAsync();
        await using SinkServer sinks = Server([collector]);
        sinks.Append(Frames.Process(1));
        await sinks.StartAsync();
        await PausedAsync(sinks);
        Assert.Contains("set acknowledgement = off", sinks.Sink("hec").State.Detail, StringComparison.Ordinal);
        Assert.Equal(0, collector.Requests);
        collector.Acknowledges = true;
        await sinks.DeliveredAsync("hec");
        Assert.Equal([1001], collector.Pids);
    }

    [Fact]
    public async Task A_token_that_loses_acknowledgement_later_gets_each_event_once_until_it_is_back()
    {
        await using FakeCollector collector = await StartAsync();
        await using SinkServer sinks = Server([collector], "max-in-flight = 1");
        sinks.Append(Frames.Process(1));
        await sinks.StartAsync();
        await sinks.DeliveredAsync("hec");
        collector.Acknowledges = false;
        sinks.Append(Frames.Process(2));
        await PausedAsync(sinks);
        int questions = collector.Questions;
        await SinkServer.UntilAsync(() => collector.Questions > questions + 3);
        Assert.Equal(2, collector.Requests);
        collector.Acknowledges = true;
        await sinks.DeliveredAsync("hec");
        Assert.Equal([1001, 1002], collector.Pids);
    }

    [Fact]
    public async Task Two_endpoints_have_a_channel_each()
    {
        await using FakeCollector one = await StartAsync(), two = await StartAsync();
        await using SinkServer sinks = Server([one, two], "max-in-flight = 4, adaptive-concurrency = off");
        await DeliverAsync(sinks, [one, two]);
        Assert.Empty(one.Channels.Keys.Intersect(two.Channels.Keys));
        Assert.NotEmpty(one.Channels);
        Assert.NotEmpty(two.Channels);
    }

    [Fact]
    public async Task A_stop_does_not_wait_for_acknowledgements_and_loses_nothing()
    {
        await using FakeCollector collector = await StartAsync();
        bool indexes = false;
        collector.Indexes = (_, _) => Volatile.Read(ref indexes);
        await using SinkServer sinks = Server([collector], "stop-timeout = 50 ms");
        sinks.Append(Enumerable.Range(0, Records).Select(n => Frames.Process(n)));
        await sinks.StartAsync();
        await SinkServer.UntilAsync(() => collector.Requests > 0);
        // The acknowledgements would take longer than a spec may.
        await sinks.Host!.StopAsync().WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        Assert.Equal(0, sinks.Sink("hec").Metrics.Counts.Delivered);
        Volatile.Write(ref indexes, true);
        await sinks.RestartAsync();
        await sinks.DeliveredAsync("hec");
        Assert.Equal(Enumerable.Range(1000, Records), collector.Pids);
    }

    private static async Task<FakeCollector> StartAsync()
    {
        FakeCollector collector = await FakeCollector.StartAsync();
        collector.Acknowledges = true;
        return collector;
    }

    private static SinkServer Server(FakeCollector[] collectors, string settings = "") =>
        SplunkSinks.Server(collectors.Select(c => c.Url), $"acknowledgement = on, batch-count = 20\n{settings}");

    private static Task PausedAsync(SinkServer sinks) => SinkServer.UntilAsync(
        () => sinks.Sink("hec").State is { Phase: SinkPhase.Paused, Reason: "acknowledgement_disabled" }, () => sinks.Sink("hec").State.ToString());

    private static async Task DeliverAsync(SinkServer sinks, FakeCollector[] collectors)
    {
        sinks.Append(Enumerable.Range(0, Records).Select(n => Frames.Process(n)));
        await sinks.StartAsync();
        await sinks.DeliveredAsync("hec");
        SinkCounts counts = sinks.Sink("hec").Metrics.Counts;
        Assert.Equal((Records, 0), (counts.Delivered, counts.DeadLettered));
        Assert.True(counts.IsConserved);
        Assert.Equal(Enumerable.Range(1000, Records), collectors.SelectMany(c => c.Pids).Distinct().Order());
        Assert.All(collectors, c => Assert.Empty(c.Complaints));
    }
}
