using Google.Protobuf;
using Ogrt.Bench.Wire;
using Ogrt.Journal;
using Ogrt.Sinks;
using Ogrt.Wire;
using Ogrt.Wire.Protocol;

namespace Ogrt.Bench.Sinks;

/// <summary>
/// The recorded frame of an MPI program as many processes: other pid, start and command line each, over 64 hosts and 50
/// jobs. What the library of this project adds to a frame (start ticks, nanoseconds, ids) is added.
/// </summary>
internal static class ManyProcesses
{
    public static byte[][] Frames(int count)
    {
        ProcessInfo process = ProcessInfo.Parser.ParseFrom(RecordedFrames.Read("frame-mpi").AsSpan(FrameHeader.Size));
        byte[][] frames = new byte[count][];
        for (int n = 0; n < count; n++)
        {
            process.Pid = 2 + n % 4_000_000;
            process.ParentPid = process.Pid - 1;
            process.Time = 1_700_000_000 + n / 1000;
            process.TimeNs = process.Time * 1_000_000_000 + n;
            process.StartTicks = (ulong)(1_000_000 + n);
            process.Hostname = "node" + n % 64;
            process.JobId = (100_000 + n % 50).ToString(System.Globalization.CultureInfo.InvariantCulture);
            process.Cmdline = "./simulation --rank " + n % 1024 + " --input case.nml";
            process.Uid = process.Gid = 1000;
            process.ShimVersion = "0.6.0";
            byte[] payload = process.ToByteArray();
            frames[n] = new byte[FrameHeader.Size + payload.Length];
            new FrameHeader((uint)FrameType.ProcessInfo, (uint)payload.Length).Write(frames[n]);
            payload.CopyTo(frames[n], FrameHeader.Size);
        }
        return frames;
    }

    /// <summary>Batches as the delivery hands them to a sink.</summary>
    public static SinkAttempt[] Attempts(byte[][] frames, int size)
    {
        byte[] header = new byte[RecordHeader.Size];
        return [.. frames.Chunk(size).Select(chunk =>
        {
            var batch = new SinkBatch();
            for (int n = 0; n < chunk.Length; n++)
            {
                RecordHeader.WriteUnplaced(header, chunk[n].Length, 1_700_000_000_000_000_000, default, RecordKind.Frame);
                var record = new JournalRecord(n, n + 1, RecordHeader.Read(header), chunk[n]);
                batch.Cover(record);
                batch.Add(record, 0, batch.Output.Length);
            }
            return new SinkAttempt(batch, null, 0);
        })];
    }
}
