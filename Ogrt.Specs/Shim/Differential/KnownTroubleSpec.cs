namespace Ogrt.Specs.Shim.Differential;

/// <summary>
/// Programs that preload libraries are known to disturb do the same with and without this one, in all states of the server: what
/// they print, how they end, what they leave.
/// </summary>
[Collection(DifferentialCollection.Name)]
public sealed class KnownTroubleSpec(LaboratoryFixture laboratory)
{
    private const string _jobs = """
        x=$(printf '%s\n' c a b | sort | tr '\n' ' '); echo "$x"; (exit 3); echo $?; trap 'echo caught' USR1; kill -USR1 $$
        { sleep 0.01; echo late; } & wait; ls /proc/self/fd | tr '\n' ' '; exec 5>/tmp/work/five; echo five >&5; cat /tmp/work/five; exit 7
        """;

    // The dynamic linker leaves preload libraries out of these.
    private static readonly string[] _privileged = ["sudo", "ssh-agent"];

    [Theory]
    [InlineData("bash", "-c", _jobs)]
    [InlineData("bash", "-c", "coproc cat; echo hello >&${COPROC[1]}; read -u ${COPROC[0]} x; echo $x; diff <(echo a) <(echo b); trap 'echo bye' EXIT; kill -TERM $BASHPID")]
    [InlineData("bash", "-c", "set -m; sleep 0.05 & fg; echo $?; ulimit -n; exec {fd}</dev/null; echo $fd")]
    [InlineData("dash", "-c", _jobs)]
    [InlineData("tcsh", "-f", "-c", "echo `echo nested`; ls /proc/self/fd; sh -c 'exit 3'; echo $status; setenv A b; env | grep ^A=; exit 4")]
    [InlineData("perl", "-e", "$| = 1; $SIG{USR1} = sub { print qq(caught\n) }; kill USR1 => $$; print `echo child; ls /proc/self/fd`; system('exit 3'); print $? >> 8; my $p = fork; exit 9 if !$p; waitpid $p, 0; print $? >> 8, $!+0; exit 2")]
    [InlineData("ruby", "-e", "trap('USR1') { puts 'caught' }; Process.kill('USR1', $$); sleep 0.05; puts `echo child; ls /proc/self/fd`; system('exit 3'); p $?.exitstatus; Thread.new { puts 'thread' }.join; exit 4")]
    [InlineData("node", "-e", "const c = require('child_process'); console.log(c.execSync('echo child; ls /proc/self/fd').toString()); new (require('worker_threads').Worker)('console.log(1)', { eval: true }).on('exit', () => process.exit(3));")]
    [InlineData("dotnet", "--list-runtimes")]
    [InlineData("java", "-Xshare:auto", "-version")]
    [InlineData("gdb", "-q", "-nx", "-batch", "-iex", "set debuginfod enabled off", "-ex", "run", "-ex", "print $_exitcode", "--args", "/bin/sh", "-c", "exit 3")]
    [InlineData("strace", "-f", "-e", "trace=none", "-o", "/tmp/work/log", "sh", "-c", "echo traced; (exit 3)")]
    [InlineData("valgrind", "-q", "--error-exitcode=9", "sh", "-c", "echo checked; (exit 3)")]
    [InlineData("sh", "-c", "lsof -w -a -d 0-9 -p $$ -F fn | grep -v '^p'")]
    [InlineData("sudo", "-n", "sh", "-c", "env | grep -c ^LD_; ls /proc/self/fd; exit 3")]
    [InlineData("sh", "-c", "su -s /bin/sh nobody -c 'id -un; env | grep -c LARGE; exit 3'")]
    [InlineData("ssh", "-o", "BatchMode=yes", "-o", "ConnectTimeout=1", "-p", "9", "127.0.0.1", "true")]
    [InlineData("ssh", "-o", "BatchMode=yes", "-o", "ProxyCommand=sh -c 'ls /proc/self/fd >&2; read banner; exit 1'", "nowhere", "true")]
    [InlineData("ssh-agent", "-a", "/tmp/work/agent", "sh", "-c", "ssh-add -l; ls /proc/self/fd; kill $SSH_AGENT_PID; exit 3")]
    [InlineData("sh", "-c", "tmux -f /dev/null new-session -d 'echo inside > /tmp/work/pane'; for i in $(seq 100); do [ -s /tmp/work/pane ] && break; sleep 0.02; done; cat /tmp/work/pane; tmux kill-server 2>/dev/null; rm -r /tmp/tmux-0")]
    [InlineData("sh", "-c", "command -v redis-server >/dev/null && { redis-server --version | sed 's/build=.*//'; redis-server --port 0 --save '' --unixsocket /tmp/work/redis --daemonize no --logfile /dev/null & p=$!; until [ -S /tmp/work/redis ]; do sleep 0.01; done; kill $p; wait $p; echo $?; }")]
    [InlineData("script", "-qec", "tty; ls /proc/self/fd; exit 3", "/dev/null")]
    [InlineData("file", "/usr/bin/env", "/etc/passwd")]
    [InlineData("sh", "-c", "printf '.TH X 1\\n.SH NAME\\nx \\\\- an example\\n' > /tmp/work/x.1; man -P cat /tmp/work/x.1")]
    [InlineData("git", "-c", "init.defaultBranch=main", "init", "-q", "/tmp/work/repository")]
    [InlineData("make", "-j2", "-s", "--eval", "all: a b; @ls /proc/self/fd; (exit 3)\na b:; @:", "-f", "/dev/null", "all")]
    [InlineData("sh", "-c", "echo 'int main(void) { return 42; }' > x.c && gcc -pipe x.c -o x && ./x; echo $?")]
    [InlineData("unshare", "-r", "--pid", "--fork", "sh", "-c", "echo $$; true; exit 3")]
    [InlineData("setpriv", "--no-new-privs", "--reuid=65534", "--regid=65534", "--clear-groups", "sh", "-c", "id -u; exit 3")]
    [InlineData("timeout", "0.05", "sleep", "10")]
    [InlineData("nohup", "sh", "-c", "kill -HUP $$; echo lived")]
    [InlineData("setsid", "-w", "sh", "-c", "ps -o pid=,sid=,args= | tail -n +2 | head -n 0; exit 3")]
    [InlineData("systemd-run", "--user", "true")]
    [InlineData("systemd-notify", "--ready")]
    public void A_program_known_for_trouble_does_the_same(string program, params string[] arguments) =>
        Same(program, arguments);

