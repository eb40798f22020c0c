namespace Ogrt.Specs.Shim.Differential;

/// <summary>
/// Programs that do unusual things to their own process do the same with and without the library, in all states of the server.
/// Each prints what it sees.
/// </summary>
[Collection(DifferentialCollection.Name)]
public sealed class OddProgramSpec(LaboratoryFixture laboratory)
{
    private const string _headers = """
        #define _GNU_SOURCE
        #include <dirent.h>
        #include <dlfcn.h>
        #include <errno.h>
        #include <fcntl.h>
        #include <pthread.h>
        #include <sched.h>
        #include <signal.h>
        #include <spawn.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        #include <sys/mman.h>
        #include <sys/prctl.h>
        #include <sys/resource.h>
        #include <sys/syscall.h>
        #include <sys/wait.h>
        #include <unistd.h>
        extern char **environ;
        static void run(const char *command) { fflush(0); if (system(command) == -1) abort(); }
        static void *sleeper(void *none) { for (;;) pause(); return none; }
        static void at_end(void) { puts("at exit"); fflush(0); }

        """;

    [Theory]
    [InlineData("closefrom", "for (int i = 0; i < 1024; i++) if (close(i) == 0 && i > 2) return i; return open(\"/dev/null\", O_RDONLY);")]
    [InlineData("close_range", "if (close_range(0, ~0U, 0)) return 1; return open(\"/dev/null\", O_RDONLY) + socket(1, 1, 0);")]
    [InlineData("streams closed", "if (argc > 1) { int fd = open(\"/dev/null\", O_RDWR); write(fd, \"x\", 1); return fd; } for (int i = 0; i < 3; i++) close(i); execl(\"/proc/self/exe\", \"x\", \"again\", (char *)0); return 99;")]
    [InlineData("input closed", "if (argc > 1) return open(\"/etc/passwd\", O_RDONLY); close(0); execl(\"/proc/self/exe\", \"x\", \"again\", (char *)0); return 99;")]
    [InlineData("error closed", "if (argc > 1) { fprintf(stderr, \"nobody reads this\\n\"); return open(\"/tmp/work/error\", O_CREAT | O_RDWR, 0600); } close(2); execl(\"/proc/self/exe\", \"x\", \"again\", (char *)0); return 99;")]
    [InlineData("no descriptors", "if (argc > 1) return dup(0) + 1; struct rlimit limit = {3, 3}; setrlimit(RLIMIT_NOFILE, &limit); execl(\"/proc/self/exe\", \"x\", \"again\", (char *)0); return 99;")]
    [InlineData("one descriptor", "if (argc > 1) return dup(0) + 1; struct rlimit limit = {4, 4}; setrlimit(RLIMIT_NOFILE, &limit); execl(\"/proc/self/exe\", \"x\", \"again\", (char *)0); return 99;")]
    [InlineData("little stack", "if (argc > 1) return 3; struct rlimit limit = {1 << 17, 1 << 17}; setrlimit(RLIMIT_STACK, &limit); environ[1] = 0; execl(\"/proc/self/exe\", \"x\", \"again\", (char *)0); return 99;")]
    [InlineData("little memory", "if (argc > 1) return 3; struct rlimit limit = {16 << 20, 16 << 20}; setrlimit(RLIMIT_AS, &limit); execl(\"/proc/self/exe\", \"x\", \"again\", (char *)0); return 99;")]
    [InlineData("no file may grow", "if (argc > 1) return 3; struct rlimit limit = {0, 0}; setrlimit(RLIMIT_FSIZE, &limit); execl(\"/proc/self/exe\", \"x\", \"again\", (char *)0); return 99;")]
    [InlineData("signals pending and blocked", "sigset_t set; if (argc > 1) { sigpending(&set); return sigismember(&set, SIGTERM) + 2 * sigismember(&set, SIGPIPE); } sigfillset(&set); sigprocmask(SIG_BLOCK, &set, 0); raise(SIGTERM); execl(\"/proc/self/exe\", \"x\", \"again\", (char *)0); return 99;")]
    [InlineData("an alarm before main", "if (argc > 1) { pause(); return 1; } alarm(1); execl(\"/proc/self/exe\", \"x\", \"again\", (char *)0); return 99;")]
    [InlineData("argc 0", "char *none[] = {0}; if (argc == 0 || !argv[0][0]) return 3; execve(\"/proc/self/exe\", none, environ); return 99;")]
    [InlineData("environment NULL", "if (argc > 1) return environ && environ[0] ? 4 : 3; char *v[] = {\"x\", \"again\", 0}; syscall(SYS_execve, \"/proc/self/exe\", v, 0); return 99;")]
    [InlineData("2 MB of arguments", "if (argc > 2) { size_t sum = 0; for (int i = 0; i < argc; i++) sum += strlen(argv[i]); printf(\"%d %zu\\n\", argc, sum); return 3; } struct rlimit limit = {64 << 20, 64 << 20}; setrlimit(RLIMIT_STACK, &limit); static char *v[20002]; char *text = malloc(101); memset(text, 'a', 100); text[100] = 0; for (int i = 0; i < 20000; i++) v[i] = text; execv(\"/proc/self/exe\", v); return 99;")]
    [InlineData("an argument of 128 KB", "if (argc > 1) { printf(\"%zu\\n\", strlen(argv[1])); return 3; } char *text = malloc(131072); memset(text, 'a', 131071); text[131071] = 0; execl(\"/proc/self/exe\", \"x\", text, (char *)0); return 99;")]
    [InlineData("setproctitle", "char *from = argv[0], *to = environ[0]; for (int i = 0; environ[i]; i++) to = environ[i] + strlen(environ[i]); clearenv(); memset(from, 't', to - from); run(\"tr -d '\\\\0' </proc/$PPID/cmdline; env | grep -v -e ^PWD -e ^_ -e OLDPWD\"); return 3;")]
    [InlineData("clearenv", "clearenv(); setenv(\"A\", \"b\", 1); run(\"env | grep ^A\"); return 3;")]
    [InlineData("vfork", "int status; pid_t pid = vfork(); if (pid == 0) { execl(\"/bin/sh\", \"sh\", \"-c\", \"exit 5\", (char *)0); _exit(1); } waitpid(pid, &status, 0); return WEXITSTATUS(status);")]
    [InlineData("vfork that fails", "int status; pid_t pid = vfork(); if (pid == 0) { execl(\"/does/not/exist\", \"x\", (char *)0); _exit(errno); } waitpid(pid, &status, 0); return WEXITSTATUS(status);")]
    [InlineData("posix_spawn", "int status; pid_t pid; char *v[] = {\"sh\", \"-c\", \"ls /proc/self/fd; exit 6\", 0}; if (posix_spawnp(&pid, v[0], 0, 0, v, environ)) return 1; waitpid(pid, &status, 0); return WEXITSTATUS(status);")]
    [InlineData("fork without exec", "puts(\"once\"); fflush(0); int status; pid_t pid = fork(); if (pid == 0) exit(7); waitpid(pid, &status, 0); return WEXITSTATUS(status);")]
    [InlineData("buffered output and fork", "printf(\"buffered \"); int status; pid_t pid = fork(); if (pid == 0) exit(7); waitpid(pid, &status, 0); return WEXITSTATUS(status);")]
    [InlineData("exit with threads", "pthread_t t; for (int i = 0; i < 8; i++) pthread_create(&t, 0, sleeper, 0); atexit(at_end); exit(3);")]
    [InlineData("exit of the first thread", "pthread_t t; pthread_create(&t, 0, (void *(*)(void *))(void *)at_end, 0); atexit(at_end); pthread_exit(0);")]
    [InlineData("_exit", "atexit(at_end); _exit(3);")]
    [InlineData("quick_exit", "at_quick_exit(at_end); quick_exit(3);")]
    [InlineData("abort", "atexit(at_end); abort();")]
    [InlineData("crash", "*(volatile int *)16 = 1; return 0;")]
    [InlineData("end by a signal", "raise(SIGTERM); return 0;")]
    [InlineData("stack overflow", "volatile char big[1 << 24]; for (int i = sizeof big - 1; i >= 0; i -= 4096) big[i] = 1; return 0;")]
    [InlineData("dlopen", "void *m = dlopen(\"libm.so.6\", RTLD_NOW); double (*f)(double) = (double (*)(double))dlsym(m, \"sqrt\"); printf(\"%g\\n\", f(49)); return dlclose(m);")]
    [InlineData("dlmopen", "void *m = dlmopen(LM_ID_NEWLM, \"libm.so.6\", RTLD_NOW); double (*f)(double) = (double (*)(double))dlsym(m, \"sqrt\"); printf(\"%g\\n\", f(49)); return dlclose(m);")]
    [InlineData("dlsym next", "void *f = dlsym(RTLD_NEXT, \"write\"), *g = dlsym(RTLD_DEFAULT, \"ogrt\"), *h = dlsym(RTLD_DEFAULT, \"start\"); return (f != 0) + 2 * (g != 0) + 4 * (h != 0);")]
    [InlineData("mlockall", "if (argc > 1) return 3; mlockall(MCL_CURRENT | MCL_FUTURE); execl(\"/proc/self/exe\", \"x\", \"again\", (char *)0); return 99;")]
    [InlineData("a child that outlives", "fflush(0); if (fork() == 0) { usleep(50000); write(1, \"late\\n\", 5); _exit(0); } return 3;")]
    [InlineData("not dumpable", "prctl(PR_SET_DUMPABLE, 0); run(\"echo child\"); return 3;")]
    [InlineData("child subreaper", "prctl(PR_SET_CHILD_SUBREAPER, 1); run(\"sh -c 'sleep 0.2 & exit 0'\"); int n = 0; while (wait(0) > 0) n++; return n;")]
    [InlineData("namespace of its own", "unshare(CLONE_NEWUSER | CLONE_NEWNET); if (argc > 1) return 3; execl(\"/proc/self/exe\", \"x\", \"again\", (char *)0); return 99;")]
    public void A_program_does_the_same(string name, string body) =>
        Same(laboratory.Shim.Compile($"{_headers}int main(int argc, char **argv) {{ /* {name} */ (void)argc, (void)argv; {body} }}", "gcc", "-pthread", "-w"));

