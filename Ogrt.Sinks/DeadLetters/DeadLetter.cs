using System.Buffers.Binary;
using System.Text;
using Ogrt.Journal;

namespace Ogrt.Sinks.DeadLetters;

/// <summary>
/// A record that a target refused: the original bytes and what the target said. In the dead-letter journal it is a record
/// of kind <see cref="RecordKind"/> with the arrival time and sender of the original and this payload (little-endian):
/// version 1 (1 byte), the original's kind (1), status (4), attempts (4), time of refusal in ns (8), the original's offset
/// and sequence in its journal (8 + 8), length of the reason (2) and of the detail (4), both UTF-8, and the original bytes.
/// </summary>
/// <param name="Kind">The original record's kind.</param>
/// <param name="ArrivalUnixNs">When the original arrived.</param>
/// <param name="Sender">Who sent it.</param>
/// <param name="Offset">Its place in the journal of the node.</param>
/// <param name="Sequence">Its number there.</param>
/// <param name="Status">The target's status, 0 where there was none.</param>
/// <param name="Attempts">How often it was sent; 0 for a record that could not be written in the target's form.</param>
/// <param name="RefusedUnixNs">When it was refused.</param>
/// <param name="Reason">The kind of error as a short word.</param>
/// <param name="Detail">The target's words, cut at <see cref="MaxDetail"/> bytes.</param>
/// <param name="Original">The record's own bytes.</param>
public sealed record DeadLetter(
    byte Kind,
    long ArrivalUnixNs,
    JournalSender Sender,
    long Offset,
    long Sequence,
    int Status,
    int Attempts,
    long RefusedUnixNs,
    string Reason,
    string Detail,
    ReadOnlyMemory<byte> Original)
{
    /// <summary>The kind of a dead letter's record.</summary>
    public const byte RecordKind = 64;

    /// <summary>Bytes of a detail that are kept.</summary>
    public const int MaxDetail = 8192;

    private const byte Version = 1;
    private const int HeaderSize = 1 + 1 + 4 + 4 + 8 + 8 + 8 + 2 + 4;
    private const int MaxReason = 256;

    /// <summary>Writes the payload of the dead letter's record.</summary>
    public void Write(BatchBuffer output)
    {
        byte[] reason = Utf8(Reason, MaxReason);
        byte[] detail = Utf8(Detail, MaxDetail);
        Span<byte> header = stackalloc byte[HeaderSize];
        header[0] = Version;
        header[1] = Kind;
        BinaryPrimitives.WriteInt32LittleEndian(header[2..], Status);
        BinaryPrimitives.WriteInt32LittleEndian(header[6..], Attempts);
        BinaryPrimitives.WriteInt64LittleEndian(header[10..], RefusedUnixNs);
        BinaryPrimitives.WriteInt64LittleEndian(header[18..], Offset);
        BinaryPrimitives.WriteInt64LittleEndian(header[26..], Sequence);
        BinaryPrimitives.WriteUInt16LittleEndian(header[34..], (ushort)reason.Length);
        BinaryPrimitives.WriteInt32LittleEndian(header[36..], detail.Length);
        output.Write(header);
        output.Write(reason);
        output.Write(detail);
        output.Write(Original.Span);
    }

    /// <summary>Reads a dead letter from its record. The original's bytes are copied.</summary>
    /// <returns>False when the record is not a dead letter of a version that this program knows.</returns>
    public static bool TryRead(in JournalRecord record, out DeadLetter? letter)
    {
        letter = null;
        ReadOnlySpan<byte> bytes = record.Payload.Span;
        if (record.Kind != RecordKind || bytes.Length < HeaderSize || bytes[0] != Version)
            return false;
        int reasonLength = BinaryPrimitives.ReadUInt16LittleEndian(bytes[34..]);
        int detailLength = BinaryPrimitives.ReadInt32LittleEndian(bytes[36..]);
        ReadOnlySpan<byte> rest = bytes[HeaderSize..];
        if (detailLength < 0 || detailLength > MaxDetail || rest.Length < reasonLength + detailLength)
            return false;
        letter = new DeadLetter(
            bytes[1], record.ArrivalUnixNs, record.Sender,
            BinaryPrimitives.ReadInt64LittleEndian(bytes[18..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[26..]),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[2..]),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[6..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[10..]),
            Encoding.UTF8.GetString(rest[..reasonLength]),
            Encoding.UTF8.GetString(rest.Slice(reasonLength, detailLength)),
            rest[(reasonLength + detailLength)..].ToArray());
        return true;
    }

    private static byte[] Utf8(string text, int most)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        // A character cut in two reads as U+FFFD, which is fine for a message.
        return bytes.Length <= most ? bytes : bytes[..most];
    }
}
