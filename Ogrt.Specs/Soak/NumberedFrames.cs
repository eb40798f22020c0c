using System.Globalization;
using Google.Protobuf;
using Ogrt.Wire;
using Ogrt.Wire.Protocol;

namespace Ogrt.Specs.Soak;

/// <summary>
/// Frames whose whole content follows from a seed and a number: whoever finds a record anywhere knows what every field of it
/// has to be. The number can be read from the record itself.
/// </summary>
/// <param name="seed">The seed of the run.</param>
/// <param name="poisonEvery">One process in so many is of a kind that targets with a schema refuse; 0 for none.</param>
/// <param name="jobs">How many jobs there are, all of them at all times; 0 for one after the other.</param>
internal sealed class NumberedFrames(ulong seed, int poisonEvery, int jobs = 0)
{
    /// <summary>What a poison process has for a job step, where others have a number.</summary>
    public const string Poison = "poison";

    // Starts of processes count from here, so that a number is never 0, which would look like a field that was not sent.
    private const long FirstTicks = 1000;

    private const long Epoch = 1_750_000_000_000_000_000, Second = 1_000_000_000;

    // Of each so many numbers the last is the end of the process before it.
    private const int EndEvery = 8;

    private const int ProcessesPerJob = 2000;

    // Bytes that JSON has to escape, letters of several bytes, and what looks like the frame of something else.
    private static readonly string[] Words =
    [
        "run", "--input=/scratch/ü/π.dat", "\"quoted\"", "back\\slash", "tab\there", "line\nbreak", "nul\u0001", "{\"index\":{}}", "日本", "𝄞", "", "a b c",
    ];

    private static readonly string[] Objects =
    [
        "/lib64/libc.so.6", "/lib64/ld-linux-x86-64.so.2", "/opt/openmpi/4.1/lib/libmpi.so.40", "/apps/blas/libopenblas.so.0", "/usr/lib/libz.so.1",
    ];

    /// <summary>The seed of the run.</summary>
    public ulong Seed => seed;

    /// <summary>Whether a number is the end of a process; else it is a process.</summary>
    public static bool IsEnd(long number) => number % EndEvery == EndEvery - 1;

    /// <summary>The job of a number.</summary>
    public string JobOf(long number) => FormattableString.Invariant($"soak-{(jobs > 0 ? number / EndEvery % jobs : number / ProcessesPerJob)}");

    /// <summary>Jobs that the first so many numbers are of.</summary>
    public IEnumerable<string> JobsOf(long count)
    {
        // Where all jobs are there at all times, a server may know one without having had a frame of it.
        (long apart, long all) = jobs > 0 ? (EndEvery, (long)jobs * EndEvery) : (ProcessesPerJob, count);
        for (long number = 0; number < all; number += apart)
            yield return JobOf(number);
    }

    /// <summary>Whether targets with a schema refuse it.</summary>
    public bool IsPoison(long number) => poisonEvery > 0 && !IsEnd(number) && new Draw(seed, number, 77).Below(poisonEvery) == 0;

    /// <summary>The frame of a number, header included.</summary>
    public byte[] Frame(long number)
    {
        IMessage message = Message(number);
        byte[] frame = new byte[FrameHeader.Size + message.CalculateSize()];
        new FrameHeader((uint)(IsEnd(number) ? FrameType.ProcessEnd : FrameType.ProcessInfo), (uint)(frame.Length - FrameHeader.Size)).Write(frame);
        message.WriteTo(frame.AsSpan(FrameHeader.Size));
        return frame;
    }

    /// <summary>The message of a number.</summary>
    public IMessage Message(long number) => IsEnd(number) ? End(number) : Process(number);

    /// <summary>The number of a frame that was found; false when its bytes are no frame of any number.</summary>
    public static bool TryNumberOf(ReadOnlySpan<byte> frame, out long number)
    {
        number = -1;
        if (frame.Length < FrameHeader.Size)
            return false;
        try
        {
            switch ((FrameType)FrameHeader.Read(frame).Type)
            {
                case FrameType.ProcessInfo:
                    number = NumberOf(ProcessInfo.Parser.ParseFrom(frame[FrameHeader.Size..]).StartTicks, isEnd: false);
                    return true;
                case FrameType.ProcessEnd:
                    number = NumberOf(ProcessEnd.Parser.ParseFrom(frame[FrameHeader.Size..]).StartTicks, isEnd: true);
                    return true;
                default:
                    return false;
            }
        }
        catch (InvalidProtocolBufferException)
        {
            return false;
        }
    }

    /// <summary>The number of a record with such a start.</summary>
    public static long NumberOf(ulong startTicks, bool isEnd) => (long)startTicks - FirstTicks + (isEnd ? 1 : 0);

    /// <summary>When the process of a number started or ended, in nanoseconds since 1970. Some clients' clocks are wrong.</summary>
    public long TimeOf(long number)
    {
        long process = IsEnd(number) ? number - 1 : number;
        long time = new Draw(seed, process, 5).Below(64) switch
        {
            0 => 17, // a node that has just been switched on
            1 => 4_100_000_000 * Second, // 2099
            _ => Epoch + (process * 1_234_567),
        };
        return IsEnd(number) ? time + (3 * Second) + 1 : time;
    }

