using Ogrt.Wire.Protocol;

namespace Ogrt.Specs.Shim;

/// <summary>The second record, which a process sends when it ends.</summary>
[Collection(ShimCollection.Name)]
public sealed class EndSpec(ShimFixture shim) : IDisposable
{
    // Datagrams keep their order: the start, then the end.
    private readonly FrameReceiver _receiver = FrameReceiver.Udp();

    private string Library => shim.Library("--allow-server-env", "--send-end=yes", "--transport=udp");

    private string OverTcp => shim.Library("--allow-server-env", "--send-end=yes");

    public void Dispose() => _receiver.Dispose();

    [Fact]
    public async Task It_says_what_became_of_the_process_that_started()
    {
        string program = shim.Compile("""
            #include <stdlib.h>
            #include <string.h>
            #include <time.h>
            int main(void) {
                enum { SIZE = 32 << 20 };
                char *memory = malloc(SIZE);
                memset(memory, 1, SIZE);
                while (clock() < CLOCKS_PER_SEC / 20) memory[clock() % SIZE]++;
                exit(memory[0] ? 42 : 43);
            }
            """);
        Assert.Equal(42, Tracking.Run(Library, _receiver, program, [], ("JOBID", "7")).ExitCode);
        ProcessInfo start = await _receiver.ProcessAsync();
        ProcessEnd end = await _receiver.EndAsync();

        Assert.Equal((start.Pid, start.StartTicks, start.JobId, start.Hostname), (end.Pid, end.StartTicks, end.JobId, end.Hostname));
        Assert.Equal(start.TimeNs, end.ImageTimeNs);
        Assert.Equal(42, end.ExitCode);
        Assert.False(end.HasExitSignal);
        Assert.True(end.EndTimeNs > start.TimeNs);
        Assert.True(end.UserTimeUs + end.SystemTimeUs >= 40_000);
        Assert.InRange(end.MaxRssKib, 32u << 10, 48u << 10);
        Assert.True(end.MinorFaults > 0);
        Assert.True(end.HasMajorFaults && end.HasBlocksRead && end.HasBlocksWritten && end.HasVoluntarySwitches && end.HasInvoluntarySwitches);
    }

    [Theory]
    [InlineData("return 0;", 0)]
    [InlineData("return 300;", 44)]
    [InlineData("exit(-1);", 255)]
    [InlineData("pthread_exit(0);", 0)]
    [InlineData("pthread_t t; pthread_create(&t, 0, leave, 0); for (;;) pause();", 5)]
    public async Task The_exit_code_is_what_a_parent_sees(string statement, int code)
    {
        string program = shim.Compile($$"""
            #include <pthread.h>
            #include <stdlib.h>
            #include <unistd.h>
            static void *leave(void *unused) { (void)unused; exit(5); }
            int main(void) { (void)leave; {{statement}} }
            """, "gcc", "-pthread");
        Assert.Equal(code, Tracking.Run(Library, _receiver, program, []).ExitCode);
        await _receiver.ProcessAsync();

        Assert.Equal(code, (await _receiver.EndAsync()).ExitCode);
    }

    [Fact]
    public async Task It_comes_behind_all_that_the_program_does_at_its_end()
    {
        string program = shim.Compile("""
            #include <stdio.h>
            #include <stdlib.h>
            #include <unistd.h>
            static void handler(void) { fputs("handler ", stdout); }
            __attribute__((destructor)) static void destructor(void) { fputs("destructor", stdout); usleep(1000); }
            int main(void) { for (int i = 0; i < 40; i++) atexit(handler); return 3; }
            """);
        CommandResult result = Tracking.Run(Library, _receiver, program, []);
        await _receiver.ProcessAsync();
        ProcessEnd end = await _receiver.EndAsync();

        Assert.Equal(string.Concat(Enumerable.Repeat("handler ", 40)) + "destructor", result.Text);
        Assert.Equal((3, 3), (result.ExitCode, end.ExitCode));
        Assert.True(end.VoluntarySwitches > 0); // it slept in its destructor only
    }

    [Fact]
    public async Task What_the_program_did_to_its_environment_and_arguments_does_not_matter()
    {
        string program = shim.Compile("""
            #include <stdlib.h>
            #include <string.h>
            extern char **environ;
            int main(int argc, char **argv) {
                char *start = argv[0], *end = start;
                for (char **entry = environ; *entry; entry++) end = *entry + strlen(*entry);
                (void)argc;
                memset(start, 'x', (size_t)(end - start));
                clearenv();
                return 0;
            }
            """);
        Tracking.Run(Library, _receiver, program, [], ("JOBID", "41")).Succeeded();
        ProcessInfo start = await _receiver.ProcessAsync();
        ProcessEnd end = await _receiver.EndAsync();

        Assert.Equal((start.Pid, start.StartTicks, "41", start.Hostname), (end.Pid, end.StartTicks, end.JobId, end.Hostname));
    }

    [Theory]
    [InlineData("if (fork() == 0) exit(1); wait(0); return 0;")]
    [InlineData("if (vfork() == 0) _exit(0); wait(0); return 0;")]
    [InlineData("if (fork() == 0) { if (fork() == 0) exit(1); wait(0); exit(2); } wait(0); return 0;")]
    public async Task A_child_that_only_forked_sends_none(string statements)
    {
        string program = shim.Compile($$"""
            #include <stdlib.h>
            #include <sys/wait.h>
            #include <unistd.h>
            int main(void) { {{statements}} }
            """, "gcc", "-w");
        Tracking.Run(Library, _receiver, program, []).Succeeded();
        ProcessInfo start = await _receiver.ProcessAsync();

        Assert.Equal(start.Pid, (await _receiver.EndAsync()).Pid);
        await Tracking.NothingWasSentAsync(shim.Udp, _receiver);
    }

