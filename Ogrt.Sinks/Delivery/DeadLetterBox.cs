using Akka.Event;
using Ogrt.Sinks.DeadLetters;
using DeadLetter = Ogrt.Sinks.DeadLetters.DeadLetter;

namespace Ogrt.Sinks.Delivery;

/// <summary>
/// Puts refused records into the dead-letter store, and does not come back before they are there: while the store is full,
/// or its directory cannot be used, the sink waits and its state says so.
/// </summary>
internal sealed class DeadLetterBox(
    DeadLetterStore store, SinkSettings settings, SinkMetrics metrics, SinkStatus status, ILoggingAdapter log, CancellationToken stopping)
    : IRefusedRecords
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(50);

    private int _first;

    /// <inheritdoc/>
    public async ValueTask KeepAsync(SinkItem item, ReadOnlyMemory<byte> original, Refusal refusal, int attempts)
    {
        var letter = new DeadLetter(
            item.Kind, item.ArrivalUnixNs, item.Sender, item.Offset, item.Sequence, refusal.Status, attempts,
            (DateTime.UtcNow - DateTime.UnixEpoch).Ticks * 100, refusal.Reason ?? "rejected", refusal.Detail ?? "", original);
        if (Interlocked.Increment(ref _first) == 1)
        {
            log.Warning("Sink {0} has its first dead letter: {1} {2}. Dead letters are kept in {3}",
                settings.Name, letter.Reason, letter.Detail, store.Directory);
        }
        for (int failures = 1; ; failures++)
        {
            try
            {
                await AppendAsync(letter).ConfigureAwait(false);
                metrics.Settle(delivered: 0, duplicate: 0, deadLettered: 1);
                return;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                status.Set(SinkPhase.Paused, "dead_letters_unavailable", e.Message);
            }
            await Task.Delay(
                Backoff.Next(settings.BackoffMin, settings.BackoffPaused, failures, default, Random.Shared), stopping)
                .ConfigureAwait(false);
            status.Set(SinkPhase.Running, null, null);
        }
    }

    private async ValueTask AppendAsync(DeadLetter letter)
    {
        ValueTask append = store.AppendAsync(letter, stopping);
        if (append.IsCompletedSuccessfully)
            return;
        Task task = append.AsTask();
        bool full = false;
        // The journal knows that it is full before the append ends; an append that only waits for the disk is none of that.
        while (await Task.WhenAny(task, Task.Delay(LookAgain, stopping)).ConfigureAwait(false) != task && !stopping.IsCancellationRequested)
        {
            if (!store.IsFull)
                continue;
            full = true;
            status.Set(SinkPhase.DeadLettersFull, "dead_letters_full",
                $"The dead letters in {store.Directory} have no room: their limit is {settings.DeadLetterMaxSize} bytes.");
        }
        await task.ConfigureAwait(false);
        if (full)
            status.Set(SinkPhase.Running, null, null);
    }
}
