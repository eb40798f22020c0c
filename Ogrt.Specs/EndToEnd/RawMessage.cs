using System.Text;
using Ogrt.Wire;

namespace Ogrt.Specs.EndToEnd;

/// <summary>A message field by field, as no library would write it: any bytes in its strings, any number anywhere.</summary>
internal sealed class RawMessage
{
    private const int VarintType = 0, LengthType = 2;
    private readonly List<byte> _bytes = [];

    /// <summary>A process of a job whose id may be any bytes.</summary>
    public static RawMessage Process(ReadOnlySpan<byte> jobId, int pid) => new RawMessage()
        .Number(301, (ulong)pid).Number(302, 1).Number(303, 1_750_000_000).Number(320, 5000).Bytes(305, jobId);

    /// <summary>Adds a field with a number.</summary>
    public RawMessage Number(int field, ulong value)
    {
        Varint(((ulong)field << 3) | VarintType);
        Varint(value);
        return this;
    }

    /// <summary>Adds a field with bytes.</summary>
    public RawMessage Bytes(int field, ReadOnlySpan<byte> value)
    {
        Varint(((ulong)field << 3) | LengthType);
        Varint((ulong)value.Length);
        _bytes.AddRange(value);
        return this;
    }

    /// <summary>Adds a field with text.</summary>
    public RawMessage Text(int field, string value) => Bytes(field, Encoding.UTF8.GetBytes(value));

    /// <summary>The message as a frame.</summary>
    public byte[] Frame(FrameType type = FrameType.ProcessInfo) => Frame((uint)type, (uint)_bytes.Count, [.. _bytes]);

    /// <summary>Any header and whatever follows it.</summary>
    public static byte[] Frame(uint type, uint length, ReadOnlySpan<byte> rest)
    {
        byte[] frame = new byte[FrameHeader.Size + rest.Length];
        new FrameHeader(type, length).Write(frame);
        rest.CopyTo(frame.AsSpan(FrameHeader.Size));
        return frame;
    }

    private void Varint(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
            _bytes.Add((byte)(value | 0x80));
        _bytes.Add((byte)value);
    }
}
