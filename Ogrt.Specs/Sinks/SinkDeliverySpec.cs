using System.Diagnostics.Metrics;
using Ogrt.Sinks;
using Ogrt.Sinks.DeadLetters;

namespace Ogrt.Specs.Sinks;

public sealed class SinkDeliverySpec
{
    [Fact]
    public async Task Records_for_nobody_move_the_cursor()
    {
        (SinkServer server, ScriptedSink.Factory sinks) = ScriptedServer.Create();
        await using SinkServer _ = server;
        await server.StartAsync();
        server.Append(99, [1, 2, 3]);
        server.Append(98, [1]);
        await server.DeliveredAsync("one");
        Assert.Equal(new SinkCounts(2, 0, 0, 0, 2, 0), server.Sink("one").Metrics.Counts);
        Assert.Equal(0, sinks["one"].Requests);
    }

    [Fact]
    public async Task Batches_are_cut_by_count_and_sent_in_the_order_of_the_journal()
    {
        (SinkServer server, ScriptedSink.Factory sinks) = ScriptedServer.Create("max-in-flight = 1, batch-count = 10, batch-linger = 1 h");
        await using SinkServer _ = server;
        var order = new List<int>();
        var sizes = new List<int>();
        sinks["one"].Answer = (sink, attempt, _) =>
        {
            sizes.Add(attempt.Count);
            order.AddRange(Enumerable.Range(0, attempt.Count).Select(i => sink.Take(attempt, i)));
            return ValueTask.FromResult(SinkVerdict.Delivered);
        };
        server.AppendNumbers(0, 30);
        await server.StartAsync();
        await server.DeliveredAsync("one");
        Assert.Equal([10, 10, 10], sizes);
        Assert.Equal(Enumerable.Range(0, 30), order);
    }

    [Fact]
    public async Task What_comes_while_a_batch_waits_for_its_time_goes_with_it()
    {
        (SinkServer server, ScriptedSink.Factory sinks) = ScriptedServer.Create("batch-count = 10000, batch-linger = 1 s");
        await using SinkServer _ = server;
        var sizes = new List<int>();
        sinks["one"].Answer = (sink, attempt, _) =>
        {
            sizes.Add(attempt.Count);
            return ValueTask.FromResult(sink.TakeAll(attempt));
        };
        await server.StartAsync();
        server.AppendNumbers(0, 1);
        // The batch has begun, and what follows is too little to be read before it is due.
        await SinkServer.UntilAsync(() => server.Sink("one").Metrics.Counts.Accepted == 1);
        server.AppendNumbers(1, 20);
        Assert.Equal(1, server.Sink("one").Metrics.Counts.Accepted);
        await server.DeliveredAsync("one");
        Assert.Equal([21], sizes);
    }

    [Fact]
    public async Task A_batch_that_grows_is_sent_when_it_is_full_and_not_when_it_is_due()
    {
        (SinkServer server, ScriptedSink.Factory sinks) = ScriptedServer.Create("max-in-flight = 1, batch-count = 3000, batch-linger = 1 h");
        await using SinkServer _ = server;
        await server.StartAsync();
        for (int n = 0; n < 6000; n++)
        {
            server.AppendNumbers(n, 1);
            if (n % 500 == 499)
                await SinkServer.UntilAsync(() => server.Sink("one").Metrics.Counts.Accepted > 0);
        }
        await server.DeliveredAsync("one");
        Assert.Equal(2, sinks["one"].Requests);
    }

    [Fact]
    public async Task What_was_not_read_yet_is_sent_at_a_stop()
    {
        (SinkServer server, ScriptedSink.Factory sinks) = ScriptedServer.Create("batch-count = 10000, batch-linger = 1 h");
        await using SinkServer _ = server;
        await server.StartAsync();
        server.AppendNumbers(0, 1);
        await SinkServer.UntilAsync(() => server.Sink("one").Metrics.Counts.Accepted == 1);
        server.AppendNumbers(1, 20);
        await server.Host!.StopAsync();
        Assert.Equal(Enumerable.Range(0, 21), sinks["one"].Taken.Keys.Order());
    }

