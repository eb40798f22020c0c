using System.Text.RegularExpressions;

using Ogrt.Wire.Protocol;

namespace Ogrt.Specs.Shim.Execs;

/// <summary>The library file that reports static programs, what it costs, and when it keeps still.</summary>
[Collection(ShimCollection.Name)]
public sealed class ExecLibrarySpec(ShimFixture shim) : IDisposable
{
    private const string _family = "execl execle execlp execv execve execveat execvp execvpe fexecve posix_spawn posix_spawnp";

    private readonly FrameReceiver _receiver = FrameReceiver.Tcp();

    public void Dispose() => _receiver.Dispose();

    [Theory]
    [InlineData("gcc")]
    [InlineData("clang")]
    [InlineData("aarch64-linux-gnu-gcc")]
    public void It_exports_the_family_and_wants_nothing(string compiler)
    {
        string library = Built(compiler);
        string symbols = Command.Run("readelf", "--dyn-syms", "-W", library).Succeeded().Text;
        IEnumerable<string> names = Regex.Matches(symbols, @"(?m)^\s+[1-9]\d*:\s.*\b(?:GLOBAL|WEAK)\b.* (\S+)$").Select(match => match.Groups[1].Value);

        Assert.Equal(_family, string.Join(' ', names.Order(StringComparer.Ordinal)));
        Assert.DoesNotContain("UND ogrt", symbols, StringComparison.Ordinal);
        string dynamic = Command.Run("readelf", "-dW", library).Succeeded().Text;
        Assert.DoesNotContain("(NEEDED)", dynamic, StringComparison.Ordinal);
        Assert.DoesNotContain("TEXTREL", dynamic, StringComparison.Ordinal);
        Assert.All(Command.Run("readelf", "-rW", library).Succeeded().Lines.Where(line => line.Contains("R_", StringComparison.Ordinal)),
            line => Assert.Contains("_RELATIVE", line, StringComparison.Ordinal));
        string segments = Command.Run("readelf", "-lW", library).Succeeded().Text;
        Assert.DoesNotContain("RWE", segments, StringComparison.Ordinal);
        Assert.DoesNotContain("TLS", segments, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gcc", "IBT, SHSTK")]
    [InlineData("aarch64-linux-gnu-gcc", "BTI, PAC")]
    public void It_keeps_control_flow_protection(string compiler, string property) =>
        Assert.Contains(property, Command.Run("readelf", "-nW", Built(compiler)).Succeeded().Text, StringComparison.Ordinal);

    [Fact]
    public async Task A_library_that_was_not_configured_for_it_reports_no_static_program()
    {
        Tracking.Run(shim.Tcp, _receiver, "/bin/sh", ["-c", ExecPrograms.Static(shim) + "; true"]).Succeeded();
        await _receiver.ProcessAsync();
        await Tracking.NothingWasSentAsync(shim.Tcp, _receiver);
    }

    [Fact]
    public async Task The_environment_that_is_passed_on_says_whether_the_program_is_tracked_and_for_which_job()
    {
        string program = ExecPrograms.Static(shim), library = ExecPrograms.Library(shim);
        Tracking.Run(library, _receiver, "/bin/sh", ["-c", $"OGRT_ACTIVE=no {program} 1; JOBID=other {program} 2; true"], ("JOBID", "own")).Succeeded();
        ProcessInfo sent = (await ExecPrograms.InOrderAsync(_receiver, 2))[1];

        Assert.Equal((program + " 2", "other"), (sent.Cmdline, sent.JobId));
        await Tracking.NothingWasSentAsync(library, _receiver);
    }

    [Fact]
    public async Task A_process_that_is_not_tracked_reports_nothing()
    {
        string program = ExecPrograms.Static(shim), library = ExecPrograms.Library(shim);
        (string, string)[] variables = [("LD_PRELOAD", library), ("OGRT_SERVER", _receiver.EndPoint.ToString())];
        Assert.Equal(7, Command.Run("/bin/sh", ["-c", $"OGRT_ACTIVE=yes exec {program}"], variables).ExitCode);
        await Tracking.NothingWasSentAsync(library, _receiver);
    }

    [Fact]
    public async Task Under_a_filter_that_kills_for_a_look_nothing_is_looked_at()
    {
        string caller = shim.Compile("""
            #include <linux/filter.h>
            #include <linux/seccomp.h>
            #include <stddef.h>
            #include <sys/prctl.h>
            #include <sys/syscall.h>
            #include <unistd.h>
            #define KILL(call) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS)
            int main(int argc, char **argv) {
                struct sock_filter rules[] = {
                    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)), KILL(SYS_statx), KILL(SYS_getresuid),
                    KILL(SYS_getresgid), KILL(SYS_fgetxattr), KILL(SYS_pipe2), KILL(SYS_socket), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
                struct sock_fprog program = {sizeof rules / sizeof *rules, rules};
                if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)) return 55;
                return execv(argv[argc - 1], argv + argc - 1);
            }
            """);
        CommandResult result = Tracking.Run(ExecPrograms.Library(shim), _receiver, caller, [ExecPrograms.Static(shim)]);
        Assert.SkipWhen(result.ExitCode == 55, "the kernel here has no seccomp filters");
        await _receiver.ProcessAsync();

        Assert.Equal(7, result.ExitCode);
        await Tracking.NothingWasSentAsync(ExecPrograms.Library(shim), _receiver);
    }

    [Fact]
    public void The_exec_of_a_dynamic_program_costs_seven_system_calls_and_an_inactive_one_none()
    {
        string[] calls = CallsBeforeExec([.. Tracking.Environment(ExecPrograms.Library(shim), _receiver)]);
        string[] inactive = CallsBeforeExec([("LD_PRELOAD", ExecPrograms.Library(shim))]);
        string[] without = CallsBeforeExec([]);

        Assert.Equal(without[^1], inactive[^1]);
        Assert.Equal(["prctl", "statx", "openat", "pread64", "getresuid", "getresgid", "close"], calls.TakeLast(7));
    }

    [Theory]
    [InlineData("execve")]
    [InlineData("posix_spawn")]
    public async Task Two_megabytes_of_arguments_arrive(string function)
    {
        string program = shim.Compile("""
            #include <stdio.h>
            #include <string.h>
            int main(int argc, char **argv) {
                unsigned long sum = 5381, size = 0;
                for (int i = 0; i < argc; i++) for (char *c = argv[i]; ; c++) { sum = sum * 33 + (unsigned char)*c; size++; if (!*c) break; }
                return printf("%d %lu %lu\n", argc, size, sum) < 0;
            }
            """, "gcc", "-static");
        string caller = shim.Compile("""
            #include <spawn.h>
            #include <stdlib.h>
            #include <string.h>
            #include <sys/wait.h>
            #include <unistd.h>
            extern char **environ;
            int main(int argc, char **argv) {
                static char *v[40];
                int status = 0;
                pid_t child;
                for (int i = 0; i < 19; i++) { v[i] = malloc(104001); memset(v[i], 'a' + i, 104000); v[i][104000] = 0; }
                (void)argc;
                if (strcmp(argv[1], "execve") == 0) return execve(argv[2], v, environ), 99;
                if (posix_spawn(&child, argv[2], 0, 0, v, environ)) return 98;
                waitpid(child, &status, 0);
                return WEXITSTATUS(status);
            }
            """);
        CommandResult with = Tracking.Run(ExecPrograms.Library(shim), _receiver, caller, [function, program]).Succeeded();
        ProcessInfo sent = (await ExecPrograms.InOrderAsync(_receiver, 2))[1];

        Assert.Equal(Command.Run(caller, function, program).Succeeded().Text, with.Text);
        Assert.StartsWith("19 1976019 ", with.Text, StringComparison.Ordinal);
        Assert.Equal(new string('a', 104000), sent.Arguments[0]);
        Assert.True((sent.Flags & (uint)ProcessFlags.TruncatedArguments) != 0);
    }

    [Fact]
    public async Task A_storm_from_four_threads_is_reported_whole_and_once()
    {
        const int each = 50;
        string program = shim.Compile("int main(void) { return 0; }", "gcc", "-static"), caller = shim.Compile("""
            #define _GNU_SOURCE
            #include <pthread.h>
            #include <spawn.h>
            #include <stdlib.h>
            #include <sys/wait.h>
            #include <unistd.h>
            extern char **environ;
            static char **given;
            static void *storm(void *nothing) {
                for (int i = 0; i < 50; i++) {
                    pid_t pid;
                    int status;
                    if (i % 3 == 0) {
                        if (posix_spawn(&pid, given[1], 0, 0, given + 1, environ)) abort();
                    } else if ((pid = i % 3 == 1 ? vfork() : fork()) == 0) {
                        execve(given[1], given + 1, environ);
                        _exit(99);
                    }
                    if (waitpid(pid, &status, 0) != pid || status) abort();
                }
                return nothing;
            }
            int main(int argc, char **argv) {
                pthread_t threads[4];
                given = argv;
                (void)argc;
                for (int i = 0; i < 4; i++) pthread_create(&threads[i], 0, storm, 0);
                for (int i = 0; i < 4; i++) pthread_join(threads[i], 0);
                return 0;
            }
            """, "gcc", "-pthread");
        Tracking.Run(ExecPrograms.Library(shim), _receiver, caller, [program]).Succeeded();
        ProcessInfo[] sent = await ExecPrograms.InOrderAsync(_receiver, 1 + 4 * each);

        Assert.Equal(caller, sent[0].Binpath);
        Assert.All(sent[1..], process => Assert.Equal(program, process.Binpath));
        Assert.Equal(4 * each, sent[1..].Select(process => process.Pid).Distinct().Count());
        await Tracking.NothingWasSentAsync(ExecPrograms.Library(shim), _receiver);
    }

    [Theory]
    [InlineData("plainly")]
    [InlineData("vfork")]
    [InlineData("thread")]
    public void Valgrind_finds_nothing_to_say(string mode)
    {
        Command.Require("valgrind");
        foreach (string function in new[] { "execve", "execlp", "fexecve", "posix_spawn" })
        {
            CommandResult result = Command.Run("valgrind", ["-q", "--error-exitcode=9", "--child-silent-after-fork=no", ExecPrograms.Caller(shim), function, mode, ExecPrograms.Static(shim)],
                [.. Tracking.Environment(ExecPrograms.Library(shim), _receiver), ("PATH", Path.GetDirectoryName(ExecPrograms.Static(shim)) + ":/usr/bin")]);

            Assert.Equal((7, ""), (result.ExitCode, result.Error));
        }
    }

    [Fact]
    public async Task A_program_for_aarch64_reports_what_it_starts()
    {
        Command.Require("qemu-aarch64");
        string program = shim.Compile("int main(void) { return 7; }", "aarch64-linux-gnu-gcc", "-static");
        string caller = ExecPrograms.Caller(shim, "aarch64-linux-gnu-gcc");
        string[] set = [.. Tracking.Environment(Built("aarch64-linux-gnu-gcc"), _receiver).SelectMany(variable => new[] { "-E", $"{variable.Name}={variable.Value}" })];
        foreach (string function in new[] { "execve", "execl", "execle" })
        {
            // That the exec itself succeeds depends on whether the kernel here knows what to do with such a program.
            CommandResult result = Command.Run("qemu-aarch64", ["-L", "/usr/aarch64-linux-gnu", .. set, caller, function, "plainly", program]);
            ProcessInfo sent = (await ExecPrograms.InOrderAsync(_receiver, 2))[1];

            Assert.True(result.ExitCode == 7 || result.Error == "errno 8\n", result.Error);
            Assert.Equal(program, sent.Binpath);
            Assert.Equal([program, "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"], sent.Arguments);
            Assert.Equal(function is not "execl", sent.EnvironmentVariables.Contains("GIVEN=this"));
        }
    }

    /// <summary>The names of the system calls of a program up to its second exec, which is that of a dynamic program.</summary>
    private string[] CallsBeforeExec((string Name, string Value)[] variables)
    {
        Command.Require("strace");
        string file = Path.Combine(shim.NewFolder(), "strace.log");
        Command.Run("strace", ["-o", file, .. variables.SelectMany(variable => new[] { "-E", $"{variable.Name}={variable.Value}" }), ExecPrograms.Caller(shim), "execv", "plainly", ExecPrograms.Dynamic(shim)], []);
        string[] names = [.. File.ReadLines(file).Select(line => line.Split('(')[0])];
        return names[1..Array.FindIndex(names, 1, name => name == "execve")];
    }

    private string Built(string compiler) => compiler switch
    {
        "gcc" => ExecPrograms.Library(shim),
        "clang" => shim.Library("--report-static=yes", "CC=" + Command.Require(["clang", .. Enumerable.Range(11, 15).Select(version => $"clang-{version}")])),
        _ => shim.Library("--allow-server-env", "--msg-send-environment=yes", "--report-static=yes", "--host=aarch64-linux-gnu"),
    };
}
