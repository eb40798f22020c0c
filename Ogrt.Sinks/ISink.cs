using Ogrt.Journal;

namespace Ogrt.Sinks;

/// <summary>
/// A target of records. A sink only knows how to write a record in its target's form and how to read its target's answer;
/// <see cref="Delivery.SinkDelivery"/> does the rest: reading the journal, batching, retrying without end, splitting,
/// pausing, dead letters and the cursor.
/// </summary>
/// <remarks>
/// <see cref="Encode"/> is called by one thread at a time. <see cref="SendAsync"/> is called concurrently, up to the
/// sink's <see cref="SinkSettings.MaxInFlight"/>. An exception of either never ends the delivery: it is counted, and the
/// record goes to the dead letters (encode) or is sent again (send).
/// </remarks>
public interface ISink : IAsyncDisposable
{
    /// <summary>
    /// Prepares the target: opens files, finds out what a server is. Called until it answers
    /// <see cref="SinkVerdict.Delivered"/>, before the first batch. Nothing waits for it but this sink.
    /// </summary>
    ValueTask<SinkVerdict> OpenAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Writes a record in the target's form into <paramref name="output"/>, each record once however often it is sent.
    /// A sink whose form is the record's own bytes writes nothing: what is sent is then the original.
    /// </summary>
    EncodeResult Encode(in JournalRecord record, BatchBuffer output);

    /// <summary>
    /// Sends the items of <paramref name="attempt"/> and says what became of them. The memory of the batch may be used
    /// until the returned task has ended and not after it. When the token is cancelled the sink gives up soon; what it
    /// has not answered counts as unknown and is sent again.
    /// </summary>
    ValueTask<SinkVerdict> SendAsync(SinkAttempt attempt, CancellationToken cancellationToken);
}
