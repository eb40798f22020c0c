using System.Buffers;
using CsCheck;
using Google.Protobuf;
using Ogrt.Journal;
using Ogrt.Sinks;
using Ogrt.Wire;
using Ogrt.Wire.Protocol;

namespace Ogrt.Specs.Sinks;

/// <summary>Frames and records as the parts before the sinks make them.</summary>
internal static class Frames
{
    public const long Arrival = 1_700_000_000_000_000_000;

    private static readonly string[] Names = ["/bin/sh", "node1", "user", "", "\0", "ä"];

    /// <summary>Libraries as a process of one program has them.</summary>
    public static readonly string[] Libraries = ["/lib/libc.so.6", "/lib/ld-linux.so.2", "/opt/openmpi/lib/libmpi.so.40"];

    public static ProcessInfo Process(int n, string job = "JOB", string host = "node1", string binpath = "/bin/app")
    {
        var process = new ProcessInfo
        {
            Binpath = binpath, Pid = 1000 + n, ParentPid = 1, Time = 1_700_000_000 + n, JobId = job, Username = "user",
            Hostname = host, Cmdline = $"app --number {n}", Cwd = "/home/user", StartTicks = (ulong)(50_000 + n),
            TimeNs = 1_700_000_000_000_000_000 + n * 1_000_000_000L,
        };
        process.SharedObjects.AddRange(Libraries.Select(l => new SharedObject { Path = l }));
        process.LoadedModules.Add(new Module { Name = "openmpi/4.1" });
        return process;
    }

    public static ProcessEnd EndOf(ProcessInfo process, int exitCode = 0) => new()
    {
        Pid = process.Pid, Hostname = process.Hostname, JobId = process.JobId, StartTicks = process.StartTicks,
        EndTimeNs = process.TimeNs + 5_000_000_000, ExitCode = exitCode, UserTimeUs = 7, MaxRssKib = 99,
    };

    public static JobRecord JobRecord(string job = "JOB", ulong version = 1, uint incarnation = 1) => new()
    {
        Cluster = "test", JobId = ByteString.CopyFromUtf8(job), Incarnation = incarnation, Version = version,
        State = JobState.JobRunning, User = ByteString.CopyFromUtf8("user"), HostCount = 2, ProcessCount = 10 * version,
        LiveCount = 1, FirstTimeNs = 1_700_000_000_000_000_000, LastTimeNs = 1_700_000_100_000_000_000,
    };

    public static byte[] Frame(IMessage message)
    {
        FrameType type = message switch
        {
            ProcessInfo => FrameType.ProcessInfo,
            ProcessEnd => FrameType.ProcessEnd,
            JobStart => FrameType.JobStart,
            JobEnd => FrameType.JobEnd,
            _ => throw new ArgumentException("not a frame", nameof(message)),
        };
        return Frame(type, message.ToByteArray());
    }

    public static byte[] Frame(FrameType type, byte[] payload)
    {
        byte[] frame = new byte[FrameHeader.Size + payload.Length];
        new FrameHeader((uint)type, (uint)payload.Length).Write(frame);
        payload.CopyTo(frame, FrameHeader.Size);
        return frame;
    }

    /// <summary>A record as a journal reader gives it.</summary>
    public static JournalRecord Record(byte kind, byte[] payload, long number = 0, long arrival = Arrival)
    {
        byte[] header = new byte[RecordHeader.Size];
        RecordHeader.WriteUnplaced(header, payload.Length, arrival, default, kind);
        return new JournalRecord(number * 1000, (number + 1) * 1000, RecordHeader.Read(header), payload);
    }

    public static JournalRecord Record(IMessage message, long number = 0, long arrival = Arrival) => message is JobRecord
        ? Record(RecordKind.JobRecord, message.ToByteArray(), number, arrival)
        : Record(RecordKind.Frame, Frame(message), number, arrival);

    /// <summary>An attempt with records in their own form.</summary>
    public static SinkAttempt Attempt(params IEnumerable<JournalRecord> records)
    {
        var batch = new SinkBatch();
        foreach (JournalRecord record in records)
        {
            batch.Cover(record);
            batch.Add(record, 0, batch.Output.Length);
        }
        return new SinkAttempt(batch, null, 0);
    }

    public static SinkAttempt Attempt(params IEnumerable<IMessage> messages) =>
        Attempt(messages.Select((m, n) => Record(m, n)));

    public static string Json(ReadOnlySpan<byte> frame, WireLayout layout)
    {
        Assert.Equal(WireError.None, ProcessInfoView.TryParse(frame[FrameHeader.Size..], layout, out ProcessInfoView view));
        var output = new ArrayBufferWriter<byte>();
        ProcessJson.Write(output, view, default);
        return System.Text.Encoding.UTF8.GetString(output.WrittenSpan);
    }

    /// <summary>Payloads of processes with any fields, any bytes in strings, repeated scalars and unknown fields.</summary>
    public static readonly Gen<byte[]> ProcessPayload = GenPayload();

    private static Gen<byte[]> GenPayload()
    {
        Gen<byte[]> bytes = Gen.OneOf(
            Gen.Byte.Array[0, 12],
            Gen.Int[0, Names.Length - 1].Select(n => System.Text.Encoding.UTF8.GetBytes(Names[n])));
        Gen<byte[]> Field(uint number, Gen<byte[]> value) => value.Select(v =>
        {
            var output = new BatchBuffer(64);
            Ogrt.Sinks.Local.ProcessRest.WriteBytes(output, number, v);
            return output.Slice(0, output.Length).ToArray();
        });
        Gen<byte[]> Number(uint number) => Gen.ULong.Select(v =>
        {
            var output = new BatchBuffer(64);
            Ogrt.Sinks.Local.Varint.Write(output, WireReader.VarintTag(number));
            Ogrt.Sinks.Local.Varint.Write(output, v);
            return output.Slice(0, output.Length).ToArray();
        });
        Gen<byte[]> Concat(Gen<byte[]> parts, int most) => parts.Array[0, most].Select(p => p.SelectMany(b => b).ToArray());
        Gen<byte[]> shared = Concat(Gen.OneOf(Field(400, bytes), Field(401, bytes), Field(320, bytes)), 3);
        Gen<byte[]> field = Gen.OneOf(
            Gen.Int[299, 314].SelectMany(n => Field((uint)n, n is 311 or 310 ? shared : n == 312 ? Field(700, bytes) : bytes)),
            Gen.Int[320, 340].SelectMany(n => Number((uint)n)),
            Gen.Int[300, 303].SelectMany(n => Number((uint)n)),
            Gen.Int[326, 336].SelectMany(n => Field((uint)n, bytes)),
            Gen.Int[1, 30].SelectMany(n => Field((uint)n, bytes)));
        // At least one field: an empty message is not a process.
        return Gen.Select(Concat(field, 30), Number(301)).Select((a, b) => a.Concat(b).ToArray());
    }
}
