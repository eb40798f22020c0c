namespace Ogrt.Sinks.Delivery;

/// <summary>Takes the records that a target refuses for good.</summary>
internal interface IRefusedRecords
{
    /// <summary>Takes a record and counts it; it is safe when this returns.</summary>
    /// <param name="item">Where the record came from; its bytes stand in the journal until it is settled.</param>
    /// <param name="refusal">Why it was refused.</param>
    /// <param name="attempts">How often it was sent.</param>
    /// <exception cref="OperationCanceledException">The sink is stopping.</exception>
    ValueTask KeepAsync(SinkItem item, Refusal refusal, int attempts);
}
