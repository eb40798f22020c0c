using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

using Ogrt.Wire.Protocol;

namespace Ogrt.Specs.Shim;

/// <summary>
/// Nothing that a server does or fails to do delays a program by more than the deadline. The waits that the library asks
/// the kernel for are counted, not the time that passes: a loaded machine changes the one and not the other.
/// </summary>
[Collection(ShimCollection.Name)]
public sealed partial class DeadlineSpec(ShimFixture shim)
{
    // Long, so that a loaded machine does not use it up before the first wait.
    private const double _deadline = 2;
    private const string _long = "--deadline-ms=2000";

    // A network of its own, because only there the sender's buffer can be made small enough to fill up.
    private static readonly string[] _smallNetwork =
        ["unshare", "-n", "/bin/sh", "-c", "ip link set lo up; echo 4096 8192 8192 > /proc/sys/net/ipv4/tcp_wmem; exec \"$@\"", "sh"];

    [Fact]
    public void A_server_that_refuses_is_not_waited_for()
    {
        IPEndPoint nobody;
        using (FrameReceiver gone = FrameReceiver.Tcp())
            nobody = gone.EndPoint;
        (CommandResult result, List<Wait> waits) = Trace(shim.Tcp, nobody);

        Assert.Empty(result.Output);
        Assert.DoesNotContain(waits, wait => wait.TimedOut);
    }

    [Fact]
    public void A_server_that_does_not_answer_costs_one_deadline()
    {
        using var holes = new BlackHole();
        (CommandResult result, List<Wait> waits) = Trace(shim.Library("--allow-server-env", _long), holes.EndPoint);

        Assert.Empty(result.Output);
        Wait only = Assert.Single(waits);
        Assert.True(only.TimedOut);
        Assert.InRange(only.Seconds, 0, _deadline);
    }

    [Fact]
    public void A_server_that_accepts_and_never_reads_costs_one_deadline()
    {
        Command.RequireRoot();
        Command.Require("unshare");
        Command.Require("ip");
        string deaf = shim.Compile("""
            #define _GNU_SOURCE
            #include <netinet/in.h>
            #include <stdio.h>
            #include <stdlib.h>
            #include <sys/socket.h>
            #include <unistd.h>
            int main(int argc, char **argv) {
                struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons(7971)};
                int listener = socket(AF_INET, SOCK_STREAM, 0), size = 4096;
                (void)argc;
                setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
                if (bind(listener, (void *)&at, sizeof at) || listen(listener, 16)) return 98;
                return execvp(argv[1], argv + 1), 99;
            }
            """);
        (string, string)[] large = [.. Enumerable.Range(0, 30).Select(number => ($"LARGE{number}", new string('x', 8000)))];
        (CommandResult result, List<Wait> waits) = Trace(
            shim.Library("--allow-server-env", "--msg-send-environment=yes", _long), new IPEndPoint(IPAddress.Loopback, 7971),
            [.. _smallNetwork, deaf], large);

        Assert.Empty(result.Output);
        Assert.True(waits[^1].TimedOut, "the buffers took everything");
        Assert.All(waits, wait => Assert.InRange(wait.Seconds, 0, _deadline));
        // Each wait is for what is left, not for the whole again.
        Assert.Equal(waits.Select(wait => wait.Seconds).OrderDescending(), waits.Select(wait => wait.Seconds));
        Assert.Single(waits, wait => wait.TimedOut);
    }

