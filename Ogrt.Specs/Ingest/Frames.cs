using Google.Protobuf;
using Ogrt.Wire;
using Ogrt.Wire.Protocol;

namespace Ogrt.Specs.Ingest;

/// <summary>Frames for specs.</summary>
internal static class Frames
{
    /// <summary>A process with a number in its pid, so that frames can be told apart, and arguments of some length.</summary>
    public static byte[] Process(int pid, int argumentBytes = 20, string jobId = "JOB")
    {
        var process = new ProcessInfo
        {
            Binpath = "/usr/bin/true",
            Pid = pid,
            Hostname = "node001",
            JobId = jobId,
            Cmdline = new string('x', argumentBytes),
        };
        return Of(FrameType.ProcessInfo, process.ToByteArray());
    }

    public static byte[] Of(FrameType type, ReadOnlySpan<byte> payload)
    {
        byte[] frame = new byte[FrameHeader.Size + payload.Length];
        new FrameHeader((uint)type, (uint)payload.Length).Write(frame);
        payload.CopyTo(frame.AsSpan(FrameHeader.Size));
        return frame;
    }

    public static byte[] Header(uint type, uint length)
    {
        byte[] header = new byte[FrameHeader.Size];
        new FrameHeader(type, length).Write(header);
        return header;
    }

    public static byte[] Concat(params IEnumerable<byte[]> frames) => frames.SelectMany(frame => frame).ToArray();
}