    [Theory]
    [InlineData("exec", "execl(\"/bin/echo\", \"echo\", \"from a destructor\", (char *)0);")]
    [InlineData("fork", "if (fork() == 0) _exit(1); wait(0); puts(\"done\"); fflush(0);")]
    [InlineData("_exit", "_exit(5);")]
    [InlineData("a signal", "raise(SIGUSR1);")]
    [InlineData("a thread", "pthread_t t; pthread_create(&t, 0, sleeper, 0);")]
    [InlineData("all descriptors closed", "close_range(0, ~0U, 0);")]
    public void A_program_does_the_same_with_a_destructor_that_does(string name, string body) =>
        Same(laboratory.Shim.Compile($"{_headers}__attribute__((destructor)) static void end(void) {{ /* {name} */ {body} }} int main(void) {{ return 3; }}", "gcc", "-pthread", "-w"));

    [Theory]
    [InlineData("gcc", "-static")]
    [InlineData("gcc", "-static-pie")]
    [InlineData("gcc", "-no-pie")]
    [InlineData("gcc", "-pie", "-Wl,-z,now")]
    [InlineData("gcc", "-Wl,--hash-style=sysv")]
    [InlineData("gcc", "-Wl,-z,separate-code", "-Wl,-z,max-page-size=2097152")]
    [InlineData("musl-gcc", "-O")]
    [InlineData("clang", "-fsanitize=address")]
    [InlineData("clang", "-fsanitize=undefined")]
    [InlineData("g++", "-x", "c++")]
    public void A_program_does_the_same_when_it_was_built_with(string compiler, params string[] flags)
    {
        const string source = """
            #include <stdio.h>
            #include <stdlib.h>
            #include <unistd.h>
            int main(int argc, char **argv) {
                char *text = (char *)malloc(100);
                snprintf(text, 100, "%d arguments", argc);
                puts(text);
                free(text);
                return argv[argc] ? 4 : 3;
            }
            """;
        Same(laboratory.Shim.Compile(source, compiler, [.. flags, "-w"]), mayBeStatic: true);
    }

