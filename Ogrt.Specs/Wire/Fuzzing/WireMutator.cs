using Ogrt.Wire;

namespace Ogrt.Specs.Wire.Fuzzing;

/// <summary>
/// Changes frames at random: bytes as they are, and fields as fields (moved, doubled, renumbered, wrapped in groups,
/// written longer than they need be), so that what comes out is often nearly right.
/// </summary>
public sealed class WireMutator(Random random)
{
    private static readonly uint[] InterestingNumbers = [1, 15, 16, 99, 104, 299, 300, 303, 305, 307, 308, 309, 310, 311, 312, 320, 337, 400, 401, 700, 2047, 2048, 536_870_911];

    private static readonly byte[] InterestingBytes = [0, 1, 2, 7, 10, 11, 12, 0x7f, 0x80, 0x81, 0xba, 0xc0, 0xed, 0xff];

    /// <summary>A changed copy of a frame.</summary>
    /// <param name="frame">A frame, or what came of one.</param>
    /// <param name="other">Another one, of which pieces may be taken.</param>
    public byte[] Mutate(byte[] frame, byte[] other)
    {
        byte[] header = frame.Length >= FrameHeader.Size ? frame[..FrameHeader.Size] : [0, 0, 0, 12, 0, 0, 0, 0];
        byte[] payload = frame.Length >= FrameHeader.Size ? frame[FrameHeader.Size..] : frame;
        for (int i = random.Next(1, 5); i > 0; i--)
            payload = random.Next(3) == 0 ? MutateBytes(payload, other) : MutateFields(payload, other, 0);
        if (payload.Length > 20_000) payload = payload[..20_000];
        if (random.Next(20) == 0) header[random.Next(header.Length)] = AnyByte();
        if (random.Next(20) == 0) header[3] = (byte)random.Next(10, 17);
        byte[] result = [.. header, .. payload];
        // Mostly the length is right, or nothing behind the header would ever be looked at.
        if (random.Next(20) != 0) new FrameHeader(FrameHeader.Read(result).Type, (uint)payload.Length).Write(result);
        return random.Next(40) == 0 ? result[..random.Next(result.Length)] : result;
    }

    private byte[] MutateBytes(byte[] bytes, byte[] other)
    {
        if (bytes.Length == 0) return [AnyByte()];
        int at = random.Next(bytes.Length);
        int length = Math.Min(1 << random.Next(7), bytes.Length - at);
        switch (random.Next(6))
        {
            case 0:
                byte[] flipped = [.. bytes];
                flipped[at] ^= (byte)(1 << random.Next(8));
                return flipped;
            case 1:
                byte[] replaced = [.. bytes];
                replaced[at] = AnyByte();
                return replaced;
            case 2: return [.. bytes[..at], .. bytes[(at + length)..]];
            case 3: return [.. bytes[..(at + length)], .. bytes[at..]];
            case 4: return [.. bytes[..at], .. Enumerable.Repeat(AnyByte(), length), .. bytes[at..]];
            default: return [.. bytes[..at], .. Piece(other), .. bytes[at..]];
        }
    }

    private byte[] MutateFields(byte[] message, byte[] other, int depth)
    {
        List<byte[]> fields = Split(message);
        if (fields.Count == 0) return [.. message, .. NewField()];
        int at = random.Next(fields.Count);
        switch (random.Next(9))
        {
            case 0: fields.RemoveAt(at); break;
            case 1: fields.Insert(random.Next(fields.Count + 1), fields[at]); break;
            case 2: (fields[0], fields[at]) = (fields[at], fields[0]); break;
            case 3: fields.Insert(at, NewField()); break;
            case 4: fields[at] = Retag(fields[at]); break;
            case 5: fields[at] = InGroups(fields[at]); break;
            case 6 when depth == 0: fields[at] = MutateNested(fields[at], other); break;
            case 7: fields.AddRange(Split(other.Length > FrameHeader.Size ? other[FrameHeader.Size..] : other).Take(3)); break;
            default: fields[at] = MutateBytes(fields[at], other); break;
        }

        return [.. fields.SelectMany(f => f)];
    }

    private byte[] MutateNested(byte[] field, byte[] other)
    {
        var reader = new WireReader(field);
        if (!reader.TryReadTag(out uint tag) || (tag & 7) != 2 || !reader.TryReadBytes(out ReadOnlySpan<byte> content)) return field;
        byte[] changed = MutateFields(content.ToArray(), other, 1);
        return [.. WireGen.Overlong(tag, 0), .. WireGen.Overlong((ulong)changed.Length, Extra()), .. changed];
    }

    private byte[] Retag(byte[] field)
    {
        var reader = new WireReader(field);
        if (!reader.TryReadTag(out uint tag)) return field;
        uint number = random.Next(2) == 0 ? tag >> 3 : AnyNumber();
        uint type = random.Next(2) == 0 ? tag & 7 : (uint)random.Next(8);
        return [.. WireGen.Overlong((ulong)number << 3 | type, Extra()), .. field[reader.Position..]];
    }

    private byte[] InGroups(byte[] field)
    {
        int depth = random.Next(4) == 0 ? random.Next(95, 105) : random.Next(1, 4);
        uint number = AnyNumber();
        byte[] start = WireGen.Overlong((ulong)number << 3 | 3, 0);
        byte[] end = WireGen.Overlong((ulong)number << 3 | 4, Extra());
        return [.. Enumerable.Repeat(start, depth).SelectMany(b => b), .. field, .. Enumerable.Repeat(end, depth).SelectMany(b => b)];
    }

    private byte[] NewField()
    {
        uint number = AnyNumber();
        byte[] value = new byte[random.Next(4) == 0 ? random.Next(100, 300) : random.Next(12)];
        random.NextBytes(value);
        return random.Next(3) switch
        {
            0 => [.. WireGen.Overlong((ulong)number << 3, Extra()), .. WireGen.Overlong((ulong)random.NextInt64() >> random.Next(64), Extra())],
            1 => [.. WireGen.Overlong((ulong)number << 3 | 2, Extra()), .. WireGen.Overlong((ulong)value.Length, Extra()), .. value],
            _ => [.. WireGen.Overlong((ulong)number << 3 | 5, 0), 1, 2, 3, 4],
        };
    }

    // The top-level fields of a message, up to the first that cannot be read; the rest is one piece.
    private static List<byte[]> Split(byte[] message)
    {
        var fields = new List<byte[]>();
        var reader = new WireReader(message);
        int start = 0;
        while (reader.TryReadTag(out uint tag) && reader.TrySkip(tag))
        {
            fields.Add(message[start..reader.Position]);
            start = reader.Position;
        }

        if (start < message.Length) fields.Add(message[start..]);
        return fields;
    }

    private byte[] Piece(byte[] bytes)
    {
        if (bytes.Length == 0) return [];
        int at = random.Next(bytes.Length);
        return bytes[at..Math.Min(bytes.Length, at + (1 << random.Next(8)))];
    }

    private int Extra() => random.Next(8) == 0 ? random.Next(1, 10) : 0;

    private uint AnyNumber() => random.Next(4) == 0
        ? (uint)random.NextInt64(1, 536_870_912)
        : InterestingNumbers[random.Next(InterestingNumbers.Length)];

    private byte AnyByte() => random.Next(2) == 0
        ? InterestingBytes[random.Next(InterestingBytes.Length)]
        : (byte)random.Next(256);
}
