using System.Collections.Concurrent;
using Akka.Event;
using Ogrt.Journal;
using Ogrt.Sinks.Delivery;

namespace Ogrt.Sinks.DeadLetters;

/// <summary>
/// Sends dead letters to their target once more. A letter that the target takes is settled; one that it refuses again stays as it
/// was. Like every delivery it waits as long as the target is away, and goes through the same gate and slots.
/// </summary>
internal sealed class LetterRetry(
    ISink sink, Lock encoding, SinkSettings settings, DeadLetterStore store, TargetGate gate, SendSlots slots, ILoggingAdapter log)
{
    private readonly SinkMetrics _metrics = new(settings.Name);

    /// <summary>Sends the letters of a selection that are there now.</summary>
    /// <param name="selection">Which letters.</param>
    /// <param name="progress">Told after each batch.</param>
    /// <param name="cancel">Ends it after the batch under way is given up; what is settled by then stays settled.</param>
    public async Task<RetryResult> RunAsync(LetterSelection selection, Action<RetryResult> progress, CancellationToken cancel)
    {
        var stillRefused = new StillRefused();
        // Every refusal leaves its letter where it is, so there is nothing to hold back.
        var breaker = new RefusalBreaker(1, int.MaxValue, settings.RefusalWindow);
        var sender = new BatchSender(sink, settings, _metrics, gate, slots, breaker, stillRefused, log, cancel, cancel);
        var result = new RetryResult();
        var batch = new SinkBatch();
        var numbers = new List<long>();
        foreach (KeptLetter letter in store.Read())
        {
            cancel.ThrowIfCancellationRequested();
            if (!selection.Includes(letter))
                continue;
            Add(batch, letter);
            numbers.Add(letter.Number);
            if (batch.EncodedBytes < settings.BatchBytes && batch.Covered < settings.BatchCount)
                continue;
            result = await SendAsync(sender, batch, numbers, stillRefused, result, cancel).ConfigureAwait(false);
            progress(result);
        }
        return numbers.Count == 0 ? result : await SendAsync(sender, batch, numbers, stillRefused, result, cancel).ConfigureAwait(false);
    }

    private async Task<RetryResult> SendAsync(
        BatchSender sender, SinkBatch batch, List<long> numbers, StillRefused stillRefused, RetryResult result, CancellationToken cancel)
    {
        if (!await sender.SendAsync(batch).ConfigureAwait(false))
            cancel.ThrowIfCancellationRequested();
        // What the sink takes no more, for its settings have changed, is done with as well: it would be passed over today.
        List<long> settled = numbers.FindAll(n => !stillRefused.Contains(n));
        store.Settle(settled);
        result = new RetryResult(result.Sent + numbers.Count, result.Delivered + settled.Count, result.Refused + numbers.Count - settled.Count);
        batch.Clear(int.MaxValue);
        numbers.Clear();
        stillRefused.Clear();
        return result;
    }

    private void Add(SinkBatch batch, KeptLetter letter)
    {
        JournalRecord record = letter.AsRecord();
        batch.Cover(record);
        int begin = batch.Output.Length;
        EncodeResult encoded;
        try
        {
            lock (encoding)
                encoded = sink.Encode(record, batch.Output);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            encoded = EncodeResult.Refused("encoder_failed");
        }
        if (encoded.Kind != EncodeKind.Encoded)
            batch.Output.Truncate(begin);
        if (encoded.Kind == EncodeKind.Encoded)
            batch.Add(record, encoded.EventId, begin);
        else if (encoded.Kind == EncodeKind.Refused)
            batch.Refuse(record, encoded.Reason ?? "refused");
    }

    private sealed class StillRefused : IRefusedRecords
    {
        private readonly ConcurrentDictionary<long, byte> _numbers = new();

        public bool Contains(long number) => _numbers.ContainsKey(number);

        public void Clear() => _numbers.Clear();

        public ValueTask KeepAsync(SinkItem item, Refusal refusal, int attempts)
        {
            _numbers[item.Sequence] = 0;
            return ValueTask.CompletedTask;
        }
    }
}