    [Fact]
    public async Task A_batch_is_cut_by_bytes()
    {
        (SinkServer server, ScriptedSink.Factory sinks) = ScriptedServer.Create("max-in-flight = 1, batch-bytes = 60, batch-count = 1000");
        await using SinkServer _ = server;
        var sizes = new List<long>();
        sinks["one"].Answer = (sink, attempt, _) =>
        {
            sizes.Add(attempt.Batch.EncodedBytes);
            return ValueTask.FromResult(sink.TakeAll(attempt));
        };
        server.AppendNumbers(0, 200);
        await server.StartAsync();
        await server.DeliveredAsync("one");
        // The record that passes the limit is the last one of its batch.
        Assert.All(sizes, s => Assert.InRange(s, 1, 60 + 54));
        Assert.True(sizes.Count > 50);
    }

    [Fact]
    public async Task A_batch_that_is_refused_as_a_whole_is_halved_down_to_the_record_at_fault()
    {
        (SinkServer server, ScriptedSink.Factory sinks) = ScriptedServer.Create("batch-count = 64, max-in-flight = 1");
        await using SinkServer _ = server;
        sinks["one"].Answer = (sink, attempt, _) => ValueTask.FromResult(
            Enumerable.Range(0, attempt.Count).Any(i => ScriptedSink.Number(attempt.Payload(i).Span) == 41)
                ? SinkVerdict.Split("bad_request", "something in there is wrong", 400)
                : sink.TakeAll(attempt));
        server.AppendNumbers(0, 64);
        await server.StartAsync();
        await server.DeliveredAsync("one");
        Assert.Equal(Enumerable.Range(0, 64).Where(n => n != 41), sinks["one"].Taken.Keys.Order());
        Assert.All(sinks["one"].Taken.Values, times => Assert.Equal(1, times));
        // 1 whole, and 2 for each of the 6 times that 64 can be halved.
        Assert.Equal(13, sinks["one"].Requests);
        await server.Host!.StopAsync();
        DeadLetter letter = Assert.Single(server.DeadLettersOf("one"));
        Assert.Equal((41, 400, "bad_request", "something in there is wrong"),
            (ScriptedSink.Number(letter.Original.Span), letter.Status, letter.Reason, letter.Detail));
        Assert.Equal(7, letter.Attempts);
        Assert.Equal(ScriptedSink.Kind, letter.Kind);
        Assert.Equal(Frames.Arrival + 41, letter.ArrivalUnixNs);
    }