    [Fact]
    public void A_frame_that_is_larger_than_the_buffers_arrives_whole()
    {
        Command.RequireRoot();
        Command.Require("unshare");
        Command.Require("ip");
        // Takes in one connection of a program that it starts, and keeps what came in a file.
        string collector = shim.Compile("""
            #define _GNU_SOURCE
            #include <fcntl.h>
            #include <netinet/in.h>
            #include <sys/socket.h>
            #include <sys/wait.h>
            #include <unistd.h>
            int main(int argc, char **argv) {
                struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons(7971)};
                int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), size = 4096, file;
                char buffer[1000];
                long length;
                (void)argc;
                setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
                if (bind(listener, (void *)&at, sizeof at) || listen(listener, 16)) return 98;
                if (fork() == 0) return execvp(argv[2], argv + 2), 99;
                int connection = accept(listener, 0, 0);
                file = open(argv[1], O_WRONLY | O_CREAT, 0644);
                while ((length = read(connection, buffer, sizeof buffer)) > 0)
                    if (write(file, buffer, length) != length) return 97;
                wait(0);
                return 0;
            }
            """);
        (string, string)[] large = [.. Enumerable.Range(0, 30).Select(number => ($"LARGE{number}", new string('x', 8000)))];
        // Whether the buffers are full before the reader has run is up to the scheduler: it has to happen once in a while.
        const int attempts = 20;
        bool waited = false;
        for (int attempt = 0; attempt < attempts && !waited; attempt++)
        {
            string kept = Path.Combine(shim.NewFolder(), "frame");
            (_, List<Wait> waits) = Trace(
                shim.Library("--allow-server-env", "--msg-send-environment=yes", _long), new IPEndPoint(IPAddress.Loopback, 7971),
                [.. _smallNetwork, collector, kept], large);
            byte[] frame = File.ReadAllBytes(kept);

            Assert.True(frame.Length > 240_000);
            Assert.Equal(30, ProcessInfo.Parser.ParseFrom(FrameReceiver.Payload(frame)).EnvironmentVariables.Count(entry => entry.StartsWith("LARGE", StringComparison.Ordinal)));
            waited = waits.Count > 1;
        }
        Assert.True(waited, "the buffers took everything at once");
    }

    [Fact]
    public void Two_servers_that_do_not_answer_share_the_deadline()
    {
        using var holes = new BlackHole();
        string library = shim.Library($"--server-port={holes.EndPoint.Port}", "--server-host=127.0.0.1,127.0.0.1", _long);
        (_, List<Wait> waits) = Trace(library, null);

        Assert.Equal(2, waits.Count);
        Assert.InRange(waits[0].Seconds, 0, _deadline / 2);
        Assert.InRange(waits[1].Seconds, 0, _deadline);
        // The second attempt gets what the first has left, whatever the clock did meanwhile.
        Assert.InRange(waits[1].Seconds, 0, _deadline - waits[0].Seconds);
    }

    [Theory]
    [InlineData("", 0.050)]
    [InlineData("--deadline-ms=3", 0.003)]
    public void The_deadline_is_short_and_can_be_chosen(string option, double seconds)
    {
        using var holes = new BlackHole();
        string library = option.Length > 0 ? shim.Library("--allow-server-env", option) : shim.Tcp;
        (_, List<Wait> waits) = Trace(library, holes.EndPoint);

        Assert.All(waits, wait => Assert.InRange(wait.Seconds, 0, seconds));
    }

    [Fact]
    public void The_settings_file_chooses_it_too()
    {
        using var holes = new BlackHole();
        using var file = new SettingsFile(shim, "--allow-server-env");
        file.Write("deadline = 1900ms"); // the built-in one is 50 ms
        (_, List<Wait> waits) = Trace(file.Library, holes.EndPoint);

        Assert.InRange(Assert.Single(waits).Seconds, 0.051, 1.9);
    }

    [Fact]
    public async Task A_dead_server_is_passed_over_and_counted()
    {
        using FrameReceiver alive = FrameReceiver.Tcp(new IPEndPoint(IPAddress.Parse("127.0.0.2"), 0));
        string library = shim.Library($"--server-port={alive.EndPoint.Port}", "--server-host=127.0.0.1,127.0.0.2");
        var failures = new Dictionary<int, uint>();
        for (int i = 0; i < 20; i++)
        {
            CommandResult result = Command.Run("/bin/true", [], [("LD_PRELOAD", library), ("OGRT_ACTIVE", "1")]).Succeeded();
            ProcessInfo sent = await alive.ProcessAsync();
            Assert.Equal(result.Pid, sent.Pid);
            failures[sent.Pid] = sent.FailedSends;
        }

        // The first choice is by pid: with two servers, even and odd ones.
        Assert.All(failures, failure => Assert.Equal((uint)(1 - failure.Key % 2), failure.Value));
    }

    [Fact]
    public void A_datagram_is_never_waited_for()
    {
        IPEndPoint nobody;
        using (FrameReceiver gone = FrameReceiver.Udp())
            nobody = gone.EndPoint;
        (CommandResult result, List<Wait> waits) = Trace(shim.Udp, nobody);

        Assert.Empty(result.Output);
        Assert.Empty(waits);
    }

