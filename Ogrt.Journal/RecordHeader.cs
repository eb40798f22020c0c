using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Ogrt.Journal;

/// <summary>
/// The 48 bytes before each payload, little-endian:
/// <code>
///  0  u32  CRC32C            16  i64  arrival, ns since 1970
///  4  u32  payload length    24  18   sender
///  8  i64  sequence          42  u8   kind, never 0       43  5 bytes of zero
/// </code>
/// The payload follows, then zeros up to a multiple of 8. The CRC covers the length, the bytes from 16 to the end of the
/// payload, and then the sequence, the record's offset and the journal's salt. The last three are known only when the record
/// gets its place, so the long part is computed outside the append lock. Offset and salt are not stored: bytes that look like
/// a record (a payload may hold any bytes, and a file can be copied) are a record only at their own place in their own journal.
/// </summary>
internal readonly struct RecordHeader
{
    public const int Size = 48;
    public const int Alignment = 8;

    private const int CheckedFrom = 16;
    private const uint Seed = 0xFFFF_FFFF;

    private RecordHeader(uint crc, int length, long sequence, long arrival, JournalSender sender, byte kind) =>
        (Crc, Length, Sequence, ArrivalUnixNs, Sender, Kind) = (crc, length, sequence, arrival, sender, kind);

    public uint Crc { get; }

    public int Length { get; }

    public long Sequence { get; }

    public long ArrivalUnixNs { get; }

    public JournalSender Sender { get; }

    public byte Kind { get; }

    /// <summary>Bytes that a record with this payload takes in the file.</summary>
    public static long TotalSize(int payloadLength) => Size + (((long)payloadLength + Alignment - 1) & ~(Alignment - 1L));

    public static RecordHeader Read(ReadOnlySpan<byte> source) => new(
        BinaryPrimitives.ReadUInt32LittleEndian(source),
        BinaryPrimitives.ReadInt32LittleEndian(source[4..]),
        BinaryPrimitives.ReadInt64LittleEndian(source[8..]),
        BinaryPrimitives.ReadInt64LittleEndian(source[16..]),
        JournalSender.Read(source[24..]),
        source[42]);

    /// <summary>Writes everything but CRC and sequence, which the record gets with its place.</summary>
    public static void WriteUnplaced(Span<byte> target, int length, long arrival, JournalSender sender, byte kind)
    {
        target[..Size].Clear();
        BinaryPrimitives.WriteInt32LittleEndian(target[4..], length);
        BinaryPrimitives.WriteInt64LittleEndian(target[16..], arrival);
        sender.Write(target[24..]);
        target[42] = kind;
    }

    /// <summary>The part of the CRC that does not depend on the record's place. <paramref name="record"/> is header and payload.</summary>
    public static uint UnplacedCrc(ReadOnlySpan<byte> record)
    {
        var crc = BitOperations.Crc32C(Seed, BinaryPrimitives.ReadUInt32LittleEndian(record[4..]));
        return Crc32C.Append(crc, record[CheckedFrom..]);
    }

    /// <summary>Completes a CRC with the record's place.</summary>
    public static uint PlacedCrc(uint unplaced, long sequence, long offset, ulong salt)
    {
        var crc = BitOperations.Crc32C(unplaced, (ulong)sequence);
        crc = BitOperations.Crc32C(crc, (ulong)offset);
        return ~BitOperations.Crc32C(crc, salt);
    }

    /// <summary>Gives a record that <see cref="WriteUnplaced"/> began its sequence and its CRC.</summary>
    public static void Place(Span<byte> record, uint unplacedCrc, long sequence, long offset, ulong salt)
    {
        BinaryPrimitives.WriteInt64LittleEndian(record[8..], sequence);
        BinaryPrimitives.WriteUInt32LittleEndian(record, PlacedCrc(unplacedCrc, sequence, offset, salt));
    }

    /// <summary>What makes one journal's records invalid in another.</summary>
    public static ulong SaltOf(Guid journal)
    {
        Span<byte> bytes = stackalloc byte[16];
        MemoryMarshal.Write(bytes, journal);
        return BinaryPrimitives.ReadUInt64LittleEndian(bytes) ^ BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]);
    }
}
