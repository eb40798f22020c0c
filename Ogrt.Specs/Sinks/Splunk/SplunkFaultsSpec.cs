using Microsoft.AspNetCore.Http;
using Ogrt.Sinks;
using Ogrt.Sinks.DeadLetters;
using Ogrt.Wire;
using Ogrt.Wire.Protocol;
using Misdeed = Ogrt.Specs.Sinks.Splunk.FakeCollector.Misdeed;

namespace Ogrt.Specs.Sinks.Splunk;

/// <summary>The whole delivery against a collector that answers badly: every record is there, or is a dead letter with the reason.</summary>
public sealed class SplunkFaultsSpec
{
    private const int Records = 200;

    private static readonly Misdeed[] Misdeeds =
    [
        new(c => FakeCollector.AnswerAsync(c, 503, """{"text":"Server is busy","code":9}""")),
        new(c => FakeCollector.AnswerAsync(c, 500, """{"text":"Internal server error","code":8}""")),
        new(c => FakeCollector.AnswerAsync(c, 403, """{"text":"Token disabled","code":1}""")),
        new(c => FakeCollector.AnswerAsync(c, 400, """{"text":"Incorrect index","code":7,"invalid-event-number":0}""")),
        new(c => FakeCollector.AnswerAsync(c, 429, "")),
        new(FakeCollector.ResetAsync),
        new(After: (c, _) => FakeCollector.ResetAsync(c)),
        new(After: (c, _) => FakeCollector.AnswerAsync(c, 500, "")),
        new(After: (c, _) => FakeCollector.AnswerAsync(c, 504, "<html>")),
        new(After: (c, _) => Task.Delay(Timeout.Infinite, c.RequestAborted)),
        new(After: (c, a) => FakeCollector.AnswerAsync(c, 200, a[..(a.Length / 2)])),
        new(After: (c, a) => FakeCollector.AnswerAsync(c, 200, a + a)),
        new(After: (c, _) => FakeCollector.AnswerAsync(c, 200, "<html>Welcome</html>")),
        new(After: (c, _) => FakeCollector.AnswerAsync(c, 200, new string(' ', 20_000))),
        new(After: async (c, a) =>
        {
            c.Response.ContentLength = a.Length;
            await c.Response.WriteAsync(a[..(a.Length / 2)], c.RequestAborted);
            await c.Response.Body.FlushAsync(c.RequestAborted);
            await FakeCollector.ResetAsync(c);
        }),
    ];

    public static TheoryData<int> All => [.. Enumerable.Range(0, Misdeeds.Length)];

