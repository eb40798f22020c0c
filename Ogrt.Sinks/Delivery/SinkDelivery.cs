using System.Diagnostics;
using Akka.Actor;
using Akka.Event;
using Akka.Streams;
using Akka.Streams.Dsl;
using Ogrt.Journal;
using Ogrt.Sinks.DeadLetters;
using AkkaSink = Akka.Streams.Dsl.Sink;

namespace Ogrt.Sinks.Delivery;

/// <summary>
/// Delivers the journal to one sink: a stream from the sink's cursor through <see cref="JournalBatchSource"/> and
/// <see cref="BatchSender"/> back to the cursor. At least once, each record settled before the cursor passes it; a target
/// that fails makes this stream wait and no other. See docs/sinks.md.
/// </summary>
public sealed class SinkDelivery : IAsyncDisposable
{
    private static readonly TimeSpan WatchInterval = TimeSpan.FromMilliseconds(250);

    // A stop does not wait for a target of which nothing has been heard for so long.
    private static readonly TimeSpan SilenceAtStop = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LookForSilence = TimeSpan.FromMilliseconds(50);

    private readonly ActorSystem _system;
    private readonly IMaterializer _materializer;
    private readonly SegmentedJournal _journal;
    private readonly ISink _sink;
    private readonly ILoggingAdapter _log;
    private readonly SinkStatus _status;
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _deadline = new();
    private readonly BatchPool _pool;
    private readonly TargetGate _gate;
    private readonly SendSlots _slots;
    private readonly RefusalBreaker _breaker;
    // An encoder is used by one thread at a time: the stream's, or that of a retry of dead letters.
    private readonly Lock _encoding = new();
    private Task _running = Task.CompletedTask;
    private int _stopped;
    private int _disposed;

    private SinkDelivery(
        ActorSystem system, IMaterializer materializer, SegmentedJournal journal, ISink sink, SinkSettings settings, DeadLetterStore deadLetters)
    {
        _system = system;
        _materializer = materializer;
        _journal = journal;
        _sink = sink;
        Settings = settings;
        DeadLetters = deadLetters;
        Metrics = new SinkMetrics(settings.Name);
        _log = Logging.GetLogger(system, this);
        _status = new SinkStatus(LogPhase);
        _gate = new TargetGate(settings, _status);
        _slots = new SendSlots(settings);
        _breaker = new RefusalBreaker(settings.RefusalShare, settings.RefusalLeast, settings.RefusalWindow);
        // The record that makes a batch full may be a long one.
        _pool = new BatchPool(
            (int)Math.Min(settings.BatchBytes + (64 << 10), int.MaxValue / 2), (int)Math.Min(settings.BatchBytes * 2 + (1 << 20), int.MaxValue / 2));
    }

    /// <summary>The sink's settings.</summary>
    public SinkSettings Settings { get; }

    /// <summary>The sink's name.</summary>
    public string Name => Settings.Name;

    /// <summary>What became of its records.</summary>
    public SinkMetrics Metrics { get; }

    /// <summary>The records that its target refused.</summary>
    public DeadLetterStore DeadLetters { get; }

    /// <summary>What it is doing.</summary>
    public SinkPhase Phase => _status.Current.Phase;

    /// <summary>The name of its cursor in the journal.</summary>
    public string CursorName => CursorNameOf(Name);

    /// <summary>Whether requests are without an answer and nothing has been heard of the target for a second: a stop does not wait for
    /// it.</summary>
    public bool IsSilent => Metrics.Silence >= SilenceAtStop;

    /// <summary>Records in the journal that are not delivered.</summary>
    public long LagRecords => Cursor?.LagRecords ?? 0;

    /// <summary>Their bytes in the journal.</summary>
    public long LagBytes => Cursor?.LagBytes ?? 0;

    /// <summary>How long the oldest of them has been there.</summary>
    public TimeSpan LagAge
    {
        get
        {
            JournalCursor? cursor = Cursor;
            if (cursor is null || cursor.LagRecords == 0 || cursor.OldestArrivalUnixNs == 0)
                return TimeSpan.Zero;
            TimeSpan age = DateTime.UtcNow - DateTime.UnixEpoch.AddTicks(cursor.OldestArrivalUnixNs / 100);
            return age > TimeSpan.Zero ? age : TimeSpan.Zero;
        }
    }

    /// <summary>Everything about the sink at this moment.</summary>
    public SinkState State
    {
        get
        {
            SinkStatus.Snapshot status = _status.Current;
            return new SinkState(Name, Settings.Type, status.Phase, status.Reason, status.Detail, status.Since,
                Metrics.Counts, LagRecords, LagBytes, LagAge);
        }
    }

    /// <summary>Batches that have not been given back: 0 when nothing is under way.</summary>
    internal int BatchesOutside => _pool.Outside;

    private JournalCursor? Cursor
    {
        get
        {
            string name = CursorName;
            foreach (JournalCursor cursor in _journal.Cursors)
            {
                if (cursor.Name == name)
                    return cursor;
            }
            return null;
        }
    }

    /// <summary>The name of a sink's cursor in the journal.</summary>
    public static string CursorNameOf(string sink) => "sink-" + sink;

