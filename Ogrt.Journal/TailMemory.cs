namespace Ogrt.Journal;

/// <summary>
/// The newest bytes of a journal, as they were written. Several readers that keep up with the appenders get them from here:
/// without a read of the file each, and without a checksum, since they have never left the memory. A reader that falls back
/// behind the oldest of them reads the file. One appender at a time, any number of readers.
/// </summary>
internal sealed class TailMemory
{
    /// <summary>A ring, the oldest behind the newest. A slot that was never used is null.</summary>
    private readonly TailChunk?[] _chunks;

    private TailChunk? _newest;
    private int _slot;

    /// <param name="bytes">How much memory it takes, at least two chunks. A chunk that a reader has is passed over; where readers have all of them, each new one is one more.</param>
    public TailMemory(long bytes) => _chunks = new TailChunk?[bytes / TailChunk.Size];

    /// <summary>Takes what was appended at an offset. Records never lie across two chunks.</summary>
    public void Append(long offset, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > TailChunk.Size)
        {
            // Readers find it in the file.
            _newest = null;
            return;
        }

        if (_newest is not { } chunk || chunk.End != offset || TailChunk.Size - chunk.Length < bytes.Length)
            chunk = _newest = Next(offset);
        chunk.Add(bytes);
    }

    /// <summary>The chunk that holds an offset, with a lease that the caller returns; null when it is not in memory.</summary>
    public TailChunk? TryLease(long offset)
    {
        for (var slot = 0; slot < _chunks.Length; slot++)
        {
            if (Volatile.Read(ref _chunks[slot]) is not { } chunk || !chunk.Holds(offset) || !chunk.TryLease())
                continue;
            // It may have been used again between the two looks; now it cannot.
            if (chunk.Holds(offset))
                return chunk;
            chunk.Return();
        }

        return null;
    }

    /// <summary>A chunk for the bytes from an offset on: the oldest that no reader has.</summary>
    private TailChunk Next(long offset)
    {
        int oldest = (_slot + 1) % _chunks.Length;
        for (var step = 0; step < _chunks.Length - 1; step++)
        {
            var slot = (oldest + step) % _chunks.Length;
            if (_chunks[slot] is { } chunk && !chunk.TryTake())
                continue;
            _slot = slot;
            return Use(slot, offset);
        }

        // Readers have all of them, and keep the oldest for themselves.
        _chunks[oldest] = null;
        _slot = oldest;
        return Use(oldest, offset);
    }

    private TailChunk Use(int slot, long offset)
    {
        var chunk = _chunks[slot] ?? new TailChunk();
        chunk.Reuse(offset);
        Volatile.Write(ref _chunks[slot], chunk);
        return chunk;
    }
}
