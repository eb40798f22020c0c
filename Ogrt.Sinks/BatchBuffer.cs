using System.Buffers;

namespace Ogrt.Sinks;

/// <summary>
/// A growing buffer that a batch keeps over its reuses, so that the steady path does not allocate. Not thread-safe: the
/// encoding stage writes it, and after that it is only read.
/// </summary>
public sealed class BatchBuffer : IBufferWriter<byte>
{
    // Up to here a buffer is small, and doubled.
    private const int Small = 256 * 1024;

    private readonly int _expected;
    private byte[] _bytes;
    private int _length;

    /// <summary>Makes a buffer of a first size in bytes.</summary>
    /// <param name="capacity">The first size.</param>
    /// <param name="expected">The size that it grows to at once when it has to be more than small; 0 when it is not known.</param>
    public BatchBuffer(int capacity = 64 * 1024, int expected = 0)
    {
        _bytes = new byte[capacity];
        _expected = expected;
    }

    /// <summary>Bytes written.</summary>
    public int Length => _length;

    /// <summary>Bytes that fit before the buffer grows.</summary>
    public int Capacity => _bytes.Length;

    /// <summary>A part of what was written. Valid until the buffer is cleared or written to again.</summary>
    public ReadOnlyMemory<byte> Slice(int offset, int length) => _bytes.AsMemory(0, _length).Slice(offset, length);

    /// <summary>All that was written. Valid until the buffer is cleared or written to again.</summary>
    public Memory<byte> Written => _bytes.AsMemory(0, _length);

    /// <summary>Appends bytes.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(GetSpan(bytes.Length));
        _length += bytes.Length;
    }

    /// <summary>Cuts the buffer back to a length, which undoes a half-written record.</summary>
    public void Truncate(int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)length, (uint)_length, nameof(length));
        _length = length;
    }

    /// <summary>Forgets the content. A buffer that one huge record made larger than <paramref name="keep"/> bytes is given up.</summary>
    public void Clear(int keep)
    {
        _length = 0;
        if (_bytes.Length > keep)
            _bytes = new byte[Math.Min(keep, 64 * 1024)];
    }

    /// <inheritdoc/>
    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)(_bytes.Length - _length), nameof(count));
        _length += count;
    }

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsMemory(_length);
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsSpan(_length);
    }

    private void Reserve(int sizeHint)
    {
        int needed = Math.Max(sizeHint, 1);
        if (_bytes.Length - _length >= needed)
            return;
        long size = Math.Max((long)_bytes.Length * 2, (long)_length + needed);
        if (size > Small && size < _expected)
            size = _expected;
        if (size > Array.MaxLength)
            size = Math.Max((long)_length + needed, Math.Min(size, Array.MaxLength));
        byte[] larger = GC.AllocateUninitializedArray<byte>(checked((int)size));
        _bytes.AsSpan(0, _length).CopyTo(larger);
        _bytes = larger;
    }
}
