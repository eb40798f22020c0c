using Google.Protobuf;
using Ogrt.Bench.Wire;
using Ogrt.Wire;
using Ogrt.Wire.Protocol;

namespace Ogrt.Bench.Jobs;

/// <summary>A recorded frame that becomes another process by changing a few bytes of it, so that making it costs nothing.</summary>
internal sealed class PatchedFrame
{
    // Large enough that its varint always has the same length.
    private const ulong FirstTicks = 1UL << 43;
    private const int VarintLength = 7;

    private readonly int _ticksAt;
    private ulong _ticks = FirstTicks;

    public PatchedFrame(string recorded)
    {
        byte[] frame = RecordedFrames.Read(recorded);
        ProcessInfo process = ProcessInfo.Parser.ParseFrom(frame.AsSpan(FrameHeader.Size));
        process.StartTicks = FirstTicks;
        process.TimeNs = process.Time * 1_000_000_000;
        process.ParentPid = 1;
        process.ParentStartTicks = 1;
        Bytes = new byte[FrameHeader.Size + process.CalculateSize()];
        new FrameHeader((uint)FrameType.ProcessInfo, (uint)process.CalculateSize()).Write(Bytes);
        process.WriteTo(Bytes.AsSpan(FrameHeader.Size));

        Span<byte> varint = stackalloc byte[VarintLength];
        WriteVarint(varint, FirstTicks);
        _ticksAt = Bytes.AsSpan().IndexOf(varint);
    }

    public byte[] Bytes { get; }

    public ReadOnlySpan<byte> Payload => Bytes.AsSpan(FrameHeader.Size);

    public void Next() => WriteVarint(Bytes.AsSpan(_ticksAt, VarintLength), ++_ticks);

    private static void WriteVarint(Span<byte> to, ulong value)
    {
        for (int i = 0; i < to.Length; i++, value >>= 7)
            to[i] = (byte)((value & 0x7f) | (i < to.Length - 1 ? 0x80UL : 0));
    }
}