    [Theory]
    [InlineData("import signal; print(signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGPIPE), [signal.getsignal(s) for s in signal.valid_signals()], signal.pthread_sigmask(signal.SIG_BLOCK, []))")]
    [InlineData("import subprocess as s; print(s.run(['sh', '-c', 'echo out; echo err >&2; exit 4'], capture_output=True)); print(s.run(['ls', '/proc/self/fd'], capture_output=True, close_fds=False).stdout); print(s.run('kill -9 $$', shell=True).returncode)")]
    [InlineData("import os; print(sorted(os.listdir('/proc/self/fd')), [k for k in os.environ if k not in ('LD_PRELOAD', 'OGRT_ACTIVE')]); os.execv('/bin/sh', ['sh', '-c', 'exit 3'])")]
    [InlineData("import multiprocessing as m, sys; m.set_start_method('spawn'); print(m.active_children()); sys.exit(5)")]
    [InlineData("import multiprocessing as m; print(m.get_context('fork').Pool(2).map(abs, [-1, -2]))")]
    [InlineData("import os, pty; print(pty.spawn(['sh', '-c', 'tty; exit 3']))")]
    [InlineData("import ctypes, resource; ctypes.CDLL(None).getpid(); print(resource.getrlimit(resource.RLIMIT_NOFILE)); resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3)); import os; os.execv('/bin/true', ['true'])")]
    [InlineData("import signal, os, time; signal.signal(signal.SIGCHLD, lambda *a: print('child')); os.posix_spawn('/bin/true', ['true'], os.environ); time.sleep(0.2); signal.setitimer(signal.ITIMER_REAL, 0.05); signal.pause()")]
    public void Python_does_the_same(string script) => Same("python3", "-c", script);

    [Theory]
    [InlineData("libjemalloc.so.2", true)]
    [InlineData("libjemalloc.so.2", false)]
    [InlineData("libtcmalloc_minimal.so.4", true)]
    [InlineData("libtcmalloc_minimal.so.4", false)]
    public void A_library_that_is_preloaded_beside_it_does_the_same(string beside, bool first)
    {
        CommandResult alone = Command.Run("/bin/true", [], [("LD_PRELOAD", beside)]);
        Assert.SkipWhen(alone.Error.Contains("cannot be preloaded", StringComparison.Ordinal), $"{beside} is not installed");
        string both = first ? beside + "${LD_PRELOAD:+:$LD_PRELOAD}" : "${LD_PRELOAD:+$LD_PRELOAD:}" + beside;
        Same("sh", "-c", $"LD_PRELOAD={both} exec perl -e 'my %h = map {{ $_ => 1 }} 1..10000; my $p = fork; exit 0 if !$p; wait; print scalar(keys %h); exit 3'");
    }

    [Fact]
    public void Mpirun_does_the_same()
    {
        Command.Require("mpirun");
        Same("sh", "-c", "mpirun --allow-run-as-root --oversubscribe -np 2 sh -c 'echo $OMPI_COMM_WORLD_SIZE; exit 0' 2>&1; echo $?; rm -rf /tmp/ompi*");
    }

    [Fact]
    public void A_program_in_a_folder_without_proc_does_the_same() => Same("sh", "-c", """
        mkdir root && cp --parents /bin/ls "$(ldd /bin/ls | sed -n 's/.*ld-linux[^ ]* .*//; s/^\t\(\/lib64[^ ]*\) .*/\1/p')" $(ldd /bin/ls | sed -n 's/.*=> \([^ ]*\) .*/\1/p') root
        mkdir -p root/run/ogrt && cp /run/ogrt/libogrt.so root/run/ogrt 2>/dev/null
        chroot root /bin/ls / /proc; echo $?; rm -r root
        """);

    private void Same(string program, params string[] arguments)
    {
        Laboratory here = laboratory.Get();
        Verdict verdict = here.Compare(new Subject(Path.Combine("/usr/bin", Command.Require(program)), arguments), here.Modes);

        Assert.True(verdict.Kind is VerdictKind.Same or VerdictKind.SameInPart or VerdictKind.ShowsPreload, verdict.Kind + ": " + verdict);
        Assert.True(verdict.Loaded == here.Modes.Count || _privileged.Contains(program), "the library was not in the program");
    }
}
