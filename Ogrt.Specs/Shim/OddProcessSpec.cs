using System.Globalization;
using System.Text.RegularExpressions;

using Ogrt.Wire.Protocol;

namespace Ogrt.Specs.Shim;

/// <summary>Processes that are started in unusual ways, on other C libraries and on another processor.</summary>
[Collection(ShimCollection.Name)]
public sealed class OddProcessSpec(ShimFixture shim) : IDisposable
{
    private const string _nothing = "int main(void) { return 0; }";

    private readonly FrameReceiver _receiver = FrameReceiver.Tcp();

    public void Dispose() => _receiver.Dispose();

    [Fact]
    public async Task Closed_standard_streams_stay_closed()
    {
        string program = shim.Compile("""
            #include <fcntl.h>
            int main(void) {
                for (int fd = 0; fd < 3; fd++)
                    if (fcntl(fd, F_GETFD) != -1)
                        return 1;
                return 0;
            }
            """);
        ProcessInfo sent;
        Tracking.Run(shim.Tcp, _receiver, "/bin/sh", ["-c", "exec \"$0\" 0<&- 1>&- 2>&-", program]).Succeeded();
        do
            sent = await _receiver.ProcessAsync();
        while (sent.Binpath != program);
        Assert.True(sent.HasStartTicks);
    }

    [Fact]
    public void Its_descriptors_are_never_standard_streams()
    {
        Command.Require("strace");
        string log = Path.Combine(shim.NewFolder(), "trace");
        string[] set = [.. Tracking.Environment(shim.Tcp, _receiver).SelectMany(variable => new[] { "-E", $"{variable.Name}={variable.Value}" })];
        Command.Run("strace", ["-f", "-o", log, .. set, "/bin/sh", "-c", "exec /bin/true 0<&- 1>&- 2>&-"]).Succeeded();
        string[] calls = [.. File.ReadLines(log).SkipWhile(line => !line.Contains("execve(\"/bin/true\"", StringComparison.Ordinal))];

        string fd = Regex.Match(Assert.Single(calls, line => line.Contains("connect(", StringComparison.Ordinal)), @"connect\((\d+),").Groups[1].Value;
        Assert.True(int.Parse(fd, CultureInfo.InvariantCulture) > 2);
        Assert.Contains(calls, line => Regex.IsMatch(line, $@"F_DUPFD_CLOEXEC, 3\)\s+= {fd}$"));
        Assert.Contains(calls, line => line.Contains($"sendto({fd}, ", StringComparison.Ordinal));
    }

    [Fact]
    public void Without_a_free_descriptor_nothing_happens()
    {
        CommandResult result = Tracking.Run(shim.Tcp, _receiver, "/bin/sh", ["-c", "ulimit -n 3; echo still here"]).Succeeded();
        // Under this limit the dynamic linker cannot open a library either, so only a program without one shows the shim.
        string program = shim.Compile("""
            #include <sys/resource.h>
            #include <unistd.h>
            int main(int argc, char **argv) {
                struct rlimit limit = {4, 4};
                if (argc > 1) return 7;
                int used = dup(0);
                (void)used;
                setrlimit(RLIMIT_NOFILE, &limit);
                close(used);
                return execl(argv[0], argv[0], "again", (char *)0), 99;
            }
            """);

        Assert.Equal("still here\n", result.Text);
        Assert.Equal(7, Tracking.Run(shim.Tcp, _receiver, program, []).ExitCode);
    }

    [Fact]
    public void A_forbidden_socket_is_silently_none()
    {
        // Answers socket() with EPERM, as container runtimes do, and starts the rest of its arguments.
        string guard = shim.Compile("""
            #include <errno.h>
            #include <linux/filter.h>
            #include <linux/seccomp.h>
            #include <stddef.h>
            #include <sys/prctl.h>
            #include <sys/syscall.h>
            #include <unistd.h>
            int main(int argc, char **argv) {
                struct sock_filter code[] = {
                    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
                    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, 1),
                    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
                    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
                struct sock_fprog program = {4, code};
                (void)argc;
                prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
                if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)) return 98;
                return execv(argv[1], argv + 1), 99;
            }
            """);
        CommandResult result = Command.Run(guard, ["/usr/bin/env", .. Tracking.Environment(shim.Tcp, _receiver).Select(variable => $"{variable.Name}={variable.Value}"), "/bin/echo", "fine"], []).Succeeded();

        Assert.Equal("fine\n", result.Text);
        Assert.Empty(result.Error);
    }

