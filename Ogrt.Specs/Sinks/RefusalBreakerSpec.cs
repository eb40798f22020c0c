using Ogrt.Sinks;
using Ogrt.Sinks.DeadLetters;
using Ogrt.Sinks.Delivery;

namespace Ogrt.Specs.Sinks;

public sealed class RefusalBreakerSpec
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(60);

    [Fact]
    public void A_few_refusals_among_many_records_pass()
    {
        var breaker = new RefusalBreaker(0.2, least: 10, Window);
        for (int second = 0; second < 600; second++)
            Assert.True(breaker.Allows(TimeSpan.FromSeconds(second), settled: 90, refused: 10));
    }

    [Fact]
    public void Few_refusals_pass_whatever_their_share()
    {
        var breaker = new RefusalBreaker(0.2, least: 10, Window);
        Assert.True(breaker.Allows(TimeSpan.Zero, settled: 0, refused: 9));
        Assert.False(breaker.Allows(TimeSpan.FromSeconds(1), settled: 0, refused: 1));
    }

    [Fact]
    public void What_is_older_than_the_window_does_not_count()
    {
        var breaker = new RefusalBreaker(0.2, least: 10, Window);
        Assert.True(breaker.Allows(TimeSpan.Zero, settled: 0, refused: 9));
        Assert.True(breaker.Allows(TimeSpan.FromSeconds(61), settled: 0, refused: 9));
    }

    [Fact]
    public void What_is_held_back_does_not_count_so_that_the_same_records_tried_again_do_not_add_up()
    {
        var breaker = new RefusalBreaker(0.2, least: 10, Window);
        for (int n = 0; n < 5; n++)
            Assert.False(breaker.Allows(TimeSpan.FromSeconds(n), settled: 0, refused: 100));
        Assert.True(breaker.Allows(TimeSpan.FromSeconds(6), settled: 100, refused: 10));
    }

    [Fact]
    public void An_operator_can_accept_refusals_for_one_window()
    {
        var breaker = new RefusalBreaker(0.2, least: 10, Window);
        breaker.Accept(TimeSpan.FromSeconds(5));
        Assert.True(breaker.Allows(TimeSpan.FromSeconds(64), settled: 0, refused: 1000));
        Assert.False(breaker.Allows(TimeSpan.FromSeconds(65), settled: 0, refused: 1000));
    }

    [Fact]
    public async Task One_wrong_mapping_stops_the_sink_instead_of_filling_the_dead_letters()
    {
        (SinkServer server, ScriptedSink.Factory sinks) = ScriptedServer.Create("refusals.share = 0.5, refusals.least = 10, batch-count = 100");
        await using SinkServer _ = server;
        bool wrong = true;
        sinks["one"].Answer = (sink, attempt, _) =>
        {
            for (int item = 0; item < attempt.Count; item++)
            {
                if (Volatile.Read(ref wrong))
                    attempt.Reject(item, "mapper_parsing_exception", "failed to parse field [pid]", 400);
                else
                    attempt.Set(item, sink.Take(attempt, item) < 0 ? SinkOutcome.Retry : SinkOutcome.Delivered);
            }
            return ValueTask.FromResult(SinkVerdict.PerItem);
        };
        await server.StartAsync();
        server.AppendNumbers(0, 1000);
        await SinkServer.UntilAsync(() => server.Sink("one").State.Reason == "too_many_refusals", () => server.Sink("one").State.ToString());
        Assert.Equal(SinkPhase.Paused, server.Sink("one").Phase);
        Assert.Contains("failed to parse field [pid]", server.Sink("one").State.Detail, StringComparison.Ordinal);
        // It goes on trying, and stays paused while it does.
        int before = sinks["one"].Requests;
        await SinkServer.UntilAsync(() => sinks["one"].Requests > before + 5);
        Assert.Equal((SinkPhase.Paused, 0), (server.Sink("one").Phase, server.Sink("one").Metrics.Counts.DeadLettered));

        Volatile.Write(ref wrong, false);
        await server.DeliveredAsync("one");
        Assert.Equal(1000, sinks["one"].Taken.Count);
        Assert.Equal(0, server.Sink("one").DeadLetters.Count);
        Assert.True(server.Sink("one").Metrics.Counts.IsConserved);
    }

    [Fact]
    public async Task Accepted_refusals_become_dead_letters_and_the_sink_goes_on()
    {
        (SinkServer server, ScriptedSink.Factory sinks) = ScriptedServer.Create("refusals.share = 0.5, refusals.least = 10, batch-count = 100, backoff-paused = 1 h, backoff-min = 1 h");
        await using SinkServer _ = server;
        sinks["one"].Answer = (_, attempt, _) =>
        {
            for (int item = 0; item < attempt.Count; item++)
                attempt.Reject(item, "mapper_parsing_exception", "no", 400);
            return ValueTask.FromResult(SinkVerdict.PerItem);
        };
        await server.StartAsync();
        server.AppendNumbers(0, 100);
        await SinkServer.UntilAsync(() => server.Sink("one").State.Reason == "too_many_refusals");
        // The wait is an hour: only the operator's word ends it.
        await SinkServer.UntilAsync(() =>
        {
            server.Sink("one").Resume(acceptRefusals: true);
            return server.Sink("one").Metrics.Counts.DeadLettered == 100;
        });
        await server.DeliveredAsync("one");
        await server.Host!.StopAsync();
        List<DeadLetter> letters = server.DeadLettersOf("one");
        Assert.Equal(Enumerable.Range(0, 100), letters.Select(l => ScriptedSink.Number(l.Original.Span)).Order());
    }
}
