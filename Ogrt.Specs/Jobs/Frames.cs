using Google.Protobuf;
using Ogrt.Wire;
using Ogrt.Wire.Protocol;

namespace Ogrt.Specs.Jobs;

/// <summary>Frames as clients send them.</summary>
internal static class Frames
{
    public const long Start = 1_700_000_000L * 1_000_000_000;

    public static ProcessInfo Process(
        int pid, ulong ticks, int parent = 0, ulong parentTicks = 0, string path = "/bin/sh", long? timeNs = null,
        string host = "n1", string job = "1", string user = "alice", string? cmdline = null, string[]? libraries = null,
        string[]? modules = null)
    {
        var process = new ProcessInfo
        {
            Binpath = path, Pid = pid, ParentPid = parent, JobId = job, Username = user, Hostname = host,
            Cmdline = cmdline ?? path,
        };
        long time = timeNs ?? Start + (long)ticks * 10_000_000;
        process.Time = time / 1_000_000_000;
        if (ticks != 0)
        {
            process.StartTicks = ticks;
            process.ParentStartTicks = parentTicks;
            process.TimeNs = time;
        }
        foreach (string library in libraries ?? ["/lib64/libc.so.6"])
            process.SharedObjects.Add(new SharedObject { Path = library });
        foreach (string module in modules ?? [])
            process.LoadedModules.Add(new Module { Name = module });
        return process;
    }

    public static ProcessEnd End(int pid, ulong ticks, long? timeNs = null, int exitCode = 0, uint signal = 0,
        string host = "n1", string job = "1", ulong userTime = 1000, ulong rss = 100) => new()
    {
        Pid = pid, StartTicks = ticks, Hostname = host, JobId = job, ExitCode = exitCode, ExitSignal = signal,
        EndTimeNs = timeNs ?? Start + (long)ticks * 10_000_000 + 5_000_000, UserTimeUs = userTime, SystemTimeUs = userTime / 2,
        MaxRssKib = rss,
    };

    public static byte[] Frame(IMessage message)
    {
        uint type = message switch
        {
            ProcessInfo => (uint)FrameType.ProcessInfo,
            ProcessEnd => (uint)FrameType.ProcessEnd,
            JobStart => (uint)FrameType.JobStart,
            _ => (uint)FrameType.JobEnd,
        };
        var frame = new byte[FrameHeader.Size + message.CalculateSize()];
        new FrameHeader(type, (uint)message.CalculateSize()).Write(frame);
        message.WriteTo(frame.AsSpan(FrameHeader.Size));
        return frame;
    }
}