    // Its runtime maps a file for the constants of each library, which is a difference at the start.
    [Fact]
    public void A_program_under_the_thread_sanitizer_does_the_same()
    {
        Laboratory here = laboratory.Get();
        Subject subject = Subject.Of(laboratory.Shim.Compile("#include <stdio.h>\nint main(void) { puts(\"checked\"); return 3; }", "clang", "-fsanitize=thread"));
        Verdict verdict = here.Compare(subject, here.Modes);

        Assert.DoesNotContain(verdict.Differences, difference => difference.Facet != Outcome.Start || !difference.With.Contains("tsan.rodata", StringComparison.Ordinal));
    }

    [Fact]
    public void A_dynamic_program_without_a_C_library_does_the_same() => Same(laboratory.Shim.Compile("""
        static long call(long n, long a, long b, long c) {
            long r;
            __asm__ volatile("syscall" : "=a"(r) : "a"(n), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
            return r;
        }
        void _start(void) { call(1, 1, (long)"hello\n", 6); call(231, 3, 0, 0); }
        """, "gcc", "-nostdlib", "-ffreestanding", "-fno-stack-protector", "-pie", "-fPIE", "-Wl,-dynamic-linker,/lib64/ld-linux-x86-64.so.2", "-Wl,--no-as-needed"));