    /// <summary>Starts delivering. The cursor exists when this returns; the target is opened behind it.</summary>
    public static SinkDelivery Start(
        ActorSystem system, SegmentedJournal journal, ISink sink, SinkSettings settings, DeadLetterStore deadLetters)
    {
        ArgumentNullException.ThrowIfNull(system);
        ArgumentNullException.ThrowIfNull(journal);
        var delivery = new SinkDelivery(
            system, system.Materializer().WithNamePrefix(CursorNameOf(Uri.EscapeDataString(settings.Name))), journal, sink, settings, deadLetters);
        // A new sink begins with the oldest record: the journal must not forget what it has not seen.
        JournalReader reader = journal.OpenReader(delivery.CursorName);
        SinkInstruments.Register(delivery);
        delivery._running = Task.Run(() => delivery.RunAsync(reader));
        return delivery;
    }

    /// <summary>
    /// Stops: sends the partial batch, ends waits at once, gives requests under way until the stop time-out, and leaves the
    /// rest in the journal. Ends soon after the time-out, whatever the target does, and before it when the target is silent
    /// (<see cref="IsSilent"/>); a sink gives up when it is told to.
    /// </summary>
    public async Task StopAsync()
    {
        if (Interlocked.Exchange(ref _stopped, 1) == 0)
        {
            _deadline.CancelAfter(Settings.StopTimeout);
            await _stopping.CancelAsync().ConfigureAwait(false);
            while (!_running.IsCompleted && !_deadline.IsCancellationRequested)
            {
                if (IsSilent)
                    await _deadline.CancelAsync().ConfigureAwait(false);
                else
                    await Task.WhenAny(_running, Task.Delay(LookForSilence)).ConfigureAwait(false);
            }
        }
        await _running.ConfigureAwait(false);
        _status.Set(SinkPhase.Stopped, null, null);
    }

    /// <summary>Tries the target again at once, for an operator who has removed the cause of a wait.</summary>
    /// <param name="acceptRefusals">
    /// Whether records that the target refuses become dead letters for one <see cref="SinkSettings.RefusalWindow"/>, however
    /// many there are.
    /// </param>
    public void Resume(bool acceptRefusals)
    {
        if (acceptRefusals)
            _breaker.Accept(Stopwatch.GetElapsedTime(0));
        _gate.Hurry();
    }