    [Theory]
    [MemberData(nameof(All))]
    public async Task Each_misdeed_now_and_then(int number)
    {
        await using FakeCollector collector = await FakeCollector.StartAsync();
        collector.Does = (request, _) => request % 3 == 1 ? Misdeeds[number] : null;
        await using SinkServer sinks = Server(collector);
        await DeliverAsync(sinks, collector);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task All_of_them_mixed(bool acknowledgement)
    {
        await using FakeCollector collector = await FakeCollector.StartAsync();
        collector.Acknowledges = acknowledgement;
        var random = new Random(7);
        collector.Does = (request, _) =>
        {
            lock (random)
                return request < 60 && random.Next(3) > 0 ? Misdeeds[random.Next(Misdeeds.Length)] : null;
        };
        await using SinkServer sinks = Server(collector, $"acknowledgement = {(acknowledgement ? "on" : "off")}");
        await DeliverAsync(sinks, collector);
    }

    [Theory]
    [InlineData(6, "right", 20)]
    [InlineData(12, "right", 20)]
    [InlineData(13, "right", 20)]
    [InlineData(15, "right", 20)]
    [InlineData(6, "none", 60)]
    [InlineData(5, "none", 60)]
    [InlineData(6, "beyond", 60)]
    [InlineData(6, "negative", 60)]
    [InlineData(6, "always 0", 60)]
    [InlineData(15, "one too high", 60)]
    public async Task A_poison_event_costs_itself_and_few_requests(int code, string numbers, int mostRequests)
    {
        await using FakeCollector collector = await FakeCollector.StartAsync();
        collector.Refuses = e => FakeCollector.PidOf(e) is 1300 or 1301 ? code : null;
        collector.NumberOf = numbers switch
        {
            "right" => n => n,
            "none" => _ => null,
            "beyond" => _ => 1_000_000,
            "negative" => _ => -1,
            "always 0" => _ => 0,
            _ => n => n + 1,
        };
        await using SinkServer sinks = Server(collector, "batch-count = 1000, batch-linger = 300 ms");
        sinks.Append(Enumerable.Range(0, 1000).Select(n => Frames.Process(n)));
        await sinks.StartAsync();
        await sinks.DeliveredAsync("hec");

        Assert.Equal(Enumerable.Range(1000, 1000).Except([1300, 1301]), collector.Pids);
        SinkCounts counts = sinks.Sink("hec").Metrics.Counts;
        Assert.Equal((998, 2), (counts.Delivered, counts.DeadLettered));
        Assert.True(counts.IsConserved);
        Assert.InRange(collector.Requests, 3, mostRequests);
        await sinks.Host!.DisposeAsync();
        List<DeadLetter> letters = sinks.DeadLettersOf("hec");
        Assert.All(letters, l => Assert.Equal((400, Ogrt.Sinks.Splunk.HecVerdicts.ReasonOf(code)), (l.Status, l.Reason)));
        Assert.Equal([Frames.Frame(Frames.Process(300)), Frames.Frame(Frames.Process(301))], letters.OrderBy(l => l.Offset).Select(l => l.Original.ToArray()));
    }

    [Fact]
    public async Task An_event_that_the_collector_never_answers_costs_itself()
    {
        await using FakeCollector collector = await FakeCollector.StartAsync();
        collector.Does = (_, events) => events.Any(e => FakeCollector.PidOf(e) == 1077)
            ? new Misdeed(c => Task.Delay(Timeout.Infinite, c.RequestAborted)) : null;
        await using SinkServer sinks = Server(collector, "request-timeout = 100 ms, unanswered.halve-after = 2, unanswered.give-up-after = 2");
        await sinks.StartAsync();
        int next = 0;
        while (sinks.Sink("hec").Metrics.Counts.DeadLettered == 0)
        {
            sinks.Append(Enumerable.Range(next, 20).Select(n => Frames.Process(n)));
            next += 20;
            int all = next;
            await SinkServer.UntilAsync(() => sinks.Sink("hec").Metrics.Counts is var c && c.Delivered + c.DeadLettered >= all - 20);
        }
        await sinks.DeliveredAsync("hec");
        Assert.Equal(Enumerable.Range(1000, next).Where(p => p != 1077), collector.Pids);
        await sinks.Host!.DisposeAsync();
        DeadLetter letter = Assert.Single(sinks.DeadLettersOf("hec"));
        Assert.Equal("no_answer", letter.Reason);
        Assert.Equal(Frames.Frame(Frames.Process(77)), letter.Original.ToArray());
    }

    [Fact]
    public async Task A_limit_that_was_met_is_not_run_into_again()
    {
        await using FakeCollector collector = await FakeCollector.StartAsync();
        collector.MaxBody = 20_000;
        int tooLarge = 0;
        await using SinkServer sinks = Server(collector, "batch-count = 100, max-in-flight = 1");
        sinks.Append(Enumerable.Range(0, 100).Select(n => Frames.Process(n)));
        await sinks.StartAsync();
        await sinks.DeliveredAsync("hec");
        tooLarge = collector.Requests - collector.Channels[""];
        Assert.True(tooLarge > 0);
        sinks.Append(Enumerable.Range(100, 1000).Select(n => Frames.Process(n)));
        await sinks.DeliveredAsync("hec");
        Assert.Equal(tooLarge, collector.Requests - collector.Channels[""]);
        Assert.Equal(1100, collector.Pids.Count());
    }

    [Fact]
    public async Task A_single_event_that_is_too_large_is_a_dead_letter()
    {
        await using FakeCollector collector = await FakeCollector.StartAsync();
        collector.MaxBody = 20_000;
        await using SinkServer sinks = Server(collector);
        ProcessInfo large = Frames.Process(0);
        large.Cmdline = new string('x', 30_000);
        sinks.Append(large, Frames.Process(1), Frames.Process(2));
        await sinks.StartAsync();
        await sinks.DeliveredAsync("hec");
        Assert.Equal([1001, 1002], collector.Pids);
        await sinks.Host!.DisposeAsync();
        Assert.Equal(("too_large", 413), Assert.Single(sinks.DeadLettersOf("hec").Select(l => (l.Reason, l.Status))));
    }

    [Theory]
    [InlineData(403, 1, "token_disabled")]
    [InlineData(401, 2, "token_required")]
    [InlineData(403, 4, "invalid_token")]
    [InlineData(400, 7, "incorrect_index")]
    [InlineData(400, 10, "channel_missing")]
    [InlineData(400, 16, "query_authorization_disabled")]
    public async Task While_the_configuration_is_wrong_the_sink_is_paused_and_says_why(int status, int code, string reason)
    {
        await using FakeCollector collector = await FakeCollector.StartAsync();
        bool wrong = true;
        collector.Does = (_, _) => Volatile.Read(ref wrong)
            ? new Misdeed(c => FakeCollector.AnswerAsync(c, status, $"{{\"text\":\"words of the collector\",\"code\":{code}}}"))
            : null;
        await using SinkServer sinks = Server(collector);
        sinks.Append(Enumerable.Range(0, Records).Select(n => Frames.Process(n)));
        await sinks.StartAsync();
        await PausedAsync(sinks, reason);
        Assert.Contains("words of the collector", sinks.Sink("hec").State.Detail, StringComparison.Ordinal);
        Assert.Empty(collector.Indexed);
        Volatile.Write(ref wrong, false);
        await sinks.DeliveredAsync("hec");
        Assert.Equal(Records, collector.Pids.Count());
        Assert.Equal(0, sinks.Sink("hec").Metrics.Counts.DeadLettered);
    }

    [Theory]
    [InlineData(503, 18, SinkPhase.Retrying, "unhealthy")]
    [InlineData(400, 21, SinkPhase.Paused, "invalid_token")]
    [InlineData(401, 3, SinkPhase.Paused, "invalid_authorization")]
    public async Task A_collector_that_is_not_well_gets_nothing(int status, int code, SinkPhase phase, string reason)
    {
        await using FakeCollector collector = await FakeCollector.StartAsync();
        collector.Health = (status, $"{{\"text\":\"no\",\"code\":{code}}}");
        await using SinkServer sinks = Server(collector);
        sinks.Append(Frames.Process(1));
        await sinks.StartAsync();
        await SinkServer.UntilAsync(() => sinks.Sink("hec").State is { } s && s.Phase == phase && s.Reason == reason, () => sinks.Sink("hec").State.ToString());
        Assert.Equal(0, collector.Requests);
        // One without such a page is well.
        collector.Health = (404, "");
        await sinks.DeliveredAsync("hec");
        Assert.Equal([1001], collector.Pids);
    }

    [Fact]
    public async Task A_token_that_is_put_right_in_its_file_is_used_at_once()
    {
        await using FakeCollector collector = await FakeCollector.StartAsync();
        await using SinkServer sinks = Server(collector, "token-file = other.token");
        sinks.Append(Frames.Process(1));
        await sinks.StartAsync();
        await PausedAsync(sinks, "secret_unreadable");
        string file = Path.Combine(sinks.DataDirectory, "other.token");
        await File.WriteAllTextAsync(file, "wrong", TestContext.Current.CancellationToken);
        await PausedAsync(sinks, "invalid_token");
        await File.WriteAllTextAsync(file, SplunkSinks.Token, TestContext.Current.CancellationToken);
        await sinks.DeliveredAsync("hec");
        Assert.Equal([1001], collector.Pids);
    }

    [Fact]
    public async Task Another_endpoint_takes_what_one_cannot()
    {
        await using FakeCollector busy = await FakeCollector.StartAsync(), good = await FakeCollector.StartAsync();
        busy.Does = (_, _) => Misdeeds[0];
        await using SinkServer sinks = SplunkSinks.Server([busy.Url, good.Url], "batch-count = 20");
        sinks.Append(Enumerable.Range(0, Records).Select(n => Frames.Process(n)));
        await sinks.StartAsync();
        await sinks.DeliveredAsync("hec");
        Assert.Empty(busy.Indexed);
        Assert.Equal(Records, good.Indexed.Count);
    }

    [Fact]
    public async Task Compressed_requests_arrive_as_they_were()
    {
        await using FakeCollector collector = await FakeCollector.StartAsync();
        await using SinkServer sinks = Server(collector, "compression = gzip");
        await DeliverAsync(sinks, collector);
    }

    private static SinkServer Server(FakeCollector collector, string settings = "") => SplunkSinks.Server(
        [collector.Url], $"batch-count = 20, request-timeout = 300 ms, send-timeout = 60 s, acknowledgement-timeout = 30 s, max-answer-bytes = 4096\n{settings}");

    private static Task PausedAsync(SinkServer sinks, string reason) => SinkServer.UntilAsync(
        () => sinks.Sink("hec").State is { Phase: SinkPhase.Paused } state && state.Reason == reason, () => sinks.Sink("hec").State.ToString());

    private static async Task DeliverAsync(SinkServer sinks, FakeCollector collector)
    {
        sinks.Append(Enumerable.Range(0, Records).Select(n => Frames.Process(n)));
        await sinks.StartAsync();
        await sinks.DeliveredAsync("hec");
        SinkCounts counts = sinks.Sink("hec").Metrics.Counts;
        Assert.Equal((Records, 0), (counts.Delivered, counts.DeadLettered));
        Assert.True(counts.IsConserved);
        Assert.Equal(Enumerable.Range(1000, Records), collector.Pids);
        foreach (var envelope in collector.Indexed)
        {
            byte[] frame = Frames.Frame(Frames.Process(FakeCollector.PidOf(envelope) - 1000));
            Assert.Equal(Frames.Json(frame, WireLayout.Current), envelope.GetProperty("event").GetRawText());
        }
        Assert.Empty(collector.Complaints);
    }
}
