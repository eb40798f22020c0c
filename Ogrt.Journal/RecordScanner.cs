using Microsoft.Win32.SafeHandles;

namespace Ogrt.Journal;

/// <summary>
/// Walks the records of one segment file through a large buffer, checks each, and finds the next good one behind a damaged
/// place. Payloads are slices of the buffer and are valid until the next call. Not thread-safe.
/// </summary>
/// <param name="files">The way to the disk.</param>
/// <param name="salt">The journal's salt.</param>
/// <param name="maxRecordSize">The largest payload in bytes.</param>
/// <param name="bufferSize">Bytes of a read.</param>
/// <param name="tail">What is looked into before the file is read; null for nothing.</param>
internal sealed class RecordScanner(JournalFiles files, ulong salt, int maxRecordSize, int bufferSize, TailMemory? tail = null) : IDisposable
{
    /// <summary>The sequence of the next record is not known, after a seek.</summary>
    public const long UnknownSequence = -1;

    private byte[] _buffer = [];

    /// <summary>The bytes from <see cref="_windowStart"/> on: those of the buffer, or of the chunk.</summary>
    private byte[] _window = [];

    /// <summary>What the window lies in when it is not the buffer; held until the window moves.</summary>
    private TailChunk? _chunk;

    private SafeFileHandle? _file;
    private long _baseOffset;
    private long _baseSequence;
    private long _windowStart;
    private int _windowLength;

    /// <summary>The offset where the next record is looked for.</summary>
    public long Position { get; set; }

    /// <summary>The sequence that the next record should have, or <see cref="UnknownSequence"/>.</summary>
    public long NextSequence { get; set; } = UnknownSequence;

    /// <summary>Bytes that the latest <see cref="TryNext"/> skipped before the record that it found.</summary>
    public long SkippedBytes { get; private set; }

    /// <summary>Records missing before the one that the latest <see cref="TryNext"/> found.</summary>
    public long SkippedRecords { get; private set; }

    /// <summary>Bytes read from the disk (or the page cache).</summary>
    public long BytesRead { get; private set; }

    /// <summary>Begins with another file, at its first record.</summary>
    public void Open(string path, long baseOffset, long baseSequence)
    {
        SafeFileHandle file = files.OpenRead(path);
        Close();
        _file = file;
        _baseOffset = baseOffset;
        _baseSequence = baseSequence;
        Position = baseOffset;
    }

    /// <summary>Lets the file go; the buffer stays.</summary>
    public void Close()
    {
        _file?.Dispose();
        _file = null;
        LetWindowGo();
    }

    public void Dispose()
    {
        Close();
        _buffer = [];
    }

    /// <summary>Reads the file's header.</summary>
    public bool TryReadHeader(out SegmentHeader header)
    {
        Span<byte> bytes = stackalloc byte[SegmentHeader.Size];
        var read = ReadFully(bytes, 0);
        return SegmentHeader.TryRead(bytes[..read], out header);
    }

    /// <summary>Takes the next good record before <paramref name="end"/>. When there is none, <see cref="Position"/> stays: at
    /// <paramref name="end"/>, or where the good data ends.</summary>
    /// <exception cref="IOException">The file cannot be read; the position is unchanged.</exception>
    public bool TryNext(long end, out JournalRecord record)
    {
        SkippedBytes = SkippedRecords = 0;
        if (TryTake(Position, end, out record) || (Position < end && TryResync(end, out record)))
        {
            SkippedBytes = record.Offset - Position;
            SkippedRecords = NextSequence == UnknownSequence ? 0 : record.Sequence - NextSequence;
            Position = record.NextOffset;
            NextSequence = record.Sequence + 1;
            return true;
        }

        return false;
    }

