using Ogrt.Sinks;
using Ogrt.Sinks.DeadLetters;

namespace Ogrt.Specs.Sinks;

/// <summary>Whatever a target answers, each record is taken or a dead letter, and the counts say so.</summary>
public sealed class DeliveryFaultSpec
{
    private const int Records = 1500;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Nothing_is_lost_and_everything_is_counted_under_random_faults(int seed)
    {
        (SinkServer server, ScriptedSink.Factory sinks) = ScriptedServer.Create();
        await using SinkServer _ = server;
        ScriptedSink target = sinks["one"];
        target.Answer = Faults(new Random(seed));
        target.Encoding = n => IsSkipped(n) ? EncodeResult.Skipped
            : IsUnwritable(n) ? EncodeResult.Refused("unwritable")
            : n % 401 == 5 ? throw new InvalidOperationException("encoder") : EncodeResult.Encoded();
        await server.StartAsync();
        for (int from = 0; from < Records; from += 100)
            server.AppendNumbers(from, 100);
        await server.DeliveredAsync("one");

        SinkCounts counts = server.Sink("one").Metrics.Counts;
        Assert.True(counts.IsConserved, counts.ToString());
        Assert.Equal((Records, 0), (counts.Accepted, counts.Pending));
        Assert.Equal(Enumerable.Range(0, Records).Count(IsSkipped), counts.Skipped);
        Assert.Equal(Enumerable.Range(0, Records).Count(IsRefused), counts.DeadLettered);
        await server.Host!.StopAsync();
        AssertEverythingArrived(server, target, exactlyOnceRefused: true);
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    public async Task Nothing_is_lost_when_the_server_is_stopped_and_started_in_the_middle_of_faults(int seed)
    {
        (SinkServer server, ScriptedSink.Factory sinks) = ScriptedServer.Create("stop-timeout = 20 ms");
        await using SinkServer _ = server;
        ScriptedSink target = sinks["one"];
        target.Answer = Faults(new Random(seed));
        target.Encoding = n => IsSkipped(n) ? EncodeResult.Skipped : IsUnwritable(n) ? EncodeResult.Refused("unwritable")
            : n % 401 == 5 ? throw new InvalidOperationException("encoder") : EncodeResult.Encoded();
        await server.StartAsync();
        for (int from = 0; from < Records; from += 300)
        {
            int before = target.Requests;
            server.AppendNumbers(from, 300);
            await SinkServer.UntilAsync(() => target.Requests > before + 3);
            await server.RestartAsync();
        }
        await server.DeliveredAsync("one");
        Assert.True(server.Sink("one").Metrics.Counts.IsConserved);
        await server.Host!.StopAsync();
        AssertEverythingArrived(server, target, exactlyOnceRefused: false);
    }

    private static bool IsSkipped(int n) => n % 97 == 3;

    private static bool IsUnwritable(int n) => n % 211 == 4;

    private static bool IsPoison(int n) => n % 50 == 7;

    private static bool IsRefused(int n) => !IsSkipped(n) && (IsUnwritable(n) || n % 401 == 5 || IsPoison(n));

    private static void AssertEverythingArrived(SinkServer server, ScriptedSink target, bool exactlyOnceRefused)
    {
        Assert.Empty(target.Strange);
        List<DeadLetter> letters = server.DeadLettersOf("one");
        foreach (DeadLetter letter in letters)
            Assert.Equal(ScriptedSink.Payload(ScriptedSink.Number(letter.Original.Span)), letter.Original.ToArray());
        var refused = letters.Select(l => ScriptedSink.Number(l.Original.Span)).ToList();
        Assert.Equal(Enumerable.Range(0, Records).Where(IsRefused), refused.Distinct().Order());
        if (exactlyOnceRefused)
            Assert.Equal(refused.Count, refused.Distinct().Count());
        // At least once: an answer that never came leaves it open whether the target took a record.
        Assert.Equal(
            Enumerable.Range(0, Records).Where(n => !IsSkipped(n) && !IsRefused(n)), target.Taken.Keys.Where(n => !IsPoison(n)).Order());
    }

    private static ScriptedSink.Script Faults(Random shared) => async (sink, attempt, token) =>
    {
        int what, slow, seed;
        lock (shared)
            (what, slow, seed) = (shared.Next(12), shared.Next(3), shared.Next());
        var random = new Random(seed);
        switch (what)
        {
            case 0:
                throw new InvalidOperationException("the sink has a defect");
            case 1:
                // Taken, but the answer never comes.
                TakeGood(sink, attempt);
                await Task.Delay(Timeout.Infinite, token);
                break;
            case 2:
                return SinkVerdict.Retry("busy", "come back", 503, TimeSpan.FromMilliseconds(slow));
            case 3:
                return SinkVerdict.Pause("forbidden", "who are you?", 403);
            case 4:
                return SinkVerdict.Split("too_large", null, 413) is var split && attempt.Count > 1 ? split : SinkVerdict.Retry("busy");
            case 5:
                TakeGood(sink, attempt);
                throw new IOException("connection reset after the target had applied the batch");
            case 6:
                await Task.Delay(slow, token);
                break;
        }
        for (int item = 0; item < attempt.Count; item++)
        {
            if (IsPoison(ScriptedSink.Number(attempt.Payload(item).Span)))
                attempt.Reject(item, "mapping", "cannot be mapped", 400);
            else if (random.Next(4) == 0)
                attempt.Retry(item, "pressure", 429);
            else if (random.Next(6) == 0)
                attempt.Set(item, SinkOutcome.Resend);
            else if (random.Next(6) != 0)
                attempt.Set(item, sink.Taken.ContainsKey(sink.Take(attempt, item)) && random.Next(2) == 0 ? SinkOutcome.Duplicate : SinkOutcome.Delivered);
            // And some are left without an answer.
        }
        return SinkVerdict.PerItem;
    };

    private static void TakeGood(ScriptedSink sink, SinkAttempt attempt)
    {
        for (int item = 0; item < attempt.Count; item++)
            sink.Take(attempt, item);
    }
}
