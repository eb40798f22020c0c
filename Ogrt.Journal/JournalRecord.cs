namespace Ogrt.Journal;

/// <summary>One record as a reader sees it.</summary>
public readonly struct JournalRecord
{
    internal JournalRecord(long offset, long nextOffset, in RecordHeader header, ReadOnlyMemory<byte> payload)
    {
        Offset = offset;
        NextOffset = nextOffset;
        Sequence = header.Sequence;
        Kind = header.Kind;
        ArrivalUnixNs = header.ArrivalUnixNs;
        Sender = header.Sender;
        Payload = payload;
    }

    private JournalRecord(in JournalRecord origin, byte kind, ReadOnlyMemory<byte> payload)
    {
        this = origin;
        Kind = kind;
        Payload = payload;
    }

    /// <summary>The same record with other bytes: what a reader that rewrites records passes on.</summary>
    /// <param name="kind">The kind of the new bytes.</param>
    /// <param name="payload">The new bytes; they are valid as long as their owner says.</param>
    public JournalRecord With(byte kind, ReadOnlyMemory<byte> payload) => new(this, kind, payload);

    /// <summary>The record's position: greater than that of every earlier record, for ever, and never used again. The first
    /// record after damage or after an unclean end begins behind the <see cref="NextOffset"/> of its predecessor.</summary>
    public long Offset { get; }

    /// <summary>The position behind the record: what <see cref="JournalReader.Commit"/> takes.</summary>
    public long NextOffset { get; }

    /// <summary>The number of records appended before this one; a gap tells how many records damage has cost.</summary>
    public long Sequence { get; }

    /// <summary>The kind that the appender gave; never 0.</summary>
    public byte Kind { get; }

    /// <summary>The arrival time that the appender gave, in nanoseconds since 1970 UTC.</summary>
    public long ArrivalUnixNs { get; }

    /// <summary>Where the record came from.</summary>
    public JournalSender Sender { get; }

    /// <summary>The bytes. They lie in the reader's buffer and are valid until its next read call.</summary>
    public ReadOnlyMemory<byte> Payload { get; }
}