    /// <summary>Sends dead letters to the target once more; see <see cref="LetterRetry"/>.</summary>
    /// <param name="selection">Which letters.</param>
    /// <param name="progress">Told after each batch.</param>
    /// <param name="cancel">Ends it; what has been delivered by then stays delivered.</param>
    /// <exception cref="OperationCanceledException">It was cancelled, or the sink is stopping.</exception>
    /// <exception cref="IOException">The dead letters cannot be read, or what is settled cannot be written down.</exception>
    public async Task<RetryResult> RetryDeadLettersAsync(LetterSelection selection, Action<RetryResult> progress, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(selection);
        ArgumentNullException.ThrowIfNull(progress);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token, cancel);
        var retry = new LetterRetry(_sink, _encoding, Settings, DeadLetters, _gate, _slots, _log);
        return await retry.RunAsync(selection, progress, ending.Token).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        SinkInstruments.Unregister(this);
        await _sink.DisposeAsync().ConfigureAwait(false);
        DeadLetters.Dispose();
        _gate.Dispose();
        _stopping.Dispose();
        _deadline.Dispose();
    }

    private async Task RunAsync(JournalReader reader)
    {
        try
        {
            await OpenAsync().ConfigureAwait(false);
            for (int failures = 1; ; failures++)
            {
                _status.Set(SinkPhase.Running, null, null);
                StreamEnd end = await StreamAsync(reader).ConfigureAwait(false);
                if (end == StreamEnd.Stopped)
                    return;
                if (end == StreamEnd.Overtaken)
                {
                    SkipOldest(reader);
                    failures = 0;
                    continue;
                }
                Metrics.Restarted();
                await Task.Delay(
                    Backoff.Next(Settings.BackoffMin, Settings.BackoffMax, failures, default, Random.Shared), _stopping.Token)
                    .ConfigureAwait(false);
                reader.Seek(reader.Committed);
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // Stopped while waiting for the target.
        }
        finally
        {
            reader.Dispose();
        }
    }

    private async Task OpenAsync()
    {
        for (int failures = 1; ; failures++)
        {
            SinkVerdict verdict;
            using var timeout = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
            timeout.CancelAfter(Settings.SendTimeout);
            Metrics.Asked();
            try
            {
                DeadLetters.OpenExisting();
                verdict = await _sink.OpenAsync(timeout.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                throw;
            }
            catch (OperationCanceledException) when (timeout.IsCancellationRequested)
            {
                verdict = SinkVerdict.Retry("timeout", $"no answer within {Settings.SendTimeout}");
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                verdict = SinkVerdict.Retry("open_failed", e.Message);
            }
            finally
            {
                Metrics.RequestAnswered();
            }
            if (verdict.Kind is SinkVerdictKind.Delivered or SinkVerdictKind.PerItem)
                return;
            bool paused = verdict.Kind == SinkVerdictKind.Pause;
            _status.Set(paused ? SinkPhase.Paused : SinkPhase.Retrying, verdict.Reason, verdict.Detail);
            Metrics.Retried(verdict.Reason);
            TimeSpan most = paused ? Settings.BackoffPaused : Settings.BackoffMax;
            await Task.Delay(
                Backoff.Next(Settings.BackoffMin, most, failures, verdict.RetryAfter, Random.Shared), _stopping.Token)
                .ConfigureAwait(false);
        }
    }

    /// <summary>Runs the stream until it is stopped, or the journal is full of what it has not delivered, or it fails, which
    /// only a defect or the journal can make it do.</summary>
    private async Task<StreamEnd> StreamAsync(JournalReader reader)
    {
        var prefix = new CursorPrefix();
        using var overtaken = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        using var failed = CancellationTokenSource.CreateLinkedTokenSource(_deadline.Token);
        var inFlight = new InFlight();
        var deadLetters = new DeadLetterBox(_journal, DeadLetters, Settings, Metrics, _status, _log, overtaken.Token);
        var sender = new BatchSender(_sink, Settings, Metrics, _gate, _slots, _breaker, deadLetters, _log, overtaken.Token, failed.Token);
        Task<bool> watch = WatchJournalAsync(reader, overtaken, failed);
        try
        {
            await Source
                .FromGraph(new JournalBatchSource(reader, _sink, _encoding, Settings, Metrics, _pool, overtaken.Token))
                // The next batch is read and encoded while the last one is sent.
                .Buffer(1, OverflowStrategy.Backpressure)
                .SelectAsyncUnordered(Settings.MaxInFlight, async batch =>
                {
                    using InFlight.Entry entry = inFlight.Enter();
                    var sent = new SentBatch(batch.Ordinal, batch.NextOffset, await sender.SendAsync(batch).ConfigureAwait(false));
                    _pool.Return(batch);
                    return sent;
                })
                // Fused with the source, so that the reader is used by one thread at a time.
                .RunWith(AkkaSink.ForEach<SentBatch>(sent =>
                {
                    if (sent.Settled && prefix.Complete(sent.Ordinal, sent.NextOffset) is long offset)
                        reader.Commit(offset);
                }), _materializer)
                .ConfigureAwait(false);
            await overtaken.CancelAsync().ConfigureAwait(false);
            return await watch.ConfigureAwait(false) && !_stopping.IsCancellationRequested ? StreamEnd.Overtaken : StreamEnd.Stopped;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            _status.Set(SinkPhase.Failed, "stream_failed", e.Message);
            _log.Error(e, "The delivery to sink {0} failed; it starts again where the cursor is", Name);
            // Nothing may be sent by two streams at the same time.
            await failed.CancelAsync().ConfigureAwait(false);
            await overtaken.CancelAsync().ConfigureAwait(false);
            await inFlight.DrainedAsync().ConfigureAwait(false);
            await watch.ConfigureAwait(false);
            return _stopping.IsCancellationRequested ? StreamEnd.Stopped : StreamEnd.Failed;
        }
    }

    /// <summary>Ends the stream when the journal is full because of it, where the settings say so; true when it did.</summary>
    private async Task<bool> WatchJournalAsync(JournalReader reader, CancellationTokenSource overtaken, CancellationTokenSource failed)
    {
        if (Settings.WhenFull == JournalFullPolicy.Wait)
            return false;
        using var timer = new PeriodicTimer(WatchInterval);
        try
        {
            while (await timer.WaitForNextTickAsync(overtaken.Token).ConfigureAwait(false))
            {
                if (_journal.Statistics.FullSince is null || !reader.HoldsOldest)
                    continue;
                await failed.CancelAsync().ConfigureAwait(false);
                await overtaken.CancelAsync().ConfigureAwait(false);
                return true;
            }
        }
        catch (OperationCanceledException)
        {
            // The stream has ended for another reason.
        }
        return false;
    }

    private void SkipOldest(JournalReader reader)
    {
        Metrics.Unread();
        long dropped = reader.SkipSegment();
        Metrics.Drop(dropped);
        _log.Warning("The journal was full and sink {0} held it back: {1} records are given up for this sink ({2} in all)",
            Name, dropped, Metrics.Counts.Dropped);
    }

    private void LogPhase(SinkPhase phase, string? reason, string? detail)
    {
        switch (phase)
        {
            case SinkPhase.Running:
                _log.Info("Sink {0} delivers", Name);
                break;
            case SinkPhase.Stopped:
                _log.Info("Sink {0} stopped with {1} records left in the journal; the others: {2}",
                    Name, LagRecords, Metrics.Counts);
                break;
            case SinkPhase.Starting:
                break;
            default:
                _log.Warning("Sink {0} waits ({1}): {2} {3}", Name, phase, reason ?? "", detail ?? "");
                break;
        }
    }

    private enum StreamEnd
    {
        Stopped,
        Failed,
        Overtaken,
    }

    private readonly record struct SentBatch(long Ordinal, long NextOffset, bool Settled);
}
