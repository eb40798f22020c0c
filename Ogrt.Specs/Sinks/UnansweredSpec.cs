using Ogrt.Sinks;
using Ogrt.Sinks.DeadLetters;

namespace Ogrt.Specs.Sinks;

/// <summary>A record that its target hangs or dies of costs itself; a target that is down costs nothing.</summary>
public sealed class UnansweredSpec
{
    private const int Poison = 77;
    private const string Settings = "batch-count = 50, unanswered.halve-after = 2, unanswered.give-up-after = 3";

    [Theory]
    [InlineData("hangs")]
    [InlineData("breaks off")]
    [InlineData("throws")]
    public async Task A_record_that_is_never_answered_becomes_a_dead_letter_and_all_others_are_delivered(string way)
    {
        (SinkServer server, ScriptedSink.Factory sinks) = ScriptedServer.Create(Settings);
        await using SinkServer _ = server;
        ScriptedSink target = sinks["one"];
        int lonely = 0, most = 0;
        target.Answer = async (sink, attempt, token) =>
        {
            if (!Has(attempt, Poison))
                return sink.TakeAll(attempt);
            if (attempt.Count == 1)
                Interlocked.Increment(ref lonely);
            InterlockedMax(ref most, attempt.Number);
            if (way == "hangs")
                await Task.Delay(Timeout.Infinite, token);
            return way == "throws" ? throw new InvalidOperationException("a defect") : SinkVerdict.Unanswered("connection_lost");
        };
        await server.StartAsync();
        int next = 0;
        // Others must come in between: they are what shows that the target is well.
        while (server.Sink("one").Metrics.Counts.DeadLettered == 0)
        {
            server.AppendNumbers(next, 40);
            next += 40;
            int all = next;
            await SinkServer.UntilAsync(
                () => server.Sink("one").Metrics.Counts is var c && c.Delivered + c.DeadLettered >= all - 60, () => server.Sink("one").State.ToString());
        }
        await server.DeliveredAsync("one");
        Assert.Equal(Enumerable.Range(0, next).Where(n => n != Poison), target.Taken.Keys.Order());
        Assert.True(server.Sink("one").Metrics.Counts.IsConserved);
        Assert.True(lonely >= 4, $"{lonely} attempts alone");
        await server.Host!.StopAsync();
        DeadLetter letter = Assert.Single(server.DeadLettersOf("one"));
        Assert.Equal(("no_answer", Poison), (letter.Reason, ScriptedSink.Number(letter.Original.Span)));
        Assert.Equal(most, letter.Attempts);
    }

    [Fact]
    public async Task A_target_that_answers_nobody_makes_no_dead_letters_however_long_it_is_down()
    {
        (SinkServer server, ScriptedSink.Factory sinks) = ScriptedServer.Create(Settings + ", send-timeout = 20 ms");
        await using SinkServer _ = server;
        ScriptedSink target = sinks["one"];
        bool down = true;
        target.Answer = async (sink, attempt, token) =>
        {
            if (Volatile.Read(ref down))
                await Task.Delay(Timeout.Infinite, token);
            return sink.TakeAll(attempt);
        };
        server.AppendNumbers(0, 500);
        await server.StartAsync();
        await SinkServer.UntilAsync(() => target.Requests > 120, () => $"{target.Requests}");
        Assert.Equal((0, 0), (server.Sink("one").Metrics.Counts.Delivered, server.Sink("one").Metrics.Counts.DeadLettered));
        Volatile.Write(ref down, false);
        await server.DeliveredAsync("one");
        Assert.Equal(new SinkCounts(500, 500, 0, 0, 0, 0), server.Sink("one").Metrics.Counts);
        Assert.Equal(Enumerable.Range(0, 500), target.Taken.Keys.Order());
    }

    [Fact]
    public async Task With_zero_nothing_is_given_up_and_the_record_is_delivered_when_it_is_answered()
    {
        (SinkServer server, ScriptedSink.Factory sinks) = ScriptedServer.Create(Settings + ", unanswered.give-up-after = 0");
        await using SinkServer _ = server;
        ScriptedSink target = sinks["one"];
        bool bad = true;
        int lonely = 0;
        target.Answer = (sink, attempt, _) =>
        {
            if (!Volatile.Read(ref bad) || !Has(attempt, Poison))
                return ValueTask.FromResult(sink.TakeAll(attempt));
            if (attempt.Count == 1)
                Interlocked.Increment(ref lonely);
            return ValueTask.FromResult(SinkVerdict.Unanswered("connection_lost"));
        };
        await server.StartAsync();
        int next = 0;
        for (int lap = 1; lap <= 30; lap++)
        {
            server.AppendNumbers(next, 40);
            next += 40;
            int all = next, times = lap;
            await SinkServer.UntilAsync(() => server.Sink("one").Metrics.Counts.Delivered >= all - 60 && (all < 160 || Volatile.Read(ref lonely) >= times - 4));
        }
        Assert.Equal(0, server.Sink("one").Metrics.Counts.DeadLettered);
        Volatile.Write(ref bad, false);
        await server.DeliveredAsync("one");
        Assert.Equal(Enumerable.Range(0, next), target.Taken.Keys.Order());
    }

    private static bool Has(SinkAttempt attempt, int number) =>
        Enumerable.Range(0, attempt.Count).Any(item => ScriptedSink.Number(attempt.Payload(item).Span) == number);

    private static void InterlockedMax(ref int most, int value)
    {
        if (value > Volatile.Read(ref most))
            Volatile.Write(ref most, value);
    }
}
