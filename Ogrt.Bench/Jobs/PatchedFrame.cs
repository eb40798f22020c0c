using Google.Protobuf;
using Ogrt.Bench.Wire;
using Ogrt.Wire;
using Ogrt.Wire.Protocol;

namespace Ogrt.Bench.Jobs;

/// <summary>A frame that becomes one of another process by changing a few bytes of it, so that making it costs nothing.</summary>
internal sealed class PatchedFrame
{
    // Large enough that its varint always has the same length.
    private const ulong FirstTicks = 1UL << 43;
    private const int VarintLength = 7;

    private readonly int _ticksAt;
    private ulong _ticks = FirstTicks;

    /// <summary>A recorded process, and those that it becomes.</summary>
    /// <param name="recorded">The recorded frame's name.</param>
    /// <param name="job">The job that it is of; null for that of the recording.</param>
    /// <param name="host">The host that it ran on; null for that of the recording.</param>
    public PatchedFrame(string recorded, string? job = null, string? host = null)
        : this(FrameType.ProcessInfo, Process(recorded, job, host))
    {
    }

    private PatchedFrame(FrameType type, IMessage message)
    {
        Bytes = new byte[FrameHeader.Size + message.CalculateSize()];
        new FrameHeader((uint)type, (uint)message.CalculateSize()).Write(Bytes);
        message.WriteTo(Bytes.AsSpan(FrameHeader.Size));

        Span<byte> varint = stackalloc byte[VarintLength];
        WriteVarint(varint, FirstTicks);
        _ticksAt = Bytes.AsSpan().IndexOf(varint);
    }

    public byte[] Bytes { get; }

    public ReadOnlySpan<byte> Payload => Bytes.AsSpan(FrameHeader.Size);

    /// <summary>The end of what it is, which becomes that of the next process in the same way.</summary>
    public PatchedFrame End()
    {
        ProcessInfo process = ProcessInfo.Parser.ParseFrom(Payload);
        return new PatchedFrame(FrameType.ProcessEnd, new ProcessEnd
        {
            Pid = process.Pid, JobId = process.JobId, Hostname = process.Hostname, StartTicks = FirstTicks, EndTimeNs = process.TimeNs + 1_000_000_000,
            ImageTimeNs = process.TimeNs, ExitCode = 0, UserTimeUs = 1000, SystemTimeUs = 500, MaxRssKib = 4096,
        });
    }

    public void Next() => WriteVarint(Bytes.AsSpan(_ticksAt, VarintLength), ++_ticks);

    private static ProcessInfo Process(string recorded, string? job, string? host)
    {
        ProcessInfo process = ProcessInfo.Parser.ParseFrom(RecordedFrames.Read(recorded).AsSpan(FrameHeader.Size));
        process.JobId = job ?? process.JobId;
        process.Hostname = host ?? process.Hostname;
        process.StartTicks = FirstTicks;
        process.TimeNs = process.Time * 1_000_000_000;
        process.ParentPid = 1;
        process.ParentStartTicks = 1;
        return process;
    }

    private static void WriteVarint(Span<byte> to, ulong value)
    {
        for (int i = 0; i < to.Length; i++, value >>= 7)
            to[i] = (byte)((value & 0x7f) | (i < to.Length - 1 ? 0x80UL : 0));
    }
}
