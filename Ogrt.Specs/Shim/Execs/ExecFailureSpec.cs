using Ogrt.Wire.Protocol;

namespace Ogrt.Specs.Shim.Execs;

/// <summary>An exec that fails does so as it would without the library, and is not reported.</summary>
[Collection(ShimCollection.Name)]
public sealed class ExecFailureSpec(ShimFixture shim) : IDisposable
{
    // Every function with everything that can be wrong; a line for each with what came of it. argv[1] is a folder that has
    // the files which the names below say, argv[2] a static program.
    private const string _failures = """
        #define _GNU_SOURCE
        #include <errno.h>
        #include <fcntl.h>
        #include <spawn.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        #include <sys/mman.h>
        #include <unistd.h>
        extern char **environ;
        static int has_no_format(const char *what) { return !strcmp(what, "empty") || !strcmp(what, "foreign") || !strcmp(what, "torn"); }
        static void try(const char *what, const char *path, char **argv, char **envp) {
            int fd = path && (unsigned long)path > 4096 ? open(path, O_RDONLY | O_NONBLOCK) : -1;
            pid_t pid = 77;
            errno = 0; printf("%s execve %d", what, execve(path, argv, envp)); printf(" %d\n", errno);
            errno = 0; printf("%s execv %d", what, execv(path, argv)); printf(" %d\n", errno);
            errno = 0; printf("%s execveat %d", what, execveat(AT_FDCWD, path, argv, envp, 0)); printf(" %d\n", errno);
            errno = 0; printf("%s fexecve %d", what, fexecve(fd, argv, envp)); printf(" %d\n", errno);
            errno = 5; printf("%s posix_spawn %d", what, posix_spawn(&pid, path, 0, 0, argv, envp)); printf(" %d %d\n", errno, pid);
            if (path && (unsigned long)path > 4096) {
                errno = 0; printf("%s execl %d", what, execl(path, path, "a", (char *)0)); printf(" %d\n", errno);
                errno = 0; printf("%s execle %d", what, execle(path, path, "a", (char *)0, envp)); printf(" %d\n", errno);
                errno = 5; printf("%s posix_spawnp %d", what, posix_spawnp(&pid, path, 0, 0, argv, envp)); printf(" %d %d\n", errno, pid);
                if (has_no_format(what)) return; /* the others would run a shell */
                errno = 0; printf("%s execvp %d", what, execvp(path, argv)); printf(" %d\n", errno);
                errno = 0; printf("%s execvpe %d", what, execvpe(path, argv, envp)); printf(" %d\n", errno);
                errno = 0; printf("%s execlp %d", what, execlp(path, path, "a", (char *)0)); printf(" %d\n", errno);
            }
        }
        int main(int count, char **arguments) {
            char *v[] = {"program", 0}, *bad[] = {"program", (char *)1, 0}, *unmapped[] = {"program", 0, 0};
            char *page = mmap(0, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
            char name[8192], *program = arguments[2];
            static char *many[10000];
            const char *files[] = {"absent", "folder", "forbidden", "empty", "text-without-right", "foreign", "torn", "circle",
                "fifo", "interpreter-absent", "interpreter-forbidden", "too/deep", 0};
            if (chdir(arguments[1])) return 1;
            for (int i = 0; files[i]; i++) { snprintf(name, sizeof name, "./%s", files[i]); try(files[i], name, v, environ); }
            munmap(page + 4096, 4096);
            memset(page, 'x', 4096);
            unmapped[1] = page;
            char *large = malloc(10001);
            memset(large, 'x', 10000);
            large[10000] = 0;
            for (int i = 0; i < 9999; i++) many[i] = large;
            try("null path", 0, v, environ);
            try("bad path", (char *)1, v, environ);
            for (int way = 0; way < 3; way++) {
                char **wrong = way == 0 ? bad : way == 1 ? unmapped : way == 2 ? (char **)8 : many, *at = program;
                for (int side = 0; side < 2; side++) {
                    char **a = side ? v : wrong, **e = side ? wrong : environ;
                    errno = 0; printf("%d %d execve %d", way, side, execve(at, a, e)); printf(" %d\n", errno);
                    errno = 0; printf("%d %d execveat %d", way, side, execveat(AT_FDCWD, at, a, e, 0)); printf(" %d\n", errno);
                    errno = 0; printf("%d %d fexecve %d", way, side, fexecve(open(at, O_RDONLY), a, e)); printf(" %d\n", errno);
                }
            }
            errno = 0; printf("many execve %d", execve(program, many, environ)); printf(" %d\n", errno);
            errno = 0; printf("many execv %d", execv(program, many)); printf(" %d\n", errno);
            errno = 0; printf("flags %d", execveat(AT_FDCWD, program, v, environ, 0x40000000)); printf(" %d\n", errno);
            symlink(program, "link");
            errno = 0; printf("link %d", execveat(AT_FDCWD, "link", v, environ, AT_SYMLINK_NOFOLLOW)); printf(" %d\n", errno);
            errno = 0; printf("script by descriptor %d", fexecve(open("script", O_RDONLY | O_CLOEXEC), v, environ)); printf(" %d\n", errno);
            memset(name, 'x', 8191);
            name[8191] = 0;
            errno = 0; printf("long %d", execvp(name, v)); printf(" %d\n", errno);
            errno = 0; printf("nothing %d", execvp("", v)); printf(" %d\n", errno);
            setenv("PATH", "/nowhere:./folder:.", 1);
            errno = 0; printf("not there %d", execvp("absent", v)); printf(" %d\n", errno);
            errno = 0; printf("not allowed %d", execlp("forbidden", "x", (char *)0)); printf(" %d\n", errno);
            unsetenv("PATH");
            errno = 0; printf("no path %d", execvp("forbidden", v)); printf(" %d\n", errno);
            return 0;
        }
        """;

