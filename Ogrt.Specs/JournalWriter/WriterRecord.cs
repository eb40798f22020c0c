using System.Buffers.Binary;

namespace Ogrt.Specs.JournalWriter;

/// <summary>A record whose every byte follows from three numbers.</summary>
/// <param name="Round">Which run of the writer made it.</param>
/// <param name="Thread">Which of its threads.</param>
/// <param name="Number">How many that thread had made before.</param>
public readonly record struct WriterRecord(int Round, int Thread, int Number)
{
    public byte[] ToPayload()
    {
        var random = new Random(HashCode(this));
        var payload = new byte[12 + random.Next(random.Next(10) == 0 ? 9000 : 400)];
        random.NextBytes(payload);
        BinaryPrimitives.WriteInt32LittleEndian(payload, Round);
        BinaryPrimitives.WriteInt32LittleEndian(payload.AsSpan(4), Thread);
        BinaryPrimitives.WriteInt32LittleEndian(payload.AsSpan(8), Number);
        return payload;
    }

    /// <summary>Reads the numbers back; null when a single byte is not what follows from them.</summary>
    public static WriterRecord? FromPayload(ReadOnlySpan<byte> payload)
    {
        if (payload.Length < 12)
            return null;
        var record = new WriterRecord(
            BinaryPrimitives.ReadInt32LittleEndian(payload),
            BinaryPrimitives.ReadInt32LittleEndian(payload[4..]),
            BinaryPrimitives.ReadInt32LittleEndian(payload[8..]));
        return payload.SequenceEqual(record.ToPayload()) ? record : null;
    }

    private static int HashCode(WriterRecord record) => unchecked((record.Round * 1_000_003 + record.Thread) * 1_000_003 + record.Number);
}
