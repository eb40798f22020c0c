using System.Buffers.Binary;

namespace Ogrt.Actors.Jobs;

/// <summary>Frames within <see cref="JobFrames.Records"/>: kind (1), offset (8), length (4), frame; little-endian.</summary>
public static class JobFrameCodec
{
    /// <summary>Bytes in front of each frame.</summary>
    public const int HeaderSize = 13;

    /// <summary>Writes a frame.</summary>
    /// <param name="destination">At least <see cref="HeaderSize"/> bytes longer than the frame.</param>
    /// <param name="kind">The kind of the journal record.</param>
    /// <param name="offset">The offset of the journal record.</param>
    /// <param name="frame">The frame, header included.</param>
    /// <returns>Bytes written.</returns>
    public static int Write(Span<byte> destination, byte kind, long offset, ReadOnlySpan<byte> frame)
    {
        destination[0] = kind;
        BinaryPrimitives.WriteInt64LittleEndian(destination[1..], offset);
        BinaryPrimitives.WriteInt32LittleEndian(destination[9..], frame.Length);
        frame.CopyTo(destination[HeaderSize..]);
        return HeaderSize + frame.Length;
    }

    /// <summary>Reads the next frame and moves past it; false at the end, and where the bytes are no frames.</summary>
    public static bool TryRead(ref ReadOnlySpan<byte> records, out byte kind, out long offset, out ReadOnlySpan<byte> frame)
    {
        kind = 0;
        offset = 0;
        frame = default;
        if (records.Length < HeaderSize)
            return false;
        kind = records[0];
        offset = BinaryPrimitives.ReadInt64LittleEndian(records[1..]);
        int length = BinaryPrimitives.ReadInt32LittleEndian(records[9..]);
        if ((uint)length > (uint)(records.Length - HeaderSize))
            return false;
        frame = records.Slice(HeaderSize, length);
        records = records[(HeaderSize + length)..];
        return true;
    }
}