    private readonly FrameReceiver _receiver = FrameReceiver.Tcp();

    public void Dispose() => _receiver.Dispose();

    [Fact]
    public async Task Every_error_is_the_same_and_nothing_is_reported()
    {
        string program = ExecPrograms.Static(shim), failures = shim.Compile(_failures, "gcc", "-w");
        CommandResult without = Command.Run(failures, Folder(program), program);
        CommandResult with = Tracking.Run(ExecPrograms.Library(shim), _receiver, failures, [Folder(program), program]);

        Assert.Equal(0, without.ExitCode);
        Assert.True(without.Lines.Length > 130);
        Assert.Equal(without.Lines, with.Lines);
        Assert.Equal((without.ExitCode, without.Error), (with.ExitCode, with.Error));
        await _receiver.ProcessAsync();
        await Tracking.NothingWasSentAsync(ExecPrograms.Library(shim), _receiver);
    }

    [Fact]
    public async Task A_retry_is_not_a_second_record()
    {
        // The file is open for writing, which only the kernel sees: the one false record that is left.
        string caller = shim.Compile("""
            #include <fcntl.h>
            #include <unistd.h>
            int main(int argc, char **argv) {
                int fd = open(argv[1], O_RDWR);
                for (int i = 0; i < 10; i++) execv(argv[1], argv + 1);
                close(fd);
                return execv(argv[1], argv + 1);
            }
            """);
        string copy = Path.Combine(shim.NewFolder(), "program");
        File.Copy(ExecPrograms.Static(shim), copy);
        CommandResult result = Tracking.Run(ExecPrograms.Library(shim), _receiver, caller, [copy]);
        ProcessInfo sent = (await ExecPrograms.InOrderAsync(_receiver, 2))[1];

        Assert.Equal(7, result.ExitCode);
        Assert.Equal((copy, result.Pid), (sent.Binpath, sent.Pid));
        await Tracking.NothingWasSentAsync(ExecPrograms.Library(shim), _receiver);
    }

    private string Folder(string program)
    {
        string folder = shim.NewFolder();
        Command.Run("/bin/sh", ["-ec", """
            cd "$1"; mkdir folder; cp "$2" forbidden; chmod 644 forbidden; : > empty; chmod 755 empty
            echo text > text-without-right
            cp "$2" foreign; printf '\000\377' | dd of=foreign bs=1 seek=18 conv=notrunc 2> /dev/null
            head -c 100 "$2" > torn; chmod 755 torn
            ln -s circle circle; mkfifo -m 755 fifo
            printf '#!/nowhere/interpreter\n' > interpreter-absent; printf '#!./forbidden x\n' > interpreter-forbidden
            printf '#!%s\n' "$2" > script; chmod 755 interpreter-absent interpreter-forbidden script
            """, "sh", folder, program], []).Succeeded();
        return folder;
    }
}
