namespace Ogrt.Wire;

/// <summary>
/// Cuts a byte stream into frames, in a buffer that the caller owns and fills. It keeps nothing but its place; see
/// <see cref="Rewind"/> for filling the buffer again.
/// </summary>
/// <remarks>
/// <para>Only the length is checked here, as soon as the eight bytes of a header are there and before anything of the
/// payload need be buffered. A length over the limit is an error behind which no frame can be found: the connection is to
/// be closed. Everything else about a frame is for <see cref="FrameRouter.TryRoute"/> to judge, and the stream goes on
/// behind a frame that it rejects.</para>
/// </remarks>
public struct FrameDecoder
{
    private readonly int _maxFrameSize;

    /// <summary>Begins at the front of a buffer.</summary>
    /// <param name="maxFrameSize">The longest payload to accept, in bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">The limit is not positive, or no buffer can hold a frame of it.</exception>
    public FrameDecoder(int maxFrameSize)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxFrameSize);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxFrameSize, Array.MaxLength - FrameHeader.Size);
        _maxFrameSize = maxFrameSize;
    }

    /// <summary>Where the bytes that are not yet part of a frame begin: those to keep when the buffer is filled again.</summary>
    public int Consumed { get; private set; }

    /// <summary>
    /// After <see cref="FrameStatus.NeedMore"/>: how many bytes from <see cref="Consumed"/> on the buffer must be able to
    /// hold, at most the limit and a header.
    /// </summary>
    public int Needed { get; private set; }

    /// <summary>After <see cref="FrameStatus.Error"/>: why the stream cannot go on.</summary>
    public WireError Error { get; private set; }

    /// <summary>Looks for the next frame.</summary>
    /// <param name="filled">The filled part of the buffer, always from its front.</param>
    /// <param name="frame">The frame's place in it, header included.</param>
    /// <returns>Whether there is a frame, or more bytes are needed, or the stream is broken.</returns>
    public FrameStatus TryRead(ReadOnlySpan<byte> filled, out WireSlice frame)
    {
        frame = default;
        if (Error != WireError.None) return FrameStatus.Error;
        int available = filled.Length - Consumed;
        if (available < FrameHeader.Size)
        {
            Needed = FrameHeader.Size;
            return FrameStatus.NeedMore;
        }

        FrameHeader header = FrameHeader.Read(filled[Consumed..]);
        if (header.Length > (uint)_maxFrameSize)
        {
            Error = WireError.TooLong;
            return FrameStatus.Error;
        }

        int size = FrameHeader.Size + (int)header.Length;
        if (available < size)
        {
            Needed = size;
            return FrameStatus.NeedMore;
        }

        frame = new WireSlice(Consumed, size);
        Consumed += size;
        return FrameStatus.Frame;
    }

    /// <summary>Says that the caller has moved the bytes from <see cref="Consumed"/> on to the front of the buffer.</summary>
    public void Rewind() => Consumed = 0;
}
