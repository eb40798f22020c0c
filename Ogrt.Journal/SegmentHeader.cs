using System.Buffers.Binary;

namespace Ogrt.Journal;

/// <summary>
/// The 64 bytes at the start of a segment, little-endian:
/// <code>
///  0  8    "OGRTJRNL"         40  i64  sequence of the first record
///  8  u32  version, 1         48  i64  time of creation, ns since 1970
/// 16  16   the journal's id   60  u32  CRC32C of the 60 bytes before
/// 32  i64  offset of the first record
/// </code>
/// They take no offsets: the first record has the segment's base offset.
/// </summary>
internal readonly record struct SegmentHeader(Guid Journal, long BaseOffset, long BaseSequence, long CreatedUnixNs)
{
    public const int Size = 64;
    public const uint Version = 1;

    private static ReadOnlySpan<byte> Magic => "OGRTJRNL"u8;

    public static bool TryRead(ReadOnlySpan<byte> source, out SegmentHeader header)
    {
        header = default;
        if (source.Length < Size
            || !source.StartsWith(Magic)
            || BinaryPrimitives.ReadUInt32LittleEndian(source[60..]) != Crc32C.Compute(source[..60])
            || BinaryPrimitives.ReadUInt32LittleEndian(source[8..]) != Version)
            return false;
        header = new SegmentHeader(
            new Guid(source[16..32]),
            BinaryPrimitives.ReadInt64LittleEndian(source[32..]),
            BinaryPrimitives.ReadInt64LittleEndian(source[40..]),
            BinaryPrimitives.ReadInt64LittleEndian(source[48..]));
        return true;
    }

    public void Write(Span<byte> target)
    {
        target[..Size].Clear();
        Magic.CopyTo(target);
        BinaryPrimitives.WriteUInt32LittleEndian(target[8..], Version);
        Journal.TryWriteBytes(target[16..]);
        BinaryPrimitives.WriteInt64LittleEndian(target[32..], BaseOffset);
        BinaryPrimitives.WriteInt64LittleEndian(target[40..], BaseSequence);
        BinaryPrimitives.WriteInt64LittleEndian(target[48..], CreatedUnixNs);
        BinaryPrimitives.WriteUInt32LittleEndian(target[60..], Crc32C.Compute(target[..60]));
    }
}