    private ProcessInfo Process(long number)
    {
        var draw = new Draw(seed, number, 1);
        long time = TimeOf(number);
        string step = IsPoison(number) ? Poison : draw.Below(4).ToString(CultureInfo.InvariantCulture);
        var process = new ProcessInfo
        {
            Binpath = $"/apps/bin/program-{draw.Below(20)}",
            Pid = 2 + draw.Below(4_000_000),
            ParentPid = 1 + draw.Below(1000),
            Time = time / Second,
            TimeNs = time,
            JobId = JobOf(number),
            Username = $"user{draw.Below(9)}",
            Hostname = HostOf(number),
            Cmdline = $"{Words[draw.Below(Words.Length)]} {number} {draw.Next():x}",
            StartTicks = (ulong)(FirstTicks + number),
            Uid = (uint)draw.Below(60_000),
            Gid = (uint)draw.Below(60_000),
            JobStep = step,
        };
        AddSome(process, draw);
        AddLists(process, draw);
        return process;
    }

    private static void AddSome(ProcessInfo process, Draw draw)
    {
        // Every field is optional, and each of these is missing somewhere.
        if (draw.Coin()) process.Signature = $"{draw.Next():x16}{draw.Next():x16}";
        if (draw.Coin()) process.Cwd = "/home/" + Words[draw.Below(Words.Length)];
        if (draw.Coin()) process.ParentStartTicks = (ulong)draw.Below(1_000_000);
        if (draw.Coin()) process.EffectiveUid = (uint)draw.Below(60_000);
        if (draw.Coin()) process.Rank = (uint)draw.Below(4096);
        if (draw.Coin()) process.Scheduler = "SLURM_JOB_ID";
        if (draw.Coin()) process.ExecutableDevice = (ulong)draw.Below(70_000);
        if (draw.Coin()) process.ExecutableInode = draw.Next() >> 12;
        if (draw.Coin()) process.ExecutableSize = (ulong)draw.Below(int.MaxValue);
        if (draw.Coin()) process.ExecutableMtimeNs = (long)(draw.Next() >> 3);
        if (draw.Coin()) process.ExecutableBuildId = draw.Bytes(20);
        if (draw.Coin()) process.ExecPath = "./program";
        if (draw.Coin()) process.Flags = (uint)draw.Below(512);
        if (draw.Coin()) process.ShimVersion = "1.2.3";
    }

    private static void AddLists(ProcessInfo process, Draw draw)
    {
        // One in some hundreds is large.
        int variables = draw.Below(300) == 0 ? 400 : draw.Below(6);
        for (int n = 0; n < variables; n++)
            process.EnvironmentVariables.Add($"VAR_{n}={Words[draw.Below(Words.Length)]}{draw.Next():x}");
        for (int n = draw.Below(4); n > 0; n--)
            process.Arguments.Add(Words[draw.Below(Words.Length)]);
        for (int n = draw.Below(Objects.Length + 1); n > 0; n--)
        {
            var item = new SharedObject { Path = Objects[n - 1] };
            if (draw.Below(4) == 0) item.Signature = "w-" + draw.Below(100);
            if (draw.Below(4) == 0) item.BuildId = draw.Bytes(8);
            process.SharedObjects.Add(item);
        }
        for (int n = draw.Below(3); n > 0; n--)
            process.LoadedModules.Add(new Module { Name = $"module/{draw.Below(5)}.{n}" });
    }

    private ProcessEnd End(long number)
    {
        var draw = new Draw(seed, number, 2);
        var process = (ProcessInfo)Message(number - 1);
        var end = new ProcessEnd
        {
            Pid = process.Pid, JobId = process.JobId, Hostname = process.Hostname, StartTicks = process.StartTicks,
            EndTimeNs = TimeOf(number), ImageTimeNs = process.TimeNs,
        };
        if (draw.Coin()) end.ExitCode = draw.Below(256);
        else end.ExitSignal = (uint)(1 + draw.Below(31));
        if (draw.Coin()) end.UserTimeUs = (ulong)draw.Below(1_000_000);
        if (draw.Coin()) end.SystemTimeUs = (ulong)draw.Below(1_000_000);
        if (draw.Coin()) end.MaxRssKib = (ulong)draw.Below(9_000_000);
        if (draw.Coin()) end.MinorFaults = (ulong)draw.Below(9_000_000);
        if (draw.Coin()) end.MajorFaults = (ulong)draw.Below(9_000_000);
        if (draw.Coin()) end.BlocksRead = (ulong)draw.Below(9_000_000);
        if (draw.Coin()) end.BlocksWritten = (ulong)draw.Below(9_000_000);
        if (draw.Coin()) end.VoluntarySwitches = (ulong)draw.Below(9_000_000);
        if (draw.Coin()) end.InvoluntarySwitches = (ulong)draw.Below(9_000_000);
        return end;
    }

    private string HostOf(long number) => $"node{new Draw(seed, number, 3).Below(8)}";

    /// <summary>Numbers drawn from a seed, a number and a purpose: SplitMix64, which is the same on every machine.</summary>
    private sealed class Draw(ulong seed, long number, ulong purpose)
    {
        private ulong _state = (seed * 0x9E3779B97F4A7C15) ^ ((ulong)number << 8) ^ purpose;

        public ulong Next()
        {
            _state += 0x9E3779B97F4A7C15;
            ulong mixed = (_state ^ (_state >> 30)) * 0xBF58476D1CE4E5B9;
            mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
            return mixed ^ (mixed >> 31);
        }

        public int Below(int bound) => (int)(Next() % (ulong)bound);

        public bool Coin() => (Next() & 1) == 0;

        public ByteString Bytes(int count)
        {
            byte[] bytes = new byte[count];
            for (int n = 0; n < count; n++)
                bytes[n] = (byte)Below(256);
            return ByteString.CopyFrom(bytes);
        }
    }
}
