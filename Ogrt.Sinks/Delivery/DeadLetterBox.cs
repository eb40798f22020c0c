using Akka.Event;
using Ogrt.Journal;
using Ogrt.Sinks.DeadLetters;
using DeadLetter = Ogrt.Sinks.DeadLetters.DeadLetter;

namespace Ogrt.Sinks.Delivery;

/// <summary>
/// Puts refused records into the dead-letter store, and does not come back before they are there: while the store is full,
/// or its directory cannot be used, the sink waits and its state says so.
/// </summary>
internal sealed class DeadLetterBox(
    SegmentedJournal journal, DeadLetterStore store, SinkSettings settings, SinkMetrics metrics, SinkStatus status, ILoggingAdapter log,
    CancellationToken stopping)
    : IRefusedRecords
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(50);

    private int _first;

    /// <inheritdoc/>
    public async ValueTask KeepAsync(SinkItem item, Refusal refusal, int attempts)
    {
        if (Interlocked.Increment(ref _first) == 1)
        {
            log.Warning("Sink {0} has its first dead letter: {1} {2}. Dead letters are kept in {3}",
                settings.Name, refusal.Reason ?? "rejected", refusal.Detail ?? "", store.Directory);
        }
        for (int failures = 1; ; failures++)
        {
            try
            {
                await AppendAsync(LetterOf(item, refusal, attempts)).ConfigureAwait(false);
                metrics.Settle(delivered: 0, duplicate: 0, deadLettered: 1);
                // Not before: each attempt would otherwise be a change of state, and a line in the log.
                if (failures > 1)
                    status.Set(SinkPhase.Running, null, null);
                return;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                status.Set(SinkPhase.Paused, "dead_letters_unavailable", e.Message);
            }
            await Task.Delay(
                Backoff.Next(settings.BackoffMin, settings.BackoffPaused, failures, default, Random.Shared), stopping)
                .ConfigureAwait(false);
        }
    }

    /// <summary>The letter, with the record's bytes from the journal: the cursor has not passed them. Where they were damaged
    /// since they were read there is a letter without them, so that it is known that there was something.</summary>
    private DeadLetter LetterOf(in SinkItem item, in Refusal refusal, int attempts)
    {
        string detail = refusal.Detail ?? "";
        if (!journal.TryReadAt(item.Offset, out JournalRecord record))
        {
            log.Error("Sink {0}: the record at {1} was refused and cannot be read from the journal any more; its dead letter is empty", settings.Name, item.Offset);
            detail = "The record's bytes were damaged in the journal. " + detail;
        }
        return new DeadLetter(
            item.Kind, item.ArrivalUnixNs, item.Sender, item.Offset, item.Sequence, refusal.Status, attempts,
            (DateTime.UtcNow - DateTime.UnixEpoch).Ticks * 100, refusal.Reason ?? "rejected", detail, record.Payload);
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
