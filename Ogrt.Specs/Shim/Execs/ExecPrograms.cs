using Ogrt.Wire.Protocol;

namespace Ogrt.Specs.Shim.Execs;

/// <summary>The library that reports static programs, a static program, and one that starts it in every way there is.</summary>
internal static class ExecPrograms
{
    /// <summary>Prints its arguments and the variable GIVEN, and ends with 7.</summary>
    private const string _told = """
        #include <stdio.h>
        #include <stdlib.h>
        int main(int argc, char **argv) {
            const char *given = getenv("GIVEN");
            for (int i = 0; i < argc; i++) printf("%s\n", argv[i]);
            printf("GIVEN=%s\n", given ? given : "nothing");
            return 7;
        }
        """;

    // caller FUNCTION MODE PROGRAM
    private const string _caller = """
        #define _GNU_SOURCE
        #include <errno.h>
        #include <fcntl.h>
        #include <pthread.h>
        #include <signal.h>
        #include <spawn.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        #include <sys/auxv.h>
        #include <sys/mman.h>
        #include <sys/wait.h>
        #include <unistd.h>
        extern char **environ;
        static const char *function, *program;
        static char *given[1000];

        static int is(const char *name) { return strcmp(function, name) == 0; }

        static int spawn(int search, const char *path, char **v) {
            pid_t child;
            int status;
            int error = search ? posix_spawnp(&child, path, 0, 0, v, given) : posix_spawn(&child, path, 0, 0, v, given);
            if (error) { errno = error; return -1; }
            while (waitpid(child, &status, 0) != child);
            _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 98);
        }

        static int call(void) {
            char *v[] = {(char *)program, "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", 0};
            const char *slash = strrchr(program, '/'), *name = slash ? slash + 1 : program;
            int fd;
            if (is("execve")) return execve(program, v, given);
            if (is("execv")) return execv(program, v);
            if (is("execvp")) return execvp(name, v);
            if (is("execvpe")) return execvpe(name, v, given);
            if (is("execl")) return execl(program, program, "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", (char *)0);
            if (is("execlp")) return execlp(name, program, "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", (char *)0);
            if (is("execle")) return execle(program, program, "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", (char *)0, given);
            if (is("fexecve")) return (fd = open(program, O_RDONLY | O_CLOEXEC)) < 0 ? -1 : fexecve(fd, v, given);
        #ifdef AT_EMPTY_PATH
            if (is("execveat")) return execveat(AT_FDCWD, program, v, given, 0);
            if (is("execveat-folder")) {
                char folder[512];
                snprintf(folder, sizeof folder, "%.*s", (int)(slash - program), program);
                return (fd = open(folder, O_PATH | O_DIRECTORY)) < 0 ? -1 : execveat(fd, name, v, given, 0);
            }
            if (is("execveat-descriptor")) return (fd = open(program, O_PATH)) < 0 ? -1 : execveat(fd, "", v, given, AT_EMPTY_PATH);
        #endif
            if (is("posix_spawn")) return spawn(0, program, v);
            if (is("posix_spawnp")) return spawn(1, name, v);
            _exit(97);
        }

        static void *call_or_say(void *nothing) {
            call();
            int error = errno;
            fprintf(stderr, "errno %d\n", error);
            fflush(stderr);
            _exit(99);
            return nothing;
        }

        static void handler(int signal) { (void)signal; call_or_say(0); }

        int main(int argc, char **argv) {
            int count = 0, status;
            function = argv[1];
            program = argv[3];
            for (; environ[count]; count++) given[count] = environ[count];
            given[count] = "GIVEN=this";
            char mode = argc > 2 ? *argv[2] : 0;
            if (mode == 'p') call_or_say(0);
            if (mode == 'f' || mode == 'v') {
                pid_t child = mode == 'f' ? fork() : vfork();
                if (child == 0) call_or_say(0);
                while (waitpid(child, &status, 0) != child);
                return WIFEXITED(status) ? WEXITSTATUS(status) : 96;
            }
            if (mode == 't') {
                pthread_t thread;
                pthread_attr_t attributes;
                pthread_attr_init(&attributes);
                pthread_attr_setstacksize(&attributes, 16384);
                if (pthread_create(&thread, &attributes, call_or_say, 0)) return 95;
                pthread_join(thread, 0);
            }
            if (mode == 'h') {
                /* What the kernel needs for the frame (AT_MINSIGSTKSZ), 5 KiB for the handler, and below a page that may not be touched. */
                size_t size = (getauxval(51) ? getauxval(51) : 2048) + 5120;
        #ifndef __GLIBC__
                size += 8192; /* the posix_spawn of musl alone takes more than 5 */
        #endif
                char *alternate = mmap(0, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
                stack_t stack = {.ss_sp = alternate + 4096, .ss_size = size};
                if (mprotect(alternate, 4096, PROT_NONE)) return 92;
                struct sigaction action = {.sa_handler = handler, .sa_flags = SA_ONSTACK};
                if (sigaltstack(&stack, 0) || sigaction(SIGUSR1, &action, 0)) return 94;
                raise(SIGUSR1);
            }
            return 93;
        }
        """;

    /// <summary>Every function of the family. Those that take a name find it along PATH.</summary>
    public static readonly string[] Functions =
    [
        "execve", "execv", "execvp", "execvpe", "execl", "execlp", "execle", "fexecve", "execveat", "execveat-folder",
        "execveat-descriptor", "posix_spawn", "posix_spawnp",
    ];

    /// <summary>From the program itself, a child of fork and of vfork, a thread with a stack of 16 KiB, and a signal handler
    /// with 5 KiB.</summary>
    public static readonly string[] Modes = ["plainly", "fork", "vfork", "thread", "handler"];

    /// <summary>Sends by TCP, with the whole environment.</summary>
    public static string Library(ShimFixture shim) =>
        shim.Library("--allow-server-env", "--msg-send-environment=yes", "--report-static=yes");

    /// <summary>The next records in the order in which they were written: each comes by a connection of its own.</summary>
    public static async Task<ProcessInfo[]> InOrderAsync(FrameReceiver receiver, int count)
    {
        var sent = new List<ProcessInfo>();
        while (sent.Count < count)
            sent.Add(await receiver.ProcessAsync());
        return [.. sent.OrderBy(process => process.TimeNs)];
    }

    public static ProcessFlags Flags(ProcessInfo sent) => (ProcessFlags)sent.Flags & ~ProcessFlags.InContainer;

    public static string Static(ShimFixture shim) => shim.Compile(_told, "gcc", "-static", "-Wl,--build-id=0x0123456789abcdef0123");

    public static string Dynamic(ShimFixture shim) => shim.Compile(_told);

    public static string Caller(ShimFixture shim, string compiler = "gcc", params string[] flags)
    {
        if (compiler != "gcc")
            Command.Require(compiler);
        return shim.Compile(compiler == "gcc" ? _caller : _caller.Replace("AT_EMPTY_PATH", "NO_EXECVEAT", StringComparison.Ordinal), compiler, ["-pthread", "-Wl,-z,now", .. flags]);
    }
}