    [Theory]
    [InlineData("_exit(4);", 4)]
    [InlineData("signal(SIGABRT, SIG_DFL); abort();", 134)]
    [InlineData("execl(\"/bin/false\", \"false\", (char *)0);", 1)]
    public async Task An_end_that_no_handler_sees_sends_none(string statement, int code)
    {
        string program = shim.Compile($$"""
            #include <signal.h>
            #include <stdlib.h>
            #include <sys/resource.h>
            #include <unistd.h>
            int main(void) { struct rlimit none = {0, 0}; setrlimit(RLIMIT_CORE, &none); unsetenv("LD_PRELOAD"); {{statement}} }
            """);
        Assert.Equal(code, Tracking.Run(Library, _receiver, program, []).ExitCode);
        await _receiver.ProcessAsync();

        await Tracking.NothingWasSentAsync(shim.Udp, _receiver);
    }

    [Fact]
    public async Task With_musl_the_end_comes_without_an_exit_code()
    {
        string program = shim.Compile("int main(void) { return 6; }", "musl-gcc");
        Assert.Equal(6, Tracking.Run(Library, _receiver, program, []).ExitCode);
        ProcessInfo start = await _receiver.ProcessAsync();
        ProcessEnd end = await _receiver.EndAsync();

        Assert.Equal((start.Pid, start.StartTicks), (end.Pid, end.StartTicks));
        Assert.False(end.HasExitCode);
    }

    [Fact]
    public async Task A_program_may_have_an_on_exit_of_its_own()
    {
        string program = shim.Compile("#include <stdlib.h>\nint on_exit(void (*f)(int, void *), void *a) { (void)f; (void)a; abort(); }\nint main(void) { return 9; }", "gcc", "-rdynamic", "-w");
        Assert.Equal(9, Tracking.Run(Library, _receiver, program, []).ExitCode);
        await _receiver.ProcessAsync();

        Assert.Equal(9, (await _receiver.EndAsync()).ExitCode);
    }

    [Theory]
    [InlineData("confine(SYS_socket, SECCOMP_RET_KILL_PROCESS);")]
    [InlineData("confine(SYS_socket, SECCOMP_RET_TRAP);")]
    [InlineData("confine(SYS_prctl, SECCOMP_RET_KILL_PROCESS);")]
    [InlineData("confine(SYS_getpid, SECCOMP_RET_KILL_PROCESS);")]
    [InlineData("confine(SYS_openat, SECCOMP_RET_ERRNO | 1);")]
    [InlineData("if (chroot(\"/var/empty\") && chroot(\"/proc/self/fdinfo\")) return 0;")]
    [InlineData("struct rlimit none = {0, 0}; setrlimit(RLIMIT_NOFILE, &none);")]
    public async Task A_program_that_has_confined_itself_ends_as_it_would_and_sends_none(string statement)
    {
        Command.RequireRoot();
        string program = shim.Compile(SeccompFilter.Function + $$"""
            #include <stdio.h>
            #include <sys/resource.h>
            int main(void) { (void)confine; {{statement}} printf("not flushed yet"); return 8; }
            """, "gcc", "-w");
        CommandResult result = Tracking.Run(Library, _receiver, program, []);
        await _receiver.ProcessAsync();

        Assert.Equal((8, "not flushed yet"), (result.ExitCode, result.Text));
        await Tracking.NothingWasSentAsync(shim.Udp, _receiver);
    }

    [Fact]
    public async Task Closed_descriptors_stay_closed_and_the_end_is_sent()
    {
        string program = shim.Compile("""
            #include <unistd.h>
            int main(void) { for (int fd = 0; fd < 1024; fd++) close(fd); return 2; }
            """);
        Assert.Equal(2, Tracking.Run(Library, _receiver, program, []).ExitCode);
        await _receiver.ProcessAsync();

        Assert.Equal(2, (await _receiver.EndAsync()).ExitCode);
    }

    [Fact]
    public async Task A_server_that_has_gone_meanwhile_changes_nothing()
    {
        FrameReceiver gone = FrameReceiver.Tcp();
        using System.Diagnostics.Process cat = Tracking.StartCat(OverTcp, gone);
        await gone.ProcessAsync();
        gone.Dispose();
        cat.StandardInput.Close();
        CommandResult result = Command.Finish(cat);

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
    }

    [Fact]
    public async Task It_goes_by_TCP_where_the_start_did()
    {
        using FrameReceiver connections = FrameReceiver.Tcp();
        Tracking.Run(OverTcp, connections, "/bin/false", []);
        byte[][] frames = [await connections.FrameAsync(), await connections.FrameAsync()]; // in any order
        ProcessEnd end = FrameReceiver.End(frames.Single(frame => frame[3] == 16));

        Assert.Equal(1, end.ExitCode);
        Assert.Equal(ProcessInfo.Parser.ParseFrom(FrameReceiver.Payload(frames.Single(frame => frame[3] == 12))).StartTicks, end.StartTicks);
    }
}
