using CsCheck;
using Google.Protobuf;

namespace Ogrt.Specs.Wire;

/// <summary>Payloads as senders write them and as they could: any order, duplicates, unknown fields, unusual encodings.</summary>
public static class WireGen
{
    private static readonly uint[] Strings = [300, 304, 305, 306, 307, 308, 309, 310, 313, 326, 328, 333, 334, 336];

    private static readonly uint[] Numbers = [301, 302, 303, 320, 321, 322, 323, 324, 325, 327, 329, 330, 331, 332, 335, 337];

    // 321 to 339 of JobStart and JobEnd, and what JobEnd has beyond.
    private static readonly uint[] JobStrings = [321, 324, 325, 326, 327, 329, 330, 333, 334, 335, 336, 342];

    private static readonly uint[] JobNumbers = [320, 322, 323, 328, 331, 332, 337, 338, 339, 340, 341, 343, 344];

    private static readonly uint[] EndNumbers = [301, 320, 340, 341, 342, 343, 344, 345, 346, 347, 348, 349, 350, 351];

    private static readonly Gen<byte[]> Utf8 = Gen.Frequency(
        (6, Gen.Char.AlphaNumeric.Array[0, 40].Select(c => System.Text.Encoding.UTF8.GetBytes(c))),
        (1, Gen.Char.AlphaNumeric.Array[120, 300].Select(c => System.Text.Encoding.UTF8.GetBytes(c))),
        (2, Gen.String.Select(Valid)));

    // Small numbers more often than large ones, so that varints have every length.
    private static readonly Gen<ulong> Number = Gen.Select(Gen.ULong, Gen.Int[0, 63], (n, shift) => n >> shift);

    // How many bytes a varint is longer than it need be: mostly none.
    private static readonly Gen<int> Unusual = Gen.Frequency((12, Gen.Const(0)), (1, Gen.Int[1, 9]));

    // Numbers of fields that no message has, or only those of another layout.
    private static readonly Gen<uint> UnknownNumber = Gen.OneOf(
        Gen.UInt[1, 40], Gen.UInt[102, 120], Gen.Const(299u), Gen.UInt[314, 319], Gen.UInt[402, 699],
        Gen.UInt[2048, 536_870_911]);

    /// <summary>Payloads of ProcessInfo whose strings are UTF-8.</summary>
    public static Gen<byte[]> ProcessInfo { get; } = Concat(ProcessField(Utf8), 30);

    /// <summary>Payloads of ProcessInfo whose strings are any bytes.</summary>
    public static Gen<byte[]> ProcessInfoOfAnyBytes { get; } = Concat(ProcessField(Gen.Byte.Array[0, 30]), 20);

    /// <summary>Payloads of ProcessEnd.</summary>
    public static Gen<byte[]> ProcessEnd { get; } = Concat(
        Gen.Frequency(
            (3, Known([305, 307], 2, Utf8)), (6, Known(EndNumbers, 0, Utf8)), (1, WrongType(EndNumbers)), (1, Unknown(2))), 20);

    /// <summary>Payloads of JobStart, or of JobEnd.</summary>
    /// <param name="jobId">The number of the job id.</param>
    /// <param name="time">The number of the time.</param>
    public static Gen<byte[]> Job(uint jobId, uint time) => Concat(
        Gen.Frequency(
            (3, Known([jobId], 2, Utf8)), (3, Known([time], 0, Utf8)), (4, Known(JobStrings, 2, Utf8)),
            (4, Known(JobNumbers, 0, Utf8)), (1, WrongType([jobId, time, .. JobStrings, .. JobNumbers])), (1, Unknown(2))), 24);

    /// <summary>A frame with a payload.</summary>
    public static byte[] Frame(uint type, params ReadOnlySpan<byte> payload)
    {
        byte[] frame = new byte[8 + payload.Length];
        new Ogrt.Wire.FrameHeader(type, (uint)payload.Length).Write(frame);
        payload.CopyTo(frame.AsSpan(8));
        return frame;
    }

    /// <summary>One field, encoded.</summary>
    public static byte[] Field(uint number, uint wireType, Action<CodedOutputStream> write)
    {
        using var buffer = new MemoryStream();
        using (var output = new CodedOutputStream(buffer, leaveOpen: true))
        {
            output.WriteTag((number << 3) | wireType);
            write(output);
        }

        return buffer.ToArray();
    }

    /// <summary>A length-delimited field, encoded.</summary>
    public static byte[] Bytes(uint number, ReadOnlySpan<byte> value)
    {
        ByteString bytes = ByteString.CopyFrom(value);
        return Field(number, 2, o => o.WriteBytes(bytes));
    }

    /// <summary>A varint field, encoded.</summary>
    public static byte[] Varint(uint number, ulong value) => Field(number, 0, o => o.WriteUInt64(value));

