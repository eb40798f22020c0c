using System.Diagnostics.CodeAnalysis;

namespace Ogrt.Journal;

/// <summary>
/// Records on their way into the journal, framed as they will lie in the file, so that appending is one write. A batch has one
/// owner at a time and is made to be used again: <see cref="Clear"/> keeps the buffer. While an append of it waits, it must not
/// be touched.
/// </summary>
public sealed class JournalBatch
{
    /// <summary>A larger buffer is given back at <see cref="Clear"/>, so that one large record does not hold memory for ever.</summary>
    private const int KeptBufferSize = 1024 * 1024;

    private readonly int _maxRecordSize;
    private byte[] _buffer = [];
    private Mark[] _marks = [];
    private volatile bool _appending;

    /// <summary>Makes an empty batch.</summary>
    /// <param name="maxRecordSize">The largest payload in bytes that <see cref="Add"/> takes: <see cref="JournalOptions.MaxRecordSize"/>.</param>
    public JournalBatch(int maxRecordSize = JournalOptions.DefaultMaxRecordSize)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxRecordSize);
        _maxRecordSize = maxRecordSize;
    }

    /// <summary>Records in the batch.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes that the batch will take in the journal, headers included.</summary>
    public int Bytes { get; private set; }

    /// <summary>The largest payload in the batch, in bytes.</summary>
    internal int LargestPayload { get; private set; }

    /// <summary>Copies a record into the batch.</summary>
    /// <param name="kind">What the payload is; any value but 0.</param>
    /// <param name="arrivalUnixNs">When it arrived, in nanoseconds since 1970 UTC.</param>
    /// <param name="sender">Where it came from; <c>default</c> when unknown.</param>
    /// <param name="payload">The bytes, at most the maximum record size.</param>
    /// <exception cref="ArgumentException">The payload is too large, or the kind is 0; the batch is as it was.</exception>
    /// <exception cref="InvalidOperationException">The batch is being appended, or it would pass 2 GiB.</exception>
    public void Add(byte kind, long arrivalUnixNs, JournalSender sender, ReadOnlySpan<byte> payload)
    {
        ThrowIfAppending();
        if (kind == 0)
            throw new ArgumentException("A record's kind must not be 0.", nameof(kind));
        if (payload.Length > _maxRecordSize)
            throw new ArgumentException($"A record of {payload.Length} bytes is larger than the maximum record size of {_maxRecordSize} bytes.", nameof(payload));

        var start = Bytes;
        var total = (int)RecordHeader.TotalSize(payload.Length);
        Reserve(total);
        Span<byte> record = _buffer.AsSpan(start, total);
        RecordHeader.WriteUnplaced(record, payload.Length, arrivalUnixNs, sender, kind);
        payload.CopyTo(record[RecordHeader.Size..]);
        record[(RecordHeader.Size + payload.Length)..].Clear();
        _marks[Count] = new Mark(start, RecordHeader.UnplacedCrc(record[..(RecordHeader.Size + payload.Length)]));
        Count++;
        Bytes += total;
        LargestPayload = Math.Max(LargestPayload, payload.Length);
    }

    /// <summary>Empties the batch for its next use.</summary>
    /// <exception cref="InvalidOperationException">The batch is being appended.</exception>
    public void Clear()
    {
        ThrowIfAppending();
        Count = 0;
        Bytes = 0;
        LargestPayload = 0;
        if (_buffer.Length > KeptBufferSize)
            _buffer = [];
    }

    /// <summary>Gives every record its place and returns the bytes to write. It can be called again for another place.</summary>
    internal ReadOnlySpan<byte> Place(long sequence, long offset, ulong salt)
    {
        Span<byte> bytes = _buffer.AsSpan(0, Bytes);
        foreach (ref readonly Mark mark in _marks.AsSpan(0, Count))
            RecordHeader.Place(bytes[mark.Start..], mark.UnplacedCrc, sequence++, offset + mark.Start, salt);
        return bytes;
    }

    /// <summary>Marks the batch as belonging to the journal while an append of it waits.</summary>
    internal void BeginAppend()
    {
        ThrowIfAppending();
        _appending = true;
    }

    internal void EndAppend() => _appending = false;

    private void Reserve(int more)
    {
        var needed = (long)Bytes + more;
        if (needed > Array.MaxLength)
            throw new InvalidOperationException("A batch cannot hold more than 2 GiB.");
        if (needed > _buffer.Length)
            Array.Resize(ref _buffer, (int)Math.Min(Array.MaxLength, Math.Max(Math.Max(needed, 2L * _buffer.Length), 4096)));
        if (Count == _marks.Length)
            Array.Resize(ref _marks, Math.Max(16, 2 * Count));
    }

    private void ThrowIfAppending()
    {
        if (_appending)
            ThrowAppending();
    }

    [DoesNotReturn]
    private static void ThrowAppending() => throw new InvalidOperationException("The batch is being appended; it can be used again when the append has completed.");

    /// <param name="Start">Where in the buffer the record begins.</param>
    /// <param name="UnplacedCrc">The part of its CRC that does not depend on its place.</param>
    private readonly record struct Mark(int Start, uint UnplacedCrc);
}
