namespace Ogrt.Actors.Jobs;

/// <summary>Frames of one job that are being gathered in one read.</summary>
internal sealed class JobBatch(string entityId)
{
    private byte[] _buffer = [];
    private int _length;
    private int _count;
    private long _first;
    private long _next;

    public string EntityId { get; } = entityId;

    public bool IsEmpty => _count == 0;

    /// <summary>Whether a frame would make the batch larger than it should be.</summary>
    public bool WouldPass(int size, int frame) => _count > 0 && _length + JobFrameCodec.HeaderSize + frame > size;

    public void Add(byte kind, long offset, long next, ReadOnlySpan<byte> frame)
    {
        Reserve(_length + JobFrameCodec.HeaderSize + frame.Length);
        if (_count == 0)
            _first = offset;
        _length += JobFrameCodec.Write(_buffer.AsSpan(_length), kind, offset, frame);
        _next = next;
        _count++;
    }

    /// <summary>The gathered frames as a message that has the buffer from now on; the batch is empty then.</summary>
    public JobFrames Take(Guid origin)
    {
        var frames = new JobFrames(EntityId, origin, -1, _first, _next, _count, _buffer.AsMemory(0, _length)) { Lease = new FrameLease(_buffer) };
        _buffer = [];
        _length = _count = 0;
        return frames;
    }

    private void Reserve(int size)
    {
        if (size <= _buffer.Length)
            return;
        byte[] larger = FrameLease.Rent(Math.Max(size, _buffer.Length * 4));
        _buffer.AsSpan(0, _length).CopyTo(larger);
        if (_buffer.Length > 0)
            FrameLease.Return(_buffer);
        _buffer = larger;
    }
}
