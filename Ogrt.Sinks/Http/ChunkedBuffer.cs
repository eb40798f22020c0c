using System.Buffers;

namespace Ogrt.Sinks.Http;

/// <summary>
/// A stream into chunks of pooled memory: what is written is never copied again, and chunks of one size keep the pool small.
/// One owner; disposed once.
/// </summary>
internal sealed class ChunkedBuffer : Stream
{
    private const int ChunkSize = 128 * 1024;

    private readonly List<byte[]> _chunks = [];
    private int _used = ChunkSize;
    private long _length;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    /// <summary>Bytes written.</summary>
    public override long Length => _length;

    public override long Position { get => _length; set => throw new NotSupportedException(); }

    /// <summary>What was written, in order.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> Segments
    {
        get
        {
            for (int n = 0; n < _chunks.Count; n++)
                yield return _chunks[n].AsMemory(0, n == _chunks.Count - 1 ? _used : ChunkSize);
        }
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            if (_used == ChunkSize)
            {
                _chunks.Add(ArrayPool<byte>.Shared.Rent(ChunkSize));
                _used = 0;
            }
            int count = Math.Min(buffer.Length, ChunkSize - _used);
            buffer[..count].CopyTo(_chunks[^1].AsSpan(_used));
            buffer = buffer[count..];
            _used += count;
            _length += count;
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void WriteByte(byte value) => Write([value]);

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            foreach (byte[] chunk in _chunks)
                ArrayPool<byte>.Shared.Return(chunk);
            _chunks.Clear();
            _used = ChunkSize;
            _length = 0;
        }
        base.Dispose(disposing);
    }
}
