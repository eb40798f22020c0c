namespace Ogrt.Specs.Shim;

/// <summary>A C program that puts itself under a seccomp filter and executes the rest of its arguments, and the function
/// that does so for other programs.</summary>
internal static class SeccompFilter
{
    /// <summary>Declares <c>void confine(long call, unsigned action)</c>: the action for one system call, all others
    /// allowed. It is installed by raw system calls, as libseccomp does where prctl is what is filtered.</summary>
    public const string Function = """
        #define _GNU_SOURCE
        #include <linux/filter.h>
        #include <linux/seccomp.h>
        #include <stddef.h>
        #include <stdlib.h>
        #include <sys/prctl.h>
        #include <sys/syscall.h>
        #include <unistd.h>
        static void confine(long call, unsigned action) {
            struct sock_filter code[] = {
                BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
                BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)call, 0, 1),
                BPF_STMT(BPF_RET | BPF_K, action),
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
            struct sock_fprog program = {4, code};
            if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program))
                exit(98);
        }

        """;

    /// <summary>usage: guard CALL ACTION PROGRAM ARGUMENT…</summary>
    public const string Guard = Function + """
        int main(int argc, char **argv) {
            if (argc < 4) return 97;
            confine(atol(argv[1]), (unsigned)strtoul(argv[2], 0, 0));
            return execvp(argv[3], argv + 3), 99;
        }
        """;

    public const string KillProcess = "0x80000000";
    public const string Trap = "0x00030000";
    public const string RefuseWithEperm = "0x00050001";
    public const string Allow = "0x7fff0000";

    /// <summary>The number of a system call on this machine.</summary>
    public static string Number(string call) => (call, System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture) switch
    {
        ("socket", System.Runtime.InteropServices.Architecture.X64) => "41",
        ("prctl", System.Runtime.InteropServices.Architecture.X64) => "157",
        ("statx", System.Runtime.InteropServices.Architecture.X64) => "332",
        ("socket", _) => "198",
        ("prctl", _) => "167",
        ("statx", _) => "291",
        _ => throw new ArgumentOutOfRangeException(nameof(call)),
    };
}