    [Fact]
    public async Task A_refused_record_that_the_journal_has_lost_meanwhile_leaves_a_dead_letter_that_says_so()
    {
        (SinkServer server, ScriptedSink.Factory sinks) = ScriptedServer.Create();
        await using SinkServer _ = server;
        sinks["one"].Answer = (sink, attempt, _) =>
        {
            using (FileStream file = File.Open(Directory.GetFiles(server.JournalDirectory, "*.segment").Single(), FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite))
            {
                // The last byte of the payload; 2 zeros stand behind it.
                file.Position = file.Length - 3;
                file.WriteByte(0xee);
            }
            attempt.Reject(0, "bad", "words", 400);
            return ValueTask.FromResult(SinkVerdict.PerItem);
        };
        Assert.Equal(6, ScriptedSink.Payload(2).Length);
        server.AppendNumbers(2, 1);
        await server.StartAsync();
        await server.DeliveredAsync("one");
        Assert.Equal(1, server.Sink("one").Metrics.Counts.DeadLettered);
        await server.Host!.StopAsync();
        DeadLetter letter = Assert.Single(server.DeadLettersOf("one"));
        Assert.Equal(("bad", 400, 0), (letter.Reason, letter.Status, letter.Original.Length));
        Assert.Contains("damaged", letter.Detail, StringComparison.Ordinal);
        Assert.EndsWith("words", letter.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_paused_sink_says_why_and_goes_on_when_the_cause_is_gone()
    {
        (SinkServer server, ScriptedSink.Factory sinks) = ScriptedServer.Create();
        await using SinkServer _ = server;
        bool forbidden = true;
        sinks["one"].Answer = (sink, attempt, _) => ValueTask.FromResult(
            Volatile.Read(ref forbidden) ? SinkVerdict.Pause("forbidden", "the token is disabled", 403) : sink.TakeAll(attempt));
        await server.StartAsync();
        server.AppendNumbers(0, 5);
        await SinkServer.UntilAsync(() => server.Sink("one").Phase == SinkPhase.Paused);
        SinkState state = server.Sink("one").State;
        Assert.Equal(("forbidden", "the token is disabled"), (state.Reason, state.Detail));
        Assert.Equal(5, state.LagRecords);
        Assert.True(state.LagAge > TimeSpan.Zero);
        Assert.Equal(1, Gauge("ogrt_sink_paused", "forbidden"));
        Volatile.Write(ref forbidden, false);
        await server.DeliveredAsync("one");
        Assert.Equal(SinkPhase.Running, server.Sink("one").Phase);
        Assert.Null(server.Sink("one").State.Reason);
        Assert.Equal(TimeSpan.Zero, server.Sink("one").LagAge);
    }

    [Fact]
    public async Task A_target_that_cannot_be_opened_is_tried_until_it_can()
    {
        (SinkServer server, ScriptedSink.Factory sinks) = ScriptedServer.Create();
        await using SinkServer _ = server;
        int tries = 0;
        sinks["one"].Open = () => Interlocked.Increment(ref tries) switch
        {
            1 => throw new IOException("not there"),
            2 => SinkVerdict.Pause("no_directory", "/nowhere"),
            3 => SinkVerdict.Retry("starting"),
            _ => SinkVerdict.Delivered,
        };
        server.AppendNumbers(0, 5);
        await server.StartAsync();
        await server.DeliveredAsync("one");
        Assert.Equal(4, tries);
        Assert.Equal(5, sinks["one"].Taken.Count);
    }

    [Fact]
    public async Task A_dead_target_does_not_slow_another()
    {
        (SinkServer server, ScriptedSink.Factory sinks) = ScriptedServer.Create("", "dead", "alive");
        await using SinkServer _ = server;
        sinks["dead"].Answer = async (_, _, token) =>
        {
            await Task.Delay(Timeout.Infinite, token);
            return SinkVerdict.Delivered;
        };
        await server.StartAsync();
        server.AppendNumbers(0, 1000);
        await server.DeliveredAsync("alive");
        Assert.Equal(1000, sinks["alive"].Taken.Count);
        Assert.Empty(sinks["dead"].Taken);
        Assert.Equal(1000, server.Sink("dead").LagRecords);
    }

    [Fact]
    public async Task A_failed_target_is_probed_by_one_request_at_a_time()
    {
        (SinkServer server, ScriptedSink.Factory sinks) = ScriptedServer.Create("batch-count = 1");
        await using SinkServer _ = server;
        int inside = 0, most = 0, probes = 0;
        bool failed = false;
        sinks["one"].Answer = async (sink, attempt, token) =>
        {
            if (probes >= 20)
                return sink.TakeAll(attempt);
            int now = Interlocked.Increment(ref inside);
            if (Volatile.Read(ref failed))
            {
                most = Math.Max(most, now);
                Interlocked.Increment(ref probes);
            }
            await Task.Delay(1, CancellationToken.None);
            if (Interlocked.Decrement(ref inside) == 0)
                Volatile.Write(ref failed, true);
            return SinkVerdict.Retry("down");
        };
        server.AppendNumbers(0, 50);
        await server.StartAsync();
        await server.DeliveredAsync("one");
        Assert.Equal(1, most);
        Assert.Equal(50, sinks["one"].Taken.Count);
    }

    [Fact]
    public async Task The_cursor_stays_before_a_batch_that_is_not_done()
    {
        (SinkServer server, ScriptedSink.Factory sinks) = ScriptedServer.Create("batch-count = 1, max-in-flight = 4, send-timeout = 1 h");
        await using SinkServer _ = server;
        var release = new TaskCompletionSource();
        sinks["one"].Answer = async (sink, attempt, token) =>
        {
            if (ScriptedSink.Number(attempt.Payload(0).Span) == 2)
                await release.Task.WaitAsync(token);
            return sink.TakeAll(attempt);
        };
        server.AppendNumbers(0, 30);
        await server.StartAsync();
        await SinkServer.UntilAsync(() => sinks["one"].Taken.Count == 29, () => sinks["one"].Taken.Count.ToString());
        await SinkServer.UntilAsync(() => server.Sink("one").LagRecords == 28);
        release.SetResult();
        await server.DeliveredAsync("one");
        Assert.All(sinks["one"].Taken.Values, times => Assert.Equal(1, times));
    }

    [Fact]
    public async Task A_stop_sends_the_partial_batch_and_leaves_nothing()
    {
        (SinkServer server, ScriptedSink.Factory sinks) = ScriptedServer.Create("batch-linger = 1 h, batch-count = 1000");
        await using SinkServer _ = server;
        await server.StartAsync();
        server.AppendNumbers(0, 5);
        await SinkServer.UntilAsync(() => server.Sink("one").Metrics.Counts.Accepted == 5);
        Assert.Empty(sinks["one"].Taken);
        await server.RestartAsync();
        Assert.Equal(5, sinks["one"].Taken.Count);
        await server.DeliveredAsync("one");
        Assert.All(sinks["one"].Taken.Values, times => Assert.Equal(1, times));
    }

    [Fact]
    public async Task A_stop_does_not_wait_for_a_back_off_and_keeps_what_is_not_delivered()
    {
        (SinkServer server, ScriptedSink.Factory sinks) = ScriptedServer.Create("backoff-min = 1 h, backoff-max = 1 h");
        await using SinkServer _ = server;
        bool down = true;
        sinks["one"].Answer = (sink, attempt, _) => ValueTask.FromResult(
            Volatile.Read(ref down) ? SinkVerdict.Retry("down", retryAfter: TimeSpan.FromHours(1)) : sink.TakeAll(attempt));
        await server.StartAsync();
        server.AppendNumbers(0, 500);
        await SinkServer.UntilAsync(() => server.Sink("one").Phase == SinkPhase.Retrying);
        Ogrt.Sinks.Delivery.SinkDelivery stopped = server.Sink("one");
        Volatile.Write(ref down, false);
        await server.RestartAsync();
        Assert.Equal(SinkPhase.Stopped, stopped.Phase);
        Assert.True(stopped.Metrics.Counts.IsConserved);
        await server.DeliveredAsync("one");
        Assert.Equal(500, sinks["one"].Taken.Count);
    }

    [Fact]
    public async Task A_stop_gives_a_request_that_hangs_until_the_deadline()
    {
        (SinkServer server, ScriptedSink.Factory sinks) = ScriptedServer.Create("send-timeout = 1 h, stop-timeout = 10 ms");
        await using SinkServer _ = server;
        sinks["one"].Answer = async (_, _, token) =>
        {
            await Task.Delay(Timeout.Infinite, token);
            return SinkVerdict.Delivered;
        };
        await server.StartAsync();
        server.AppendNumbers(0, 5);
        await SinkServer.UntilAsync(() => server.Sink("one").Metrics.InFlightRequests > 0);
        await server.Host!.StopAsync();
        Assert.Equal(5, server.Journal.Cursors.Single(c => c.Name == "sink-one").LagRecords);
    }

    [Fact]
    public async Task A_stop_does_not_wait_for_a_target_that_is_silent()
    {
        (SinkServer server, ScriptedSink.Factory sinks) = ScriptedServer.Create("send-timeout = 1 h, stop-timeout = 1 h");
        await using SinkServer _ = server;
        sinks["one"].Answer = async (_, _, token) =>
        {
            await Task.Delay(Timeout.Infinite, token);
            return SinkVerdict.Delivered;
        };
        await server.StartAsync();
        server.AppendNumbers(0, 5);
        await SinkServer.UntilAsync(() => server.Sink("one").IsSilent);
        // An hour would be what the settings say.
        await server.Host!.StopAsync().WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        Assert.Equal(5, server.Journal.Cursors.Single(c => c.Name == "sink-one").LagRecords);
    }

    [Fact]
    public async Task A_target_that_has_answered_is_not_silent_while_its_sink_waits_behind_the_answer()
    {
        (SinkServer server, ScriptedSink.Factory sinks) = ScriptedServer.Create("send-timeout = 1 h, stop-timeout = 1 h, max-in-flight = 1");
        await using SinkServer _ = server;
        var indexed = new TaskCompletionSource();
        sinks["one"].Answer = async (sink, attempt, _) =>
        {
            attempt.AnswerTook = TimeSpan.FromMilliseconds(1);
            await indexed.Task;
            return sink.TakeAll(attempt);
        };
        await server.StartAsync();
        server.AppendNumbers(0, 5);
        await SinkServer.UntilAsync(() => server.Sink("one").Metrics.InFlightRequests > 0 && server.Sink("one").Metrics.Silence == TimeSpan.Zero);
        Task stopping = server.Host!.StopAsync();
        Assert.False(stopping.IsCompleted);
        indexed.SetResult();
        await stopping;
        Assert.Equal(5, sinks["one"].Taken.Count);
        Assert.Equal(0, server.Journal.Cursors.Single(c => c.Name == "sink-one").LagRecords);
    }

    [Fact]
    public async Task A_target_that_swallows_the_first_question_is_asked_again()
    {
        (SinkServer server, ScriptedSink.Factory sinks) = ScriptedServer.Create();
        await using SinkServer _ = server;
        int questions = 0;
        sinks["one"].OpenLater = async token =>
        {
            if (Interlocked.Increment(ref questions) == 1)
                await Task.Delay(Timeout.Infinite, token);
            return SinkVerdict.Delivered;
        };
        await server.StartAsync();
        server.AppendNumbers(0, 5);
        await server.DeliveredAsync("one");
        Assert.Equal(2, questions);
        Assert.Contains(server.Sink("one").Metrics.Retries, r => r is { Key: "timeout", Value: 1 });
    }

    [Fact]
    public async Task A_full_dead_letter_store_stops_the_sink_and_says_so()
    {
        (SinkServer server, ScriptedSink.Factory sinks) = ScriptedServer.Create("dead-letters.max-size = 33 MiB, refusals.share = 1");
        await using SinkServer _ = server;
        sinks["one"].Answer = (_, attempt, _) =>
        {
            for (int item = 0; item < attempt.Count; item++)
                attempt.Reject(item, "mapping", new string('x', 8000), 400);
            return ValueTask.FromResult(SinkVerdict.PerItem);
        };
        await server.StartAsync();
        // 48 MB of details.
        for (int n = 0; n < 6000; n += 1000)
            server.AppendNumbers(n, 1000);
        await SinkServer.UntilAsync(() => server.Sink("one").Phase == SinkPhase.DeadLettersFull, () => server.Sink("one").State.ToString());
        SinkState state = server.Sink("one").State;
        Assert.Equal("dead_letters_full", state.Reason);
        Assert.True(state.LagRecords > 0);
        Assert.Equal(1, Gauge("ogrt_sink_paused", "dead_letters_full"));
        SinkCounts counts = server.Sink("one").Metrics.Counts;
        Assert.InRange(counts.DeadLettered, 1, 5999);
        await server.Host!.StopAsync();
        Assert.Equal(server.DeadLettersOf("one").Count, server.DeadLettersOf("one").Select(l => l.Offset).Distinct().Count());
    }

    [Fact]
    public async Task The_metrics_of_a_sink_hold_the_conservation_identity()
    {
        (SinkServer server, ScriptedSink.Factory sinks) = ScriptedServer.Create("", "metered");
        await using SinkServer _ = server;
        sinks["metered"].Answer = (sink, attempt, _) =>
        {
            for (int item = 0; item < attempt.Count; item++)
            {
                if (sink.Take(attempt, item) % 10 == 0)
                    attempt.Reject(item, "mapping", null, 400);
                else
                    attempt.Set(item, SinkOutcome.Delivered);
            }
            return ValueTask.FromResult(SinkVerdict.PerItem);
        };
        await server.StartAsync();
        server.AppendNumbers(0, 100);
        server.Append(99, [1]);
        await server.DeliveredAsync("metered");
        Dictionary<string, double> values = Measure("metered");
        Assert.Equal(101, values["ogrt_sink_accepted_total"]);
        Assert.Equal(90, values["ogrt_sink_events_total/delivered"]);
        Assert.Equal(10, values["ogrt_sink_events_total/dead_lettered"]);
        Assert.Equal(1, values["ogrt_sink_events_total/skipped"]);
        Assert.Equal(0, values["ogrt_sink_pending_events"]);
        Assert.Equal(10, values["ogrt_dlq_events"]);
        Assert.Equal(10, values["ogrt_sink_item_failures_total/400/mapping"]);
        Assert.Equal(0, values["ogrt_sink_lag_events"]);
        Assert.True(values["ogrt_sink_requests_total/ok"] > 0);
    }

    private static double Gauge(string name, string reason) => Measure("one").GetValueOrDefault($"{name}/{reason}");

    private static Dictionary<string, double> Measure(string sink)
    {
        var values = new Dictionary<string, double>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Meter.Name == SinkInstruments.MeterName && instrument.IsObservable)
                l.EnableMeasurementEvents(instrument);
        };
        void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            string key = instrument.Name;
            bool ours = false;
            foreach (KeyValuePair<string, object?> tag in tags)
            {
                if (tag.Key == "sink")
                    ours = (string?)tag.Value == sink;
                else
                    key += "/" + tag.Value;
            }
            if (ours)
                values[key] = Math.Max(values.GetValueOrDefault(key), value);
        }
        listener.SetMeasurementEventCallback<long>((i, value, tags, _) => Add(i, value, tags));
        listener.SetMeasurementEventCallback<double>((i, value, tags, _) => Add(i, value, tags));
        listener.Start();
        listener.RecordObservableInstruments();
        return values;
    }
}