    [Fact]
    public void A_process_costs_a_known_number_of_system_calls()
    {
        Command.Require("strace");
        using FrameReceiver receiver = FrameReceiver.Udp();
        (string, string)[] variables = [.. Tracking.Environment(shim.Udp, receiver)];
        string[] with = Calls(variables), without = Calls([("LD_PRELOAD", shim.Udp)]);

        // Three descriptors are opened, written or read, and closed (the socket, two files of /proc); the rest are questions.
        Assert.InRange(with.Length - without.Length, 15, 26);
        Assert.Equal(1, with.Count(call => call == "socket"));
        Assert.Equal(1, with.Count(call => call == "sendto"));
        Assert.Equal(without.Count(call => call == "mmap"), with.Count(call => call == "mmap"));
    }

    [Fact]
    public void An_inactive_library_makes_no_system_call()
    {
        Command.Require("strace");
        string empty = shim.Compile("", "gcc", "-shared", "-fPIC", "-nostdlib");
        string[] with = Calls([("LD_PRELOAD", shim.Tcp)]);
        string[] control = Calls([("LD_PRELOAD", empty)]);

        Assert.Equal(
            control.Where(call => call is not ("mmap" or "mprotect")),
            with.Where(call => call is not ("mmap" or "mprotect"))); // the dynamic linker's, by the number of segments
        Assert.DoesNotContain("socket", with);
    }

    // The names of the system calls of /bin/true, in order.
    private static string[] Calls(IEnumerable<(string Name, string Value)> variables)
    {
        string[] set = [.. variables.SelectMany(variable => new[] { "-E", $"{variable.Name}={variable.Value}" })];
        CommandResult result = Command.Run("strace", [.. set, "/bin/true"]).Succeeded();
        return [.. result.Error.Split('\n').Select(line => line.Split('(')[0]).Where(name => name.Length > 0 && char.IsAsciiLetter(name[0]))];
    }

    private (CommandResult Result, List<Wait> Waits) Trace(string library, IPEndPoint? server) => Trace(library, server, [], []);

    // Runs /bin/true, inside of what prefix does, and gives the waits of the library.
    private (CommandResult Result, List<Wait> Waits) Trace(string library, IPEndPoint? server, string[] prefix, (string, string)[] variables)
    {
        Command.Require("strace");
        string log = Path.Combine(shim.NewFolder(), "trace");
        IEnumerable<(string, string)> tracked = server is null ? variables : [.. variables, ("OGRT_SERVER", server.ToString())];
        string[] line = [.. prefix, "strace", "-o", log, "-e", "trace=ppoll,connect", "-E", "LD_PRELOAD=" + library, "-E", "OGRT_ACTIVE=1", "/bin/true"];
        CommandResult result = Command.Run(line[0], line[1..], tracked).Succeeded();
        Assert.Empty(result.Error);
        string text = File.ReadAllText(log);
        return (result, [.. WaitPattern().Matches(text).Select(match => new Wait(
            int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture) + int.Parse(match.Groups[2].ValueSpan, CultureInfo.InvariantCulture) * 1e-9,
            match.Groups[3].Value == "0"))]);
    }

    [GeneratedRegex(@"ppoll\(.*\{tv_sec=(\d+), tv_nsec=(\d+)\}, NULL, \d+\) = (\d+)")]
    private static partial Regex WaitPattern();

    private sealed record Wait(double Seconds, bool TimedOut);

    /// <summary>A listening socket whose queue is full, so that further connections get no answer at all.</summary>
    private sealed class BlackHole : IDisposable
    {
        private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        private readonly List<Socket> _queued = [];

        public BlackHole()
        {
            _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            _listener.Listen(0);
            // Connections beyond the queue stay unanswered, and that is what tells that it is full.
            for (bool answered = true; answered;)
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
                _queued.Add(socket);
                try
                {
                    socket.Connect(EndPoint);
                }
                catch (SocketException pending) when (pending.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
                {
                }
                answered = socket.Poll(TimeSpan.FromMilliseconds(200), SelectMode.SelectWrite);
            }
        }

        public IPEndPoint EndPoint => (IPEndPoint)_listener.LocalEndPoint!;

        public void Dispose()
        {
            _queued.ForEach(socket => socket.Dispose());
            _listener.Dispose();
        }
    }
}
