namespace Ogrt.Sinks.Delivery;

/// <summary>Takes the records that a target refuses for good.</summary>
internal interface IRefusedRecords
{
    /// <summary>Takes a record and counts it; it is safe when this returns.</summary>
    /// <param name="item">Where the record came from.</param>
    /// <param name="original">Its bytes, valid until this returns.</param>
    /// <param name="refusal">Why it was refused.</param>
    /// <param name="attempts">How often it was sent.</param>
    /// <exception cref="OperationCanceledException">The sink is stopping.</exception>
    ValueTask KeepAsync(SinkItem item, ReadOnlyMemory<byte> original, Refusal refusal, int attempts);
}