    [Fact]
    public async Task Without_proc_the_rest_is_still_sent()
    {
        Command.RequireRoot();
        Command.Require("unshare");
        string[] set = [.. Tracking.Environment(shim.Tcp, _receiver).Select(variable => $"{variable.Name}={variable.Value}")];
        CommandResult result = Command.Run("unshare", ["-m", "/bin/sh", "-c", "umount -l /proc || exit 9; exec env \"$@\"", "sh", .. set, "JOBID=5", "/bin/true", "x"], []);
        Assert.SkipWhen(result.ExitCode == 9, "/proc cannot be unmounted here");
        result.Succeeded();
        ProcessInfo sent = await _receiver.ProcessAsync();

        Assert.Equal(new FileInfo(Command.Run("readlink", "-f", "/bin/true").Text.Trim()).FullName, sent.Binpath);
        Assert.Equal("5", sent.JobId);
        Assert.Equal(["/bin/true", "x"], sent.Arguments);
        Assert.NotEmpty(sent.SharedObjects);
        Assert.True(sent.HasExecutableInode);
        Assert.False(sent.HasStartTicks);
    }

    [Fact]
    public async Task A_set_user_id_program_sends_nothing()
    {
        Command.RequireRoot();
        string setpriv = Command.Require("setpriv");
        // Needs the library by itself: the dynamic linker drops it from LD_PRELOAD here. It may read what it wants, though.
        string program = shim.Compile("#include <sys/auxv.h>\nint main(void) { return getauxval(AT_SECURE) ? 23 : 24; }", "gcc", "-Wl,--no-as-needed", shim.Tcp, "-Wl,-rpath," + Path.GetDirectoryName(shim.Tcp));
        Command.Run("chmod", "4755", program).Succeeded();
        (string, string)[] variables = [("OGRT_ACTIVE", "1"), ("OGRT_SERVER", _receiver.EndPoint.ToString()), ("JOBID", "setuid")];
        Assert.Equal(24, Command.Run(program, [], variables).ExitCode);
        Assert.Equal("setuid", (await _receiver.ProcessAsync()).JobId);

        CommandResult result = Command.Run(setpriv, ["--reuid=65534", "--clear-groups", program], variables);
        Assert.SkipWhen(result.ExitCode == 24, "the file system here ignores set-user-id");
        Assert.Equal(23, result.ExitCode);
        await Tracking.NothingWasSentAsync(shim.Tcp, _receiver);
    }

    [Fact]
    public async Task Init_of_a_container_sends_nothing_and_its_children_do()
    {
        Command.RequireRoot();
        Command.Require("unshare");
        string[] set = [.. Tracking.Environment(shim.Tcp, _receiver).Select(variable => $"{variable.Name}={variable.Value}")];
        // env becomes the shell, which is process 1 of its namespace.
        CommandResult result = Command.Run("unshare", ["--pid", "--fork", "env", .. set, "/bin/sh", "-c", "/bin/true; echo $$"], []).Succeeded();
        ProcessInfo sent = await _receiver.ProcessAsync();

        Assert.Equal("1\n", result.Text);
        Assert.Equal("/bin/true", sent.ExecPath);
        Assert.Equal(1, sent.ParentPid);
        await Tracking.NothingWasSentAsync(shim.Tcp, _receiver);
    }

    [Fact]
    public async Task A_program_without_arguments_and_one_without_environment_go_on()
    {
        string launcher = shim.Compile("""
            #include <unistd.h>
            extern char **environ;
            int main(int argc, char **argv) {
                char *none[] = {0};
                if (argc > 2) return execve(argv[1], argv + 1, none), 99;
                return execve(argv[1], none, environ), 99;
            }
            """);
        Tracking.Run(shim.Tcp, _receiver, launcher, ["/bin/true"]).Succeeded();
        await _receiver.ProcessAsync();
        ProcessInfo sent = await _receiver.ProcessAsync();

        Assert.Equal("/bin/true", sent.ExecPath);
        Assert.True(string.Concat(sent.Arguments).Length == 0); // newer kernels put an empty one in
        Tracking.Run(shim.Tcp, _receiver, launcher, ["/bin/true", "no environment"]).Succeeded();
    }

    [Fact]
    public void A_static_program_does_not_notice()
    {
        string program = shim.Compile("#include <stdio.h>\nint main(void) { puts(\"static\"); return 3; }", "gcc", "-static");
        CommandResult result = Tracking.Run(shim.Tcp, _receiver, program, []);

        Assert.Equal(3, result.ExitCode);
        Assert.Equal("static\n", result.Text);
        Assert.Empty(result.Error);
    }

