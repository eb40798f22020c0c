using Google.Protobuf;
using Ogrt.Wire;
using Ogrt.Wire.Protocol;

namespace Ogrt.Specs.EndToEnd;

/// <summary>Frames made by Google.Protobuf.</summary>
internal static class Frames
{
    /// <summary>A process of a job: the number makes its pid and its start.</summary>
    public static byte[] Process(string job, int number) => Of(FrameType.ProcessInfo, new ProcessInfo
    {
        Binpath = "/usr/bin/true",
        Pid = 1000 + number,
        ParentPid = 999,
        Time = 1_750_000_000 + number,
        JobId = job,
        Username = "jdoe",
        Hostname = "node1",
        Cmdline = $"true {number}",
        StartTicks = 5000 + (ulong)number,
    });

    /// <summary>A message as a frame.</summary>
    public static byte[] Of(FrameType type, IMessage message) => Ingest.Frames.Of(type, message.ToByteArray());
}
