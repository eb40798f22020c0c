using Ogrt.Journal;

namespace Ogrt.Sinks;

/// <summary>
/// Records read from the journal and written once in the target's form. Filled by the reading stage, then read-only until
/// the delivery gives it back to its pool. The records' own bytes stay in the journal, which keeps them until the batch is
/// settled: only a dead letter needs them again.
/// </summary>
public sealed class SinkBatch
{
    private readonly BatchBuffer _encoded;
    private readonly List<RefusedRecord> _refused = [];
    private SinkItem[] _items = new SinkItem[256];

    /// <summary>Makes an empty batch.</summary>
    /// <param name="expectedBytes">What a full batch has in the target's form. A buffer that has come into the way of growing grows to
    /// that at once, as memory that is doubled again and again is memory that is thrown away.</param>
    public SinkBatch(int expectedBytes = 0) => _encoded = new BatchBuffer(16, expectedBytes);

    /// <summary>Items to send. Records that were skipped or refused by the encoder are not among them.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes of the items in the target's form.</summary>
    public long EncodedBytes { get; private set; }

    /// <summary>Where the record behind the last one that this batch covers begins: what the cursor moves to.</summary>
    public long NextOffset { get; private set; }

    /// <summary>Records that the batch covers, sent or not.</summary>
    public int Covered { get; private set; }

    /// <summary>Arrival of the first record that the batch covers, in nanoseconds since 1970.</summary>
    public long FirstArrivalUnixNs { get; private set; }

    /// <summary>The batch's number in the order of reading, from 0.</summary>
    internal long Ordinal { get; set; }

    /// <summary>Records that the encoder refused: they go to the dead letters before the batch is sent.</summary>
    internal IReadOnlyList<RefusedRecord> Refused => _refused;

    /// <summary>Where encoders write.</summary>
    internal BatchBuffer Output => _encoded;

    /// <summary>An item's place and origin.</summary>
    public ref readonly SinkItem this[int index] => ref _items[index];

    /// <summary>An item in the target's form.</summary>
    public ReadOnlyMemory<byte> Encoded(int index)
    {
        ref readonly SinkItem item = ref _items[index];
        return _encoded.Slice(item.EncodedOffset, item.EncodedLength);
    }

    /// <summary>The target's form of items <paramref name="first"/> to <paramref name="last"/>, which lie one behind the other.</summary>
    internal ReadOnlyMemory<byte> EncodedRange(int first, int last)
    {
        ref readonly SinkItem from = ref _items[first];
        ref readonly SinkItem to = ref _items[last];
        return _encoded.Slice(from.EncodedOffset, to.EncodedOffset + to.EncodedLength - from.EncodedOffset);
    }

    /// <summary>Says that the batch covers a record, whatever becomes of it.</summary>
    internal void Cover(in JournalRecord record)
    {
        if (Covered++ == 0)
            FirstArrivalUnixNs = record.ArrivalUnixNs;
        NextOffset = record.NextOffset;
    }

    /// <summary>Adds a record that was encoded at <paramref name="encodedOffset"/> of the output buffer. When nothing was written
    /// there, its own bytes are what is sent.</summary>
    internal int Add(in JournalRecord record, UInt128 eventId, int encodedOffset)
    {
        if (_encoded.Length == encodedOffset)
            _encoded.Write(record.Payload.Span);
        int encodedLength = _encoded.Length - encodedOffset;
        if (Count == _items.Length)
            Array.Resize(ref _items, Count * 2);
        _items[Count] = ItemOf(record, eventId, encodedOffset, encodedLength);
        EncodedBytes += encodedLength;
        return Count++;
    }

    /// <summary>Adds a record that the encoder refused.</summary>
    internal void Refuse(in JournalRecord record, string reason) => _refused.Add(new RefusedRecord(ItemOf(record, 0, 0, 0), reason));

    /// <summary>Makes the batch empty for its next use; keeps buffers up to <paramref name="keepBytes"/>.</summary>
    internal void Clear(int keepBytes)
    {
        _encoded.Clear(keepBytes);
        _refused.Clear();
        Count = 0;
        Covered = 0;
        EncodedBytes = 0;
        NextOffset = 0;
        FirstArrivalUnixNs = 0;
    }

    private static SinkItem ItemOf(in JournalRecord record, UInt128 eventId, int encodedOffset, int encodedLength) => new(
        record.Offset, record.Sequence, record.Kind, record.ArrivalUnixNs, record.Sender, eventId, encodedOffset, encodedLength);
}