    /// <summary>A varint with more bytes than it needs, at most ten.</summary>
    public static byte[] Overlong(ulong value, int extra)
    {
        var bytes = new List<byte>();
        do
        {
            bytes.Add((byte)(value | 0x80));
            value >>= 7;
        }
        while (value > 0);
        for (; extra > 0 && bytes.Count < 10; extra--) bytes.Add(0x80);
        bytes[^1] &= 0x7f;
        return [.. bytes];
    }

    /// <summary>Bytes with some of them changed, removed, doubled or cut off: what hostile and broken senders send.</summary>
    public static Gen<byte[]> Damaged(Gen<byte[]> whole) => Gen.Select(
        whole, Gen.Select(Gen.Int[0, 4], Gen.Int[0, 1 << 20], Gen.Byte).Array[1, 4], (bytes, damages) =>
        {
            var list = new List<byte>(bytes);
            foreach ((int kind, int where, byte value) in damages) Damage(list, kind, where, value);
            return list.ToArray();
        });

    /// <summary>One of some values.</summary>
    public static Gen<T> OneOfValues<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static void Damage(List<byte> bytes, int kind, int where, byte value)
    {
        if (bytes.Count == 0) return;
        int at = where % bytes.Count;
        switch (kind)
        {
            case 0: bytes[at] = value; break;
            case 1: bytes[at] ^= (byte)(1 << (value & 7)); break;
            case 2: bytes.RemoveAt(at); break;
            case 3: bytes.Insert(at, value); break;
            default: bytes.RemoveRange(at, bytes.Count - at); break;
        }
    }

    private static Gen<byte[]> ProcessField(Gen<byte[]> text) => Gen.Frequency(
        (8, Known(Strings, 2, text)),
        (6, Known(Numbers, 0, text)),
        (5, Message(311, Known([400, 401, 320], 2, text))),
        (2, Message(312, Known([700], 2, text))),
        (1, WrongType([.. Strings, .. Numbers, 311, 312])),
        (2, Unknown(2)));

    private static Gen<byte[]> Known(uint[] numbers, uint wireType, Gen<byte[]> text) => Gen.Select(
        OneOfValues(numbers), wireType == 0 ? Number.Select(n => Overlong(n, 0)) : text.Select(Prefixed), Unusual,
        (number, value, extra) => Join(Tag(number, wireType, extra), value));

    private static Gen<byte[]> Message(uint number, Gen<byte[]> field) => Concat(
            Gen.Frequency((6, field), (1, Unknown(1)), (1, WrongType([400, 401, 320, 700]))), 4)
        .Select(Unusual, (value, extra) => Join(Tag(number, 2, extra), Overlong((ulong)value.Length, extra), value));

    private static Gen<byte[]> WrongType(uint[] numbers) => Gen.Select(
        OneOfValues(numbers), OneOfValues(1u, 5u, 3u), (number, wireType) => wireType switch
        {
            1 => Join(Tag(number, 1, 0), new byte[8]),
            5 => Join(Tag(number, 5, 0), new byte[4]),
            _ => Join(Tag(number, 3, 0), Varint(number, 7), Tag(number, 4, 0)),
        });

    private static Gen<byte[]> Unknown(int depth)
    {
        var plain = new List<Gen<byte[]>>
        {
            Gen.Select(UnknownNumber, Number, Unusual, (n, v, extra) => Join(Tag(n, 0, extra), Overlong(v, extra))),
            UnknownNumber.Select(n => Join(Tag(n, 1, 0), new byte[8])),
            Gen.Select(UnknownNumber, Gen.Byte.Array[0, 20], (n, v) => Join(Tag(n, 2, 0), Prefixed(v))),
            UnknownNumber.Select(n => Join(Tag(n, 5, 0), new byte[4])),
        };
        if (depth > 0)
        {
            plain.Add(Gen.Select(UnknownNumber, Concat(Unknown(depth - 1), 3),
                (n, v) => Join(Tag(n, 3, 0), v, Tag(n, 4, 0))));
        }

        return Gen.OneOf([.. plain]);
    }

    private static byte[] Tag(uint number, uint wireType, int extra) => Overlong(((ulong)number << 3) | wireType, extra);

    private static byte[] Prefixed(byte[] value) => Join(Overlong((ulong)value.Length, 0), value);

    private static Gen<byte[]> Concat(Gen<byte[]> part, int most) => part.Array[0, most].Select(p => Join(p));

    private static byte[] Join(params byte[][] parts) => [.. parts.SelectMany(p => p)];

    // CsCheck's strings hold lone surrogates, which have no UTF-8.
    private static byte[] Valid(string text) => System.Text.Encoding.UTF8.GetBytes(text);
}
