
using Ogrt.Wire.Protocol;

namespace Ogrt.Specs.Shim;

/// <summary>Other processors, C libraries and compilers: the same record, whatever the program was built for.</summary>
[Collection(ShimCollection.Name)]
public sealed class PortabilitySpec(ShimFixture shim) : IDisposable
{
    private const string _uuid = "708e1ffd-4ced-45d3-81f3-52e059ea3128";

    // Says what it sees of itself, which the record must agree with. Carries a watermark.
    private const string _program = $$"""
        #include <stdio.h>
        #include <unistd.h>
        __asm__(".pushsection .note.ogrt.info, \"a\", %note\n.balign 4\n.long 5, 38, 0x4f475254\n.asciz \"OGRT\"\n.balign 4\n"
                ".byte 1\n.asciz \"{{_uuid}}\"\n.balign 4\n.popsection\n");
        int main(void)
        {
            char directory[4096];
            printf("%d %d %d %d %s\n", (int)getpid(), (int)getppid(), (int)getuid(), (int)getegid(), getcwd(directory, sizeof directory));
            return 0;
        }
        """;

    private readonly FrameReceiver _receiver = FrameReceiver.Tcp();

    public void Dispose() => _receiver.Dispose();

    [Fact]
    public async Task A_32_bit_program_is_tracked()
    {
        Foreign i386 = Foreign.I386(shim);
        ProcessInfo sent = await DescribesAsync(i386, shim.Library("--allow-server-env", "--msg-send-environment=yes", "--host=i686-linux-gnu"));

        Assert.Contains(sent.SharedObjects, item => item.Path.Contains("ld-linux.so.2", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_program_for_aarch64_is_tracked_like_any_other()
    {
        ProcessInfo sent = await DescribesAsync(Foreign.Aarch64(), shim.Library("--allow-server-env", "--msg-send-environment=yes", "--host=aarch64-linux-gnu"));

        Assert.Contains(sent.SharedObjects, item => item.Path.Contains("ld-linux-aarch64", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_program_of_another_C_library_is_tracked_like_any_other()
    {
        ProcessInfo sent = await DescribesAsync(Foreign.Musl(), shim.TcpWithEnvironment);

        Assert.Contains(sent.SharedObjects, item => item.Path.Contains("ld-musl", StringComparison.Ordinal));
        Assert.DoesNotContain(sent.SharedObjects, item => item.Path.Contains("ld-linux", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_32_bit_program_with_more_than_a_datagram_is_cut_and_flagged_the_same()
    {
        Foreign i386 = Foreign.I386(shim);
        string library = shim.Library("--allow-server-env", "--transport=udp", "--msg-send-environment=yes", "--host=i686-linux-gnu");
        string program = shim.Compile(_program, i386.Compiler, "-Wl,--build-id");
        string[] arguments = [.. Enumerable.Repeat(new string('x', 100_000), 4)];
        i386.Run(program, arguments, Tracking.Environment(library, _receiver)).Succeeded();
        byte[] frame = await _receiver.FrameAsync();
        ProcessInfo sent = ProcessInfo.Parser.ParseFrom(FrameReceiver.Payload(frame));

        Assert.InRange(frame.Length, 262_000, 262_152);
        Assert.NotEqual(0u, sent.Flags & 2); // TRUNCATED_ARGUMENTS
        Assert.Equal(_uuid, sent.Signature);
    }

    [Fact]
    public void A_32_bit_program_under_the_library_keeps_its_errno_and_descriptors()
    {
        Foreign i386 = Foreign.I386(shim);
        string library = shim.Library("--allow-server-env", "--host=i686-linux-gnu");
        string program = shim.Compile("""
            #include <dirent.h>
            #include <errno.h>
            #include <stdio.h>
            int main(void)
            {
                int before = errno, count = 0;
                DIR *open = opendir("/proc/self/fd");
                while (readdir(open))
                    count++;
                printf("%d %d\n", before, count);
                return 0;
            }
            """, i386.Compiler);
        string with = i386.Run(program, [], Tracking.Environment(library, _receiver)).Succeeded().Text;

        Assert.Equal(i386.Run(program, [], []).Succeeded().Text, with);
    }

    // 64-bit divisions are our own where the processor has none; times are 64 bit where those of the C library are not.
    [Fact]
    public async Task Times_of_a_32_bit_program_are_those_of_the_clock()
    {
        Foreign i386 = Foreign.I386(shim);
        Assert.SkipUnless(i386.IsNative, "this kernel runs no 32-bit programs");
        string library = shim.Library("--allow-server-env", "--host=i686-linux-gnu");
        string program = shim.Compile(_program, i386.Compiler, "-Wl,--build-id");
        long before = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        i386.Run(program, [], Tracking.Environment(library, _receiver)).Succeeded();
        ProcessInfo sent = await _receiver.ProcessAsync();
        long after = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();

        Assert.InRange((long)sent.TimeNs, before * 1_000_000, (after + 1) * 1_000_000);
        Assert.Equal((long)sent.TimeNs / 1_000_000_000, (long)sent.Time);
    }

    public static TheoryData<string, string> Matrix
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (string compiler in (string[])["gcc", "clang", "i686-linux-gnu-gcc", "clang --target=i686-linux-gnu", "aarch64-linux-gnu-gcc", "clang --target=aarch64-linux-gnu"])
                data.Add(compiler, "-O0|-O3 -flto|-Os -fstack-protector-all");
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Matrix))]
    public void Each_compiler_builds_it_at_each_level_without_a_warning(string compiler, string levels)
    {
        Command.Require(compiler.Split(' ')[0]);
        if (compiler.Contains("i686", StringComparison.Ordinal))
            Command.Require("i686-linux-gnu-gcc"); // whose headers and linker clang uses
        if (compiler.Contains("aarch64", StringComparison.Ordinal))
            Command.Require("aarch64-linux-gnu-gcc");
        foreach (string level in levels.Split('|'))
        {
            string folder = shim.NewFolder();
            Command.Run(Path.Combine(shim.Source, "configure"), ["CC=" + compiler, "CFLAGS=" + level], [], folder).Succeeded();
            CommandResult built = Command.Run("make", ["-j2", "build/libogrt.so", "build/program"], [], folder).Succeeded();
            Assert.True(built.Error.Length == 0, $"{compiler} {level}: {built.Error}");

            string emulator = File.ReadLines(Path.Combine(folder, "config.mk")).Single(line => line.StartsWith("EMULATOR =", StringComparison.Ordinal))[10..].Trim();
            string checks = Command.Run(
                "sh", [Path.Combine(shim.Source, "tests/check.sh"), "build/libogrt.so", Path.Combine(shim.Source, "libogrt.map"), emulator, "build/program"], [], folder).Text;
            Assert.True(checks.Split('\n').Count(line => line.StartsWith("ok ", StringComparison.Ordinal)) >= 9 && !checks.Contains("FAILED", StringComparison.Ordinal), $"{compiler} {level}: {checks}");
        }
    }

    [Fact]
    public void A_processor_that_is_not_known_is_refused_with_a_reason()
    {
        CommandResult x32 = Command.Run(Path.Combine(shim.Source, "configure"), ["CC=gcc -mx32 -nostdinc -nostartfiles"], [], shim.NewFolder());

        Assert.NotEqual(0, x32.ExitCode);
        Assert.Contains("this is x32", x32.Error, StringComparison.Ordinal);
        Assert.Contains("x86-64, i386 and aarch64 Linux it knows", x32.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("yes")]
    [InlineData("no")]
    public async Task Memcheck_finds_no_error_and_no_leak(string active)
    {
        Command.Require("valgrind");
        string log = Path.Combine(shim.NewFolder(), "log");
        (string, string)[] environment = [.. Tracking.Environment(shim.TcpWithEnvironment, _receiver), ("OGRT_ACTIVE", active)];
        Command.Run("valgrind", ["--error-exitcode=9", "--leak-check=full", "--track-fds=no", "--log-file=" + log, "/bin/true"], environment).Succeeded();

        Assert.Contains("ERROR SUMMARY: 0 errors from 0 contexts (suppressed: 0 from 0)", File.ReadAllText(log), StringComparison.Ordinal);
        if (active == "yes")
            Assert.Contains("/bin/true", (await ProcessOfAsync("/bin/true")).Arguments);
    }

    // Runs the program twice: under the library, with what it says of itself beside what was sent.
    private async Task<ProcessInfo> DescribesAsync(Foreign foreign, string library)
    {
        string program = shim.Compile(_program, foreign.Compiler, "-Wl,--build-id");
        CommandResult result = foreign.Run(program, ["a", "b c"], [.. Tracking.Environment(library, _receiver), ("SLURM_JOB_ID", "9"), ("SLURM_PROCID", "3"), ("LOADEDMODULES", "gcc/12:mpi/5"), ("USER", "grace")]).Succeeded();
        Assert.Empty(result.Error);
        ProcessInfo sent = await ProcessOfAsync(program);
        string[] said = result.Text.Trim().Split(' ', 5);

        Assert.Equal(said, (string[])[$"{sent.Pid}", $"{sent.ParentPid}", $"{sent.Uid}", $"{sent.Gid}", sent.Cwd]);
        Assert.Equal(program, sent.Binpath);
        Assert.Equal([program, "a", "b c"], sent.Arguments);
        Assert.Equal($"{program} a b c", sent.Cmdline);
        Assert.Equal(("9", "SLURM_JOB_ID", 3u, "grace"), (sent.JobId, sent.Scheduler, sent.Rank, sent.Username));
        Assert.Equal(["gcc/12", "mpi/5"], sent.LoadedModules.Select(module => module.Name));
        Assert.Contains("LOADEDMODULES=gcc/12:mpi/5", sent.EnvironmentVariables);
        Assert.Equal(_uuid, sent.Signature);
        Assert.Equal(BuildId(program), Convert.ToHexStringLower(sent.ExecutableBuildId.Span));
        if (foreign.IsNative) // qemu translates the name /proc/self/exe for readlink and not for statx, which sees qemu
            Assert.Equal(new FileInfo(program).Length, (long)sent.ExecutableSize);
        Assert.Equal(BuildId(library), Convert.ToHexStringLower(Assert.Single(sent.SharedObjects, item => item.Path == library).BuildId.Span));
        if (foreign.IsNative) // qemu makes some of /proc up for the program that it runs, more or less of it by its version
            Assert.True(sent.HasStartTicks && sent.StartTicks > 0 && sent.HasParentStartTicks && sent.ParentStartTicks == StartTicks(System.Environment.ProcessId));
        Assert.Equal(0u, sent.Flags & ~16u); // but for a container
        return sent;
    }

    private async Task<ProcessInfo> ProcessOfAsync(string program)
    {
        ProcessInfo sent;
        do
            sent = await _receiver.ProcessAsync();
        while (!sent.Arguments.Contains(program));
        return sent;
    }

    private static ulong StartTicks(int pid)
    {
        string stat = File.ReadAllText($"/proc/{pid}/stat");
        return ulong.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[19], System.Globalization.CultureInfo.InvariantCulture);
    }

    private static string BuildId(string file) =>
        Assert.Single(Command.Run("readelf", "-nW", file).Succeeded().Lines, line => line.Contains("Build ID:", StringComparison.Ordinal)).Split(':')[1].Trim();
}
