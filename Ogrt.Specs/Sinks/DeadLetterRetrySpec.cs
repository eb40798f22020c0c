using Ogrt.Sinks;
using Ogrt.Sinks.DeadLetters;

namespace Ogrt.Specs.Sinks;

/// <summary>Dead letters that are sent again or dropped.</summary>
public sealed class DeadLetterRetrySpec
{
    private const int Records = 60;

    [Fact]
    public async Task Letters_that_the_target_takes_by_now_are_gone_and_those_that_it_refuses_stay()
    {
        (SinkServer server, ScriptedSink.Factory sinks) = await RefusedAsync();
        await using SinkServer _ = server;
        Answer(sinks, n => n % 2 == 0);
        RetryResult result = await server.Sink("one").RetryDeadLettersAsync(new LetterSelection(), _ => { }, CancellationToken.None);
        Assert.Equal(new RetryResult(Records, Records / 2, Records / 2), result);
        Assert.Equal(Enumerable.Range(0, Records / 2).Select(n => n * 2), sinks["one"].Taken.Keys.Order());
        Assert.Empty(sinks["one"].Strange);
        Assert.Equal(Enumerable.Range(0, Records).Where(n => n % 2 == 1), Numbers(server));
        Assert.Equal(Records / 2, server.Sink("one").DeadLetters.Count);

        // The same after a restart, and the rest goes when the target takes it.
        await server.RestartAsync();
        Assert.Equal(Records / 2, Numbers(server).Count);
        Answer(sinks, _ => true);
        await server.Sink("one").RetryDeadLettersAsync(new LetterSelection(), _ => { }, CancellationToken.None);
        Assert.Equal(Enumerable.Range(0, Records), sinks["one"].Taken.Keys.Order());
        Assert.All(sinks["one"].Taken.Values, times => Assert.Equal(1, times));
        Assert.Equal((0, 0), (server.Sink("one").DeadLetters.Count, Numbers(server).Count));
    }

    [Fact]
    public async Task Only_the_letters_that_are_meant_are_sent()
    {
        (SinkServer server, ScriptedSink.Factory sinks) = await RefusedAsync();
        await using SinkServer _ = server;
        Answer(sinks, _ => true);
        long[] meant = [.. server.Sink("one").DeadLetters.Read().Where(l => ScriptedSink.Number(l.Letter.Original.Span) is 5 or 17).Select(l => l.Number)];
        var selection = new LetterSelection { Numbers = [.. meant.Select(n => (n, n))] };
        Assert.Equal(2, (await server.Sink("one").RetryDeadLettersAsync(selection, _ => { }, CancellationToken.None)).Delivered);
        Assert.Equal([5, 17], sinks["one"].Taken.Keys.Order());
        Assert.Equal(0, (await server.Sink("one").RetryDeadLettersAsync(new LetterSelection { Reason = "another" }, _ => { }, CancellationToken.None)).Sent);
    }

    [Fact]
    public async Task Dropped_letters_are_gone_and_their_segments_are_given_up()
    {
        (SinkServer server, ScriptedSink.Factory _) = await RefusedAsync();
        await using SinkServer __ = server;
        DeadLetterStore store = server.Sink("one").DeadLetters;
        long before = store.Bytes;
        Assert.True(before > 0);
        store.Settle([.. store.Read().Select(l => l.Number)]);
        Assert.Equal((0, 0), (store.Count, store.Bytes));
        Assert.Empty(store.Read());
        Assert.Empty(DeadLetterFiles.Read(store.Directory));
    }

    [Fact]
    public async Task A_retry_waits_while_the_target_is_away_and_loses_nothing_when_it_is_given_up()
    {
        (SinkServer server, ScriptedSink.Factory sinks) = await RefusedAsync();
        await using SinkServer _ = server;
        sinks["one"].Answer = (_, _, _) => ValueTask.FromResult(SinkVerdict.Retry("refused", "nobody is there"));
        using var cancel = new CancellationTokenSource();
        Task<RetryResult> retry = server.Sink("one").RetryDeadLettersAsync(new LetterSelection(), _ => { }, cancel.Token);
        int before = sinks["one"].Requests;
        await SinkServer.UntilAsync(() => sinks["one"].Requests > before + 2);
        Assert.False(retry.IsCompleted);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => retry);
        Assert.Equal(Records, Numbers(server).Count);
    }

    [Fact]
    public async Task The_stream_of_new_records_goes_on_beside_a_retry_and_counts_stay_conserved()
    {
        (SinkServer server, ScriptedSink.Factory sinks) = await RefusedAsync();
        await using SinkServer _ = server;
        Answer(sinks, _ => true);
        Task<RetryResult> retry = server.Sink("one").RetryDeadLettersAsync(new LetterSelection(), _ => { }, CancellationToken.None);
        server.AppendNumbers(Records, 500);
        await retry;
        await server.DeliveredAsync("one");
        Assert.Equal(Enumerable.Range(0, Records + 500), sinks["one"].Taken.Keys.Order());
        SinkCounts counts = server.Sink("one").Metrics.Counts;
        Assert.Equal((Records + 500, Records, 500), (counts.Accepted, counts.DeadLettered, counts.Delivered));
        Assert.True(counts.IsConserved);
    }

    /// <summary>A server whose sink "one" has refused the numbers from 0 on.</summary>
    private static async Task<(SinkServer Server, ScriptedSink.Factory Sinks)> RefusedAsync()
    {
        (SinkServer server, ScriptedSink.Factory sinks) = ScriptedServer.Create("refusals.share = 1");
        Answer(sinks, _ => false);
        await server.StartAsync();
        server.AppendNumbers(0, Records);
        await server.DeliveredAsync("one");
        Assert.Equal(Records, server.Sink("one").DeadLetters.Count);
        return (server, sinks);
    }

    private static void Answer(ScriptedSink.Factory sinks, Predicate<int> takes) => sinks["one"].Answer = (sink, attempt, _) =>
    {
        for (int item = 0; item < attempt.Count; item++)
        {
            if (takes(ScriptedSink.Number(attempt.Payload(item).Span)))
            {
                sink.Take(attempt, item);
                attempt.Set(item, SinkOutcome.Delivered);
            }
            else
            {
                attempt.Reject(item, "mapping", "cannot be mapped", 400);
            }
        }
        return ValueTask.FromResult(SinkVerdict.PerItem);
    };

    private static List<int> Numbers(SinkServer server) =>
        [.. server.Sink("one").DeadLetters.Read().Select(l => ScriptedSink.Number(l.Letter.Original.Span)).Order()];
}
