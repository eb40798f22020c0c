namespace Ogrt.Specs.Shim.Differential;

/// <summary>
/// Harmless work for well-known programs: more than they do for <c>--version</c>, with children, pipes, signals, files and
/// threads in it. All of them write below /tmp only.
/// </summary>
internal static class Inputs
{
    private const string _script = """
        x=$(printf '%s\n' c a b | sort | tr '\n' ' '); echo "$x"; (exit 3); echo $?
        trap 'echo caught' USR1; kill -USR1 $$; ls /proc/self/fd | wc -l; umask; ulimit -n
        { sleep 0.01; echo late; } & wait; exec 5>/tmp/work/five; echo five >&5; cat /tmp/work/five; exit 7
        """;

    private const string _python = """
        import os, signal, subprocess, sys, threading
        print(signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGPIPE), sorted(signal.pthread_sigmask(signal.SIG_BLOCK, [])))
        print(subprocess.run(["sh", "-c", "echo out; echo err >&2; exit 4"], capture_output=True))
        print(subprocess.run(["ls", "/proc/self/fd"], capture_output=True, close_fds=True).stdout)
        t = threading.Thread(target=lambda: print("thread")); t.start(); t.join()
        p = os.fork()
        if p == 0: os._exit(5)
        print(os.waitstatus_to_exitcode(os.waitpid(p, 0)[1])); print(sorted(k for k in os.environ if k not in ("LD_PRELOAD", "OGRT_ACTIVE")))
        sys.exit(6)
        """;

    private const string _perl = """
        $| = 1; $SIG{USR1} = sub { print "caught\n" }; kill USR1 => $$; print `echo from a child`; print $? >> 8, "\n";
        system("exit 3"); print $? >> 8, "\n"; my $p = fork; if (!$p) { exit 9 } waitpid $p, 0; print $? >> 8, "\n"; exit 2
        """;

    private const string _node = """
        const c = require('child_process'); console.log(c.execSync('echo child; ls /proc/self/fd').toString());
        process.on('exit', code => console.log('exit', code)); setImmediate(() => process.exit(3));
        """;

    private static readonly string[][] _lines =
    [
        ["awk", "BEGIN { while ((\"ls /usr/include/linux\" | getline line) > 0) n++; print n > 0; exit 3 }"],
        ["bash", "-c", _script],
        ["bash", "-c", "coproc cat; echo hello >&${COPROC[1]}; read -u ${COPROC[0]} x; echo $x; diff <(echo a) <(echo b)"],
        ["bc", "-q", "/dev/null"],
        ["base64", "/etc/passwd"],
        ["cat", "/etc/passwd", "/does/not/exist"],
        ["clang", "-x", "c", "-c", "-o", "/tmp/work/o", "/dev/null"],
        ["cmake", "-E", "capabilities"],
        ["cp", "-r", "/usr/include/asm-generic", "/tmp/work/copy"],
        ["csh", "-f", "-c", "echo `echo nested`; ls /proc/self/fd | wc -l"],
        ["dash", "-c", _script],
        ["date", "-d", "2001-09-09 01:46:40 UTC"],
        ["dd", "if=/dev/zero", "of=/tmp/work/zero", "bs=1k", "count=3", "status=none"],
        ["diff", "/etc/passwd", "/etc/group"],
        ["env"],
        ["env", "-i", "/usr/bin/env"],
        ["expr", "6", "*", "7"],
        ["file", "/usr/bin/env", "/etc/passwd"],
        ["find", "/usr/include/linux", "-name", "*.h", "-newer", "/etc/passwd"],
        ["flock", "/tmp/work/lock", "sh", "-c", "ls /proc/self/fd"],
        ["gawk", "BEGIN { print 1 | \"cat\"; close(\"cat\"); system(\"exit 3\") }"],
        ["gcc", "-x", "c", "-S", "-o", "-", "/dev/null"],
        ["gdb", "-q", "-nx", "-batch", "-ex", "print 6*7"],
        ["getconf", "-a"],
        ["git", "init", "-q", "/tmp/work/repository"],
        ["grep", "-rc", "define", "/usr/include/asm-generic"],
        ["gzip", "-c", "/etc/passwd"],
        ["id"],
        ["java", "-version"],
        ["jq", "-n", "[range(3)]"],
        ["ls", "-l", "/usr/include/asm-generic"],
        ["lsof", "-p", "2"],
        ["m4", "/dev/null"],
        ["make", "-n", "-f", "/dev/null", "nothing"],
        ["make", "-s", "--eval", "all:; @echo made; (exit 0)", "-f", "/dev/null", "all"],
        ["mkfifo", "/tmp/work/fifo"],
        ["nice", "-n", "5", "nice"],
        ["node", "-e", _node],
        ["nohup", "echo", "hello"],
        ["nproc"],
        ["od", "-c", "/etc/hostname"],
        ["openssl", "dgst", "-sha256", "/etc/passwd"],
        ["perl", "-e", _perl],
        ["printenv", "PATH"],
        ["ps", "-o", "pid,ppid,pgid,sid,comm"],
        ["python3", "-c", _python],
        ["python3", "-c", "import multiprocessing as m; print(m.get_context('fork').Pool(2).map(abs, [-1, -2]))"],
        ["ruby", "-e", "puts `echo child`; trap('USR1') { puts 'caught' }; Process.kill('USR1', $$); exit 3"],
        ["script", "-qec", "echo on a terminal", "/dev/null"],
        ["sed", "s/:.*//", "/etc/passwd"],
        ["seq", "100000"],
        ["setsid", "-w", "sh", "-c", "ps -o pid,sid"],
        ["sh", "-c", _script],
        ["sh", "-c", "kill -SEGV $$"],
        ["sh", "-c", "ls /usr/include | xargs -P1 -n20 echo | sort | head -3"],
        ["sort", "-r", "/etc/passwd"],
        ["sqlite3", ":memory:", "select 6*7, sqlite_version() > ''"],
        ["ss", "-a"],
        ["ssh", "-G", "localhost"],
        ["ssh-agent", "sh", "-c", "ls /proc/self/fd"],
        ["stat", "-c", "%n %s %F", "/usr/bin", "/etc/passwd"],
        ["strace", "-o", "/dev/null", "sh", "-c", "echo traced; exit 3"],
        ["tar", "cf", "/tmp/work/headers.tar", "/usr/include/asm-generic"],
        ["tclsh", "/dev/null"],
        ["tcsh", "-f", "-c", "echo `echo nested`; ls /proc/self/fd | wc -l"],
        ["tee", "/tmp/work/tee"],
        ["test", "-f", "/etc/passwd"],
        ["timeout", "-s", "KILL", "0.05", "sleep", "10"],
        ["timeout", "10", "sh", "-c", "kill -TERM $$"],
        ["tmux", "-f", "/dev/null", "new-session", "-d", "exit"],
        ["unshare", "-r", "id", "-u"],
        ["valgrind", "-q", "true"],
        ["vim", "-es", "-u", "NONE", "+q"],
        ["wc", "-l", "/etc/passwd"],
        ["xargs", "-a", "/etc/passwd", "-n", "3", "echo"],
        ["xz", "-c", "/etc/passwd"],
        ["zstd", "-c", "/etc/passwd"],
    ];

    /// <summary>Arguments for a program beyond <c>--version</c> and <c>--help</c>.</summary>
    public static IEnumerable<string[]> For(string program) =>
        _lines.Where(line => line[0] == Path.GetFileName(program)).Select(line => line[1..]);
}
