using System.Buffers.Binary;

namespace Ogrt.Wire;

/// <summary>The eight bytes before each payload: type and length, both 32 bit, both big-endian.</summary>
/// <param name="Type">The value of a <see cref="FrameType"/>, or anything else that was sent.</param>
/// <param name="Length">Bytes of payload that follow the header.</param>
public readonly record struct FrameHeader(uint Type, uint Length)
{
    /// <summary>Bytes of a header.</summary>
    public const int Size = 8;

    /// <summary>Whether <see cref="Type"/> is a <see cref="FrameType"/> that some layout has.</summary>
    public bool IsKnownType => Type is (uint)FrameType.ProcessInfo or (uint)FrameType.ProcessEnd
        or (uint)FrameType.JobStart or (uint)FrameType.JobEnd;

    /// <summary>Reads a header.</summary>
    /// <param name="bytes">At least <see cref="Size"/> bytes.</param>
    /// <returns>The header, with whatever values it has.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer than <see cref="Size"/> bytes.</exception>
    public static FrameHeader Read(ReadOnlySpan<byte> bytes)
    {
        ulong both = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        return new FrameHeader((uint)(both >> 32), (uint)both);
    }

    /// <summary>Writes the header.</summary>
    /// <param name="bytes">Room for at least <see cref="Size"/> bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is less room than that.</exception>
    public void Write(Span<byte> bytes) => BinaryPrimitives.WriteUInt64BigEndian(bytes, ((ulong)Type << 32) | Length);

    /// <summary>Whether the type exists in a layout: OGRT 0.3 has no end of a process.</summary>
    /// <param name="layout">The layout of the listener.</param>
    /// <returns>Whether a frame of this type can be read.</returns>
    public bool IsKnownTypeOf(WireLayout layout) =>
        IsKnownType && !(layout == WireLayout.V03 && Type == (uint)FrameType.ProcessEnd);
}