    /// <summary>Looks for a good record at each aligned offset behind a bad one. The sequence tells cheaply that an offset holds
    /// none, so that a CRC is hardly ever computed in vain.</summary>
    private bool TryResync(long end, out JournalRecord record)
    {
        for (var offset = Position + RecordHeader.Alignment; offset + RecordHeader.Size <= end; offset += RecordHeader.Alignment)
        {
            if (TryTake(offset, end, out record))
                return true;
        }

        record = default;
        return false;
    }

    /// <summary>Takes the good record at an offset, if there is one; <see cref="Position"/> stays.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public bool TryTake(long offset, long end, out JournalRecord record)
    {
        record = default;
        if (!TryFill(offset, RecordHeader.Size, end))
            return false;
        RecordHeader header = RecordHeader.Read(_window.AsSpan((int)(offset - _windowStart)));
        if (!IsPlausible(header, offset))
            return false;
        var total = RecordHeader.TotalSize(header.Length);
        if (total > end - offset || !TryFill(offset, (int)total, end))
            return false;

        var start = (int)(offset - _windowStart);
        ReadOnlySpan<byte> bytes = _window.AsSpan(start, RecordHeader.Size + header.Length);
        if (!IsKnownGood(header, offset) && RecordHeader.PlacedCrc(RecordHeader.UnplacedCrc(bytes), header.Sequence, offset, salt) != header.Crc)
            return false;
        record = new JournalRecord(offset, offset + total, header, _window.AsMemory(start + RecordHeader.Size, header.Length));
        return true;
    }

    /// <summary>Whether this is the record behind the last one, and from memory. Anywhere else the bytes may be a payload that
    /// looks like a record.</summary>
    private bool IsKnownGood(in RecordHeader header, long offset) =>
        _chunk is not null && offset == Position && header.Sequence == NextSequence;

    private bool IsPlausible(in RecordHeader header, long offset)
    {
        var lowest = Math.Max(_baseSequence, NextSequence);
        var highest = _baseSequence + (offset - _baseOffset) / RecordHeader.Size;
        return header.Kind != 0 && (uint)header.Length <= (uint)maxRecordSize && header.Sequence >= lowest && header.Sequence <= highest;
    }

    /// <summary>Makes the buffer hold <paramref name="count"/> bytes from <paramref name="offset"/>, and as much behind them as it can.</summary>
    private bool TryFill(long offset, int count, long end)
    {
        if (offset >= _windowStart && offset + count <= _windowStart + _windowLength)
            return true;
        if (offset + count > end || _file is null)
            return false;
        LetWindowGo();
        if (TryFillFromTail(offset, count))
            return true;
        Resize(count);
        var wanted = (int)Math.Min(_buffer.Length, end - offset);
        _window = _buffer;
        _windowStart = offset;
        _windowLength = ReadFully(_buffer.AsSpan(0, wanted), SegmentHeader.Size + (offset - _baseOffset));
        return _windowLength >= count;
    }

    private bool TryFillFromTail(long offset, int count)
    {
        if (tail?.TryLease(offset) is not { } chunk)
            return false;
        _chunk = chunk;
        _window = chunk.Bytes;
        _windowStart = chunk.Begin;
        _windowLength = chunk.Length;
        if (offset + count <= _windowStart + _windowLength)
            return true;
        LetWindowGo();
        return false;
    }

    private void LetWindowGo()
    {
        _windowLength = 0;
        _window = [];
        _chunk?.Return();
        _chunk = null;
    }

    /// <summary>A record larger than the buffer gets a buffer of its own, which is dropped when the next smaller one is read.</summary>
    private void Resize(int count)
    {
        var wanted = Math.Max(bufferSize, count);
        if (_buffer.Length < count || _buffer.Length > wanted)
            _buffer = GC.AllocateUninitializedArray<byte>(wanted);
    }

    private int ReadFully(Span<byte> target, long filePosition)
    {
        var done = 0;
        while (done < target.Length)
        {
            var read = files.Read(_file!, target[done..], filePosition + done);
            if (read == 0)
                break;
            done += read;
        }

        BytesRead += done;
        return done;
    }
}