    [Fact]
    public void A_set_user_id_program_does_the_same()
    {
        string setpriv = Path.Combine("/usr/bin", Command.Require("setpriv"));
        string program = laboratory.Shim.Compile(_headers + "int main(void) { printf(\"%d %d %s\\n\", getuid(), geteuid(), getenv(\"LD_PRELOAD\")); run(\"id -u\"); return 3; }", "gcc", "-w");
        Command.Run("chmod", "4755", program).Succeeded();
        Same(new Subject(setpriv, "--reuid=65534", "--clear-groups", Subject.ShownPath) { Shown = program });
    }

    [Fact]
    public void Ten_thousand_short_processes_are_all_reported()
    {
        const int count = 10_000;
        Laboratory here = laboratory.Get();
        string program = laboratory.Shim.Compile($$"""
            {{_headers}}
            int main(void) {
                int status;
                char *v[] = {"true", 0};
                for (int i = 0; i < {{count}}; i++) {
                    pid_t pid = vfork();
                    if (pid == 0) {
                        execve("/bin/true", v, environ);
                        _exit(99);
                    }
                    if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
                        return 1;
                }
                return 3;
            }
            """, "gcc", "-w");
        long before = here.RecordsByTcp;
        Outcome outcome = here.Run(Subject.Of(program), here.Up, limit: 300);

        Assert.Equal("end with exit code 3", outcome[Outcome.End]);
        Assert.True(SpinWait.SpinUntil(() => here.RecordsByTcp - before >= count + 1, TimeSpan.FromSeconds(60)), $"{here.RecordsByTcp - before} records");
    }

    private void Same(string program, bool mayBeStatic = false) => Same(Subject.Of(program), mayBeStatic);

    private void Same(Subject subject, bool mayBeStatic = false)
    {
        Laboratory here = laboratory.Get();
        Verdict verdict = here.Compare(subject, here.Modes);

        // Where no descriptor is left, the dynamic linker says that it cannot preload, whatever it is.
        Assert.True(verdict.Kind is VerdictKind.Same or VerdictKind.ShowsPreload, verdict.Kind + ": " + verdict);
        Assert.True(mayBeStatic || verdict.Loaded == here.Modes.Count, "the library was not in the program");
    }
}
