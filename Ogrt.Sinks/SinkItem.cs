using Ogrt.Journal;

namespace Ogrt.Sinks;

/// <summary>One record of a batch: where it came from and where its bytes in the target's form lie in the batch.</summary>
/// <param name="Offset">The record's place in the journal.</param>
/// <param name="Sequence">The record's number in the journal.</param>
/// <param name="Kind">The record's kind (Ogrt.Wire.RecordKind).</param>
/// <param name="ArrivalUnixNs">When it arrived, in nanoseconds since 1970.</param>
/// <param name="Sender">Who sent it.</param>
/// <param name="EventId">Its deterministic id, 0 where the sink made none.</param>
/// <param name="EncodedOffset">Where the bytes in the target's form begin, in the batch's buffer.</param>
/// <param name="EncodedLength">How many they are; 0 for a record that could not be written in that form.</param>
public readonly record struct SinkItem(
    long Offset,
    long Sequence,
    byte Kind,
    long ArrivalUnixNs,
    JournalSender Sender,
    UInt128 EventId,
    int EncodedOffset,
    int EncodedLength);
