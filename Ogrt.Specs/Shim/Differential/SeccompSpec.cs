namespace Ogrt.Specs.Shim.Differential;

/// <summary>
/// Programs under seccomp do the same with and without the library: a system call that a filter does not know would end
/// them. The filter is there when they start, or they put it there themselves and then end.
/// </summary>
[Collection(DifferentialCollection.Name)]
public sealed class SeccompSpec(LaboratoryFixture laboratory)
{
    private const string _kill = "SECCOMP_RET_KILL_PROCESS";
    private const string _killThread = "SECCOMP_RET_KILL_THREAD";
    private const string _trap = "SECCOMP_RET_TRAP";
    private const string _refuse = "SECCOMP_RET_ERRNO | EPERM";

    // To print a line and to end.
    private const string _needed = "SYS_write, SYS_exit_group, SYS_brk, SYS_mmap, SYS_munmap, SYS_newfstatat, SYS_fstat, SYS_getrandom, SYS_rt_sigreturn";

    private const string _headers = """
        #define _GNU_SOURCE
        #include <errno.h>
        #include <linux/filter.h>
        #include <linux/seccomp.h>
        #include <stddef.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <sys/prctl.h>
        #include <sys/syscall.h>
        #include <unistd.h>
        static const int listed[] = {LISTED};
        enum { COUNT = sizeof listed / sizeof *listed };
        static void confine(void) {
            struct sock_filter code[COUNT + 3];
            code[0] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
            for (int i = 0; i < COUNT; i++)
                code[i + 1] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, listed[i], COUNT - i, 0);
            code[COUNT + 1] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, OTHERS);
            code[COUNT + 2] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, THESE);
            struct sock_fprog program = {COUNT + 3, code};
            prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
            if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
                _exit(98);
        }

        """;

    [Theory]
    [InlineData("SYS_socket", _kill)]
    [InlineData("SYS_socket", _killThread)]
    [InlineData("SYS_socket", _trap)]
    [InlineData("SYS_socket", _refuse)]
    [InlineData("SYS_connect, SYS_sendto", _kill)]
    [InlineData("SYS_statx, SYS_readlinkat, SYS_getcwd, SYS_uname", _kill)]
    [InlineData("SYS_getppid, SYS_getrusage, SYS_ppoll, SYS_fcntl", _kill)]
    public void A_program_that_starts_under_a_filter_does_the_same(string calls, string action) =>
        Same(calls, action, "SECCOMP_RET_ALLOW", "if (argc > 1) { puts(\"confined\"); return 3; } confine(); execl(\"/proc/self/exe\", \"x\", \"again\", (char *)0); return 99;");

    [Theory]
    [InlineData("SYS_socket", _kill)]
    [InlineData("SYS_socket", _trap)]
    [InlineData("SYS_socket", _refuse)]
    [InlineData("SYS_connect, SYS_sendto", _kill)]
    [InlineData("SYS_getpid, SYS_getppid, SYS_gettid, SYS_clock_gettime, SYS_getrusage", _kill)]
    public void A_program_that_confines_itself_and_then_ends_does_the_same(string calls, string action) =>
        Same(calls, action, "SECCOMP_RET_ALLOW", "(void)argc; confine(); puts(\"confined\"); return 3;");

    // Not where the library is told to report the end as well: it has to ask the kernel whether there is a filter, and a
    // filter that kills for asking cannot be seen otherwise. That is off by default, and the pages say so.
    [Theory]
    [InlineData("SYS_openat, SYS_read, SYS_close", _kill, "SECCOMP_RET_ALLOW")]
    [InlineData(_needed, "SECCOMP_RET_ALLOW", _kill)]
    [InlineData(_needed, "SECCOMP_RET_ALLOW", _killThread)]
    [InlineData(_needed, "SECCOMP_RET_ALLOW", _trap)]
    public void A_program_that_allows_itself_only_what_it_needs_does_the_same_by_default(string calls, string these, string others) =>
        Same(calls, these, others, "(void)argc; confine(); puts(\"confined\"); return 3;", mode => mode.World.State.StartsWith("up", StringComparison.Ordinal) && !mode.ReportsEnd);

    [Fact]
    public void A_program_that_is_refused_all_that_it_does_not_need_does_the_same() =>
        Same(_needed, "SECCOMP_RET_ALLOW", _refuse, "(void)argc; confine(); puts(\"confined\"); return 3;");

    [Theory]
    [InlineData("write(1, \"x\", 1); syscall(SYS_exit, 3);", "end with exit code 3")]
    [InlineData("write(1, \"x\", 1); return 3;", "end by signal 9")]
    [InlineData("getpid(); return 3;", "end by signal 9")]
    public void A_program_in_strict_mode_does_the_same(string body, string end) =>
        Same("SYS_socket", _kill, "SECCOMP_RET_ALLOW", "(void)argc; prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT); " + body, end: end);

    private void Same(string calls, string these, string others, string body, Func<Mode, bool>? modes = null, string end = "end with exit code 3")
    {
        Laboratory here = laboratory.Get();
        Subject program = Subject.Of(laboratory.Shim.Compile(
            $"{_headers}int main(int argc, char **argv) {{ (void)argv; (void)confine; {body} }}", "gcc", "-w", $"-DLISTED={calls}", $"-DTHESE={these}", $"-DOTHERS={others}"));
        Assert.Equal(end, here.Run(program, here.Plain)[Outcome.End]);
        Verdict verdict = here.Compare(program, here.Modes.Where(modes ?? (_ => true)));

        Assert.True(verdict.Kind is VerdictKind.Same, verdict.Kind + ": " + verdict);
        Assert.True(verdict.Loaded > 0, "the library was not in the program");
    }
}