    [Fact]
    public async Task A_program_started_by_the_dynamic_linker_is_tracked()
    {
        string linker = Command.Run("readelf", "-lW", "/bin/true").Text.Split("interpreter: ")[1].Split(']')[0];
        ProcessInfo sent = await Tracking.TrackAsync(shim.Tcp, _receiver, linker, ["/bin/true", "x"]);

        Assert.Contains(sent.SharedObjects, item => item.Path.Contains("libc.so", StringComparison.Ordinal));
        Assert.Equal("x", sent.Arguments[^1]);
    }

    [Fact]
    public async Task A_storm_of_spawned_processes_arrives_whole()
    {
        const int each = 100;
        string program = shim.Compile("""
            #define _GNU_SOURCE
            #include <pthread.h>
            #include <spawn.h>
            #include <stdlib.h>
            #include <sys/wait.h>
            #include <unistd.h>
            extern char **environ;
            static void *storm(void *count) {
                char *v[] = {"/bin/true", 0};
                for (int i = 0; i < *(int *)count; i++) {
                    pid_t pid;
                    int status;
                    if (i % 2) {
                        if (posix_spawn(&pid, v[0], 0, 0, v, environ)) abort();
                    } else if ((pid = vfork()) == 0) {
                        execve(v[0], v, environ);
                        _exit(99);
                    }
                    if (waitpid(pid, &status, 0) != pid || status) abort();
                }
                return 0;
            }
            int main(int argc, char **argv) {
                int count = atoi(argv[1]);
                pthread_t threads[4];
                (void)argc;
                for (int i = 0; i < 4; i++) pthread_create(&threads[i], 0, storm, &count);
                for (int i = 0; i < 4; i++) pthread_join(threads[i], 0);
                return 0;
            }
            """, "gcc", "-pthread");
        CommandResult result = Tracking.Run(shim.Tcp, _receiver, program, [$"{each}"]).Succeeded();
        var pids = new HashSet<int>();
        while (pids.Count < 4 * each + 1)
            Assert.True(pids.Add((await _receiver.ProcessAsync()).Pid));

        Assert.Contains(result.Pid, pids);
    }

    [Fact]
    public async Task A_program_linked_against_musl_is_tracked()
    {
        string program = shim.Compile(_nothing, "musl-gcc", "-Wl,--build-id");
        ProcessInfo sent = await Tracking.TrackAsync(shim.Tcp, _receiver, program, ["a", "b c"], ("JOBID", "8"));

        Assert.Equal(program, sent.Binpath);
        Assert.Equal([program, "a", "b c"], sent.Arguments);
        Assert.Equal("8", sent.JobId);
        Assert.Contains(sent.SharedObjects, item => item.Path.Contains("ld-musl", StringComparison.Ordinal));
        Assert.True(sent.HasExecutableBuildId && sent.HasUid && sent.HasStartTicks);
    }

    [Fact]
    public async Task It_is_built_by_clang_too()
    {
        string clang = Command.Require(["clang", .. Enumerable.Range(11, 15).Select(version => $"clang-{version}")]);
        ProcessInfo sent = await Tracking.TrackAsync(shim.Library("--allow-server-env", "CC=" + clang), _receiver, "/bin/echo", ["clang"]);

        Assert.Equal(["/bin/echo", "clang"], sent.Arguments);
        Assert.True(sent.SharedObjects.Count >= 3);
    }

    [Fact]
    public async Task A_program_for_aarch64_is_tracked()
    {
        Command.Require("qemu-aarch64");
        string program = shim.Compile(_nothing, "aarch64-linux-gnu-gcc");
        string library = shim.Library("--allow-server-env", "--host=aarch64-linux-gnu");
        string[] set = [.. Tracking.Environment(library, _receiver).SelectMany(variable => new[] { "-E", $"{variable.Name}={variable.Value}" })];
        Command.Run("qemu-aarch64", ["-L", "/usr/aarch64-linux-gnu", .. set, "-E", "JOBID=9", program, "a"]).Succeeded();
        ProcessInfo sent = await _receiver.ProcessAsync();

        Assert.Equal(program, sent.Binpath);
        Assert.Equal([program, "a"], sent.Arguments);
        Assert.Equal("9", sent.JobId);
        Assert.Contains(sent.SharedObjects, item => item.Path == library && item.HasBuildId);
        Assert.Contains(sent.SharedObjects, item => item.Path.Contains("ld-linux-aarch64", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Valgrind_finds_nothing_to_say()
    {
        Command.Require("valgrind");
        CommandResult result = Command.Run("valgrind", ["-q", "--error-exitcode=9", "/bin/true"], Tracking.Environment(shim.Tcp, _receiver)).Succeeded();
        ProcessInfo sent;
        do
            sent = await _receiver.ProcessAsync();
        while (!sent.Arguments.Contains("/bin/true"));

        Assert.Empty(result.Error);
    }
}
