namespace Ogrt.Specs.Shim.Differential;

/// <summary>The differential run finds what a preload library must not do: libraries that do it are put in the place of ours.</summary>
[Collection(DifferentialCollection.Name)]
public sealed class FindingSpec(LaboratoryFixture laboratory)
{
    private const string _start = """
        #define _GNU_SOURCE
        #include <errno.h>
        #include <fcntl.h>
        #include <fenv.h>
        #include <pthread.h>
        #include <signal.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        #include <sys/prctl.h>
        #include <sys/resource.h>
        #include <sys/stat.h>
        #include <unistd.h>
        static void *wait(void *none) { pause(); return none; }
        static void handle(int signal) { (void)signal; }
        static void end(void) { _exit(3); }
        __attribute__((constructor)) static void start(void) {
            (void)wait, (void)handle, (void)end;

        """;

    [Theory]
    [InlineData("open(\"/dev/null\", O_RDONLY);", Outcome.Start)]
    [InlineData("fcntl(1, F_SETFD, FD_CLOEXEC);", Outcome.Start)]
    [InlineData("fcntl(1, F_SETFL, O_NONBLOCK | O_WRONLY);", Outcome.Start)]
    [InlineData("close(0);", Outcome.Start)]
    [InlineData("errno = EBADF;", Outcome.Start)]
    [InlineData("setenv(\"OGRT_WAS_HERE\", \"1\", 1);", Outcome.Output)]
    [InlineData("unsetenv(\"HOME\");", Outcome.Output)]
    [InlineData("strcpy(getenv(\"HOME\"), \"/TMP\");", Outcome.Start)]
    [InlineData("signal(SIGUSR1, handle);", Outcome.Start)]
    [InlineData("signal(SIGPIPE, SIG_IGN);", Outcome.Start)]
    [InlineData("sigset_t set; sigemptyset(&set); sigaddset(&set, SIGTERM); sigprocmask(SIG_BLOCK, &set, 0);", Outcome.Start)]
    [InlineData("pthread_t thread; pthread_create(&thread, 0, wait, 0);", Outcome.Start)]
    [InlineData("struct rlimit limit = {64, 64}; setrlimit(RLIMIT_NOFILE, &limit);", Outcome.Start)]
    [InlineData("umask(0);", Outcome.Start)]
    [InlineData("free(malloc(10000000)), malloc(1000000000), sbrk(1 << 20);", Outcome.Start)]
    [InlineData("prctl(PR_SET_NAME, \"tracked\");", Outcome.Start)]
    [InlineData("fesetround(FE_UPWARD); ", Outcome.Start)]
    [InlineData("close(open(\"/tmp/work/trace\", O_CREAT | O_WRONLY, 0600));", Outcome.Files)]
    [InlineData("write(1, \"x\", 1);", Outcome.Output)]
    [InlineData("write(2, \"x\", 1);", Outcome.Error)]
    [InlineData("atexit(end);", Outcome.End)]
    [InlineData("if (!fork()) { sleep(30); _exit(0); }", Outcome.End)]
    [InlineData("if (!fork()) for (;;) pause();", Outcome.End)]
    public void A_library_that_changes_something_is_found(string sabotage, string facet)
    {
        Laboratory here = laboratory.Get();
        string library = laboratory.Shim.Compile(_start + sabotage + "\n}", "gcc", "-shared", "-fPIC", "-w", "-lm");
        Verdict verdict = here.Compare(new Subject("/usr/bin/env"), [here.Up with { Library = library, Active = false }]);

        Assert.Equal(VerdictKind.Different, verdict.Kind);
        Assert.Contains(verdict.Differences, difference => difference.Facet == facet);
    }

    [Fact]
    public void A_library_that_does_nothing_is_not()
    {
        Laboratory here = laboratory.Get();
        string library = laboratory.Shim.Compile(_start + "}", "gcc", "-shared", "-fPIC", "-w");
        Verdict verdict = here.Compare(new Subject("/usr/bin/printenv", "HOME"), [here.Up with { Library = library }]);

        Assert.Equal(VerdictKind.Same, verdict.Kind);
        Assert.Equal(1, verdict.Loaded);
    }

    [Fact]
    public void A_program_that_prints_the_preload_variable_is_told_from_one_that_the_library_changes()
    {
        Laboratory here = laboratory.Get();
        Verdict verdict = here.Compare(new Subject("/usr/bin/printenv", "LD_PRELOAD"), [here.Up]);

        Assert.Equal(VerdictKind.ShowsPreload, verdict.Kind);
    }

    [Fact]
    public void A_program_that_differs_from_itself_is_told_from_one_that_the_library_changes()
    {
        Laboratory here = laboratory.Get();
        Verdict verdict = here.Compare(new Subject("/bin/sh", "-c", "cat /proc/sys/kernel/random/uuid"), [here.Up]);

        Assert.Equal(VerdictKind.NotDeterministic, verdict.Kind);
    }

    [Theory]
    [InlineData("up", "sent by tcp")]
    [InlineData("up-udp", "sent by udp")]
    [InlineData("down", "not sent: error 111")]
    [InlineData("full", "not sent: error 110")]
    [InlineData("silent", "not sent: error 110")]
    public void The_servers_are_in_the_states_that_they_should_be_in(string state, string said)
    {
        Laboratory here = laboratory.Get();
        Mode mode = here.Modes.First(mode => mode.Active && mode.World.State == state);
        Outcome outcome = here.Run(new Subject("/usr/bin/env", "OGRT_DEBUG_INFO=1", "/bin/true"), mode);

        Assert.Contains(said, outcome[Outcome.Error], StringComparison.Ordinal);
    }
}
