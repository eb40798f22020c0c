using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Ogrt.Server.Cli;
using Ogrt.Server.Tail;
using Ogrt.Specs.EndToEnd;
using Ogrt.Wire;
using Ogrt.Wire.Protocol;

namespace Ogrt.Specs.Server.Watch;

/// <summary><c>ogrt-server tail</c>, with a real server.</summary>
public sealed class TailSpec : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ogrt-");

    public void Dispose() => _folder.Delete(recursive: true);

    private static byte[] Start(int pid, int parent = 1, string exe = "/usr/bin/true", string job = "TAIL", string user = "alice", string host = "n001", string command = "true it is") =>
        EndToEnd.Frames.Of(FrameType.ProcessInfo, new ProcessInfo
        {
            Binpath = exe, Pid = pid, ParentPid = parent, Time = 1_750_000_000, JobId = job, Username = user, Hostname = host, Cmdline = command, StartTicks = (ulong)pid,
        });

    private static byte[] End(int pid, int code, string host = "n001", string job = "TAIL", uint signal = 0)
    {
        var end = new ProcessEnd { Pid = pid, StartTicks = (ulong)pid, Hostname = host, JobId = job, EndTimeNs = 1_750_000_001_000_000_000, ExitCode = code };
        if (signal > 0) end.ExitSignal = signal;
        return EndToEnd.Frames.Of(FrameType.ProcessEnd, end);
    }

    [Fact]
    public async Task Records_show_as_they_arrive_with_what_ends_do_not_say_themselves()
    {
        using RunningServer server = await RunningServer.StartAsync(_folder.FullName);
        await using Tail tail = await Tail.StartAsync(server);
        await server.SendTcpAsync(Start(100, 99, "/opt/a b/gcc", command: "gcc -c x.c"), End(100, 1), Start(101), End(101, 0, signal: 9), End(7, 3));
        string[] lines = await tail.LinesAsync(5);
        Assert.Matches(@"^\d\d:\d\d:\d\d\.\d{3} n001 TAIL alice 100<99 /opt/a b/gcc  gcc -c x\.c$", lines[0]);
        Assert.Matches(@" n001 TAIL alice 100 /opt/a b/gcc  ended: exit 1$", lines[1]);
        Assert.Matches(@" n001 TAIL alice 101 /usr/bin/true  ended: killed by SIGKILL$", lines[3]);
        Assert.Matches(@" n001 TAIL - 7 \?  ended: exit 3$", lines[4]);
    }

    [Theory]
    [InlineData("100 102 e102", "--exe", "*/gcc")]
    [InlineData("101 e101 103 104", "--exe", "python")]
    [InlineData("103", "--user", "bob")]
    [InlineData("104", "--host", "n002")]
    [InlineData("102 e102 101 e101", "--job", "J2")]
    [InlineData("e101 e105", "--exit", "nonzero")]
    [InlineData("e102", "--exit", "zero")]
    [InlineData("e105", "--exit", "signal")]
    [InlineData("e101", "--exit", "3")]
    [InlineData("100 101 102 e102 e101 105 e105", "--under", "100", "--host", "n001")]
    [InlineData("101 102 e102 e101", "--under", "101", "--job", "J2")]
    public async Task Filters_show_what_matches_all_of_them(string expected, params string[] filters)
    {
        using RunningServer server = await RunningServer.StartAsync(_folder.FullName);
        await using Tail tail = await Tail.StartAsync(server, ["--json", .. filters]);
        await server.SendTcpAsync(
            Start(100, 1, "/usr/bin/gcc"), Start(101, 100, "/usr/bin/python3", job: "J2"), Start(102, 101, "/usr/lib/gcc", job: "J2"), Start(103, 1, "/usr/bin/python3", user: "bob"),
            Start(104, 100, "/usr/bin/python3", host: "n002"), End(102, 0, job: "J2"), End(101, 3, job: "J2"), Start(105, 100, "/bin/sh"), End(105, 0, signal: 11));
        string[] wanted = expected.Split(' ');
        string[] lines = await tail.LinesAsync(wanted.Length);
        Assert.Equal(wanted.Order(StringComparer.Ordinal), lines.Select(Name).Order(StringComparer.Ordinal));
        // And nothing else: of what comes behind, all that was before has been looked at.
        await server.SendTcpAsync(Start(100, 1, "/last/gcc", job: "-", user: "-"), Start(100, 1, "/last/gcc python", job: "J2", user: "bob", host: "n001"), End(100, 0, job: "J2", signal: 11), End(100, 3, job: "J2"), End(100, 0, job: "J2"), Start(104, 1, "/last/gcc python", host: "n002"),
            Start(101, 1, "/last/gcc python", job: "J2"));
        Assert.Contains(Name((await tail.LinesAsync(1))[0]), (string[])["100", "e100", "104", "101"]);

        static string Name(string line)
        {
            JsonElement record = JsonDocument.Parse(line).RootElement;
            return (record.GetProperty("kind").GetString() == "end" ? "e" : "") + record.GetProperty("pid").GetInt32().ToString(CultureInfo.InvariantCulture);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Remote_text_is_never_printed_as_it_came(bool json)
    {
        using RunningServer server = await RunningServer.StartAsync(_folder.FullName);
        await using Tail tail = await Tail.StartAsync(server, json ? ["--json"] : []);
        const string evil = "\u001b]0;owned\u0007\u001b[2J\r\n\u202e\u0085\u009b31m end: exit 0";
        await server.SendTcpAsync(Start(1, exe: "E" + evil, job: "J" + evil, user: "U" + evil, host: "H" + evil, command: "C" + evil));
        string line = (await tail.LinesAsync(1))[0];
        ServerAnswers.AssertHarmless(line);
        if (json) Assert.Equal("C" + evil, JsonDocument.Parse(line).RootElement.GetProperty("command").GetString());
        else Assert.Contains(@"H\x1b]0;owned\x07\x1b[2J\r\n\u{202e}\x85\x9b31m\x20end:\x20exit\x200 J\x1b", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_too_much_is_counted_and_everything_is_accepted()
    {
        using RunningServer server = await RunningServer.StartAsync(_folder.FullName);
        await using Tail tail = await Tail.StartAsync(server, "--rate", "10", "--job", "TAIL");
        await server.SendTcpAsync(Enumerable.Range(1, 3000).Select(n => Start(n)));
        await server.UntilAsync(async () => await server.MetricAsync("ogrt_ingest_frames_total") == 3000);
        // Shown, not shown and not looked at are all there are; of the last, some are records of the job.
        await server.UntilAsync(() => Task.FromResult(tail.Lines.Count + tail.Counted >= 3000));
        Assert.InRange(tail.Lines.Count + tail.Counted, 3000, 3050);
        Assert.InRange(tail.Lines.Count, 1, 1500);
    }

    [Fact]
    public async Task One_who_does_not_read_holds_nobody_up_and_is_cut_off()
    {
        // A name that no other socket of the machine has.
        string socket = Path.Combine(_folder.FullName, Guid.NewGuid().ToString("N") + ".sock");
        using RunningServer server = await RunningServer.StartAsync(_folder.FullName, "journal.segment-size=256 KiB", "journal.max-size=2 MiB", $"control.path={socket}");
        using var slow = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        slow.ReceiveBufferSize = 4096;
        await slow.ConnectAsync(new UnixDomainSocketEndPoint(socket), TestContext.Current.CancellationToken);
        await slow.SendAsync(Encoding.ASCII.GetBytes("GET /tail?rate=10000 HTTP/1.1\r\nHost: x\r\n\r\n"), TestContext.Current.CancellationToken);
        await server.UntilAsync(() => Task.FromResult(slow.Available > 0));
        // Several times the journal: if a segment waited for the one who does not read, listeners would wait too.
        int sent = 0;
        for (; sent < 12_000; sent += 1000)
        {
            int from = sent;
            await server.SendTcpAsync(Enumerable.Range(1, 1000).Select(n => Start(from + n, command: new string('x', 900))));
            int all = sent + 1000;
            await server.UntilAsync(async () => await server.MetricAsync("ogrt_ingest_frames_total") == all);
        }
        Assert.Equal(0, await server.MetricAsync("ogrt_journal_lost_records_total"));
        await server.UntilAsync(async () => await server.MetricAsync("ogrt_sink_lag_events") == 0);
        // It is cut off: the listening socket alone is left.
        await server.UntilAsync(() => Task.FromResult(Connections() == 1));

        // Of both ends of a connection, the server's has the name.
        int Connections() => File.ReadLines("/proc/net/unix").Count(l => l.EndsWith(Path.GetFileName(socket), StringComparison.Ordinal));
    }

    [Fact]
    public async Task There_are_not_more_at_a_time_than_the_server_can_bear()
    {
        using RunningServer server = await RunningServer.StartAsync(_folder.FullName);
        var tails = new List<Tail>();
        try
        {
            for (int i = 0; i < TailEndpoint.MostTails; i++) tails.Add(await Tail.StartAsync(server));
            (int code, _, string error) = await server.CommandAsync("tail");
            Assert.Equal(ExitCode.TryLater, code);
            Assert.Contains("8 tails run already", error, StringComparison.Ordinal);
            await tails[0].DisposeAsync();
            tails.RemoveAt(0);
            // Its place is free again.
            await server.SendTcpAsync(Start(1));
            await server.UntilAsync(async () =>
            {
                (int again, _, string said) = await server.CommandAsync("tail", "-n", "1", "--exit", "wrong");
                Assert.Equal((ExitCode.Usage, true), (again, said.Contains("--exit takes nonzero, zero, signal, any or a number, not 'wrong'.", StringComparison.Ordinal)));
                await using Tail last = await Tail.StartAsync(server, required: false);
                return last.IsRunning;
            });
        }
        finally
        {
            foreach (Tail tail in tails) await tail.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_server_that_stops_ends_it_with_a_word()
    {
        using RunningServer server = await RunningServer.StartAsync(_folder.FullName);
        await using Tail tail = await Tail.StartAsync(server);
        server.Signal("KILL");
        Assert.Equal(ExitCode.Unavailable, await tail.ExitCodeAsync());
        Assert.Contains("The server", tail.Error, StringComparison.Ordinal);
    }

    /// <summary>A tail in this process.</summary>
    private sealed class Tail : IAsyncDisposable
    {
        private readonly Channel<string> _channel = Channel.CreateUnbounded<string>();
        private readonly CancellationTokenSource _stop = new();
        private readonly Lines _output;
        private readonly Lines _error;
        private Task<int> _running = Task.FromResult(0);

        private Tail()
        {
            _output = new Lines(line =>
            {
                lock (Lines) Lines.Add(line);
                _channel.Writer.TryWrite(line);
            });
            _error = new Lines(line =>
            {
                lock (Errors) Errors.Add(line);
            });
        }

        public List<string> Lines { get; } = [];

        private List<string> Errors { get; } = [];

        public bool IsRunning => !_running.IsCompleted;

        public string Error
        {
            get
            {
                lock (Errors) return string.Join('\n', Errors);
            }
        }

        /// <summary>What the notices say.</summary>
        public long Counted
        {
            get
            {
                lock (Errors) return Errors.Sum(e => System.Text.RegularExpressions.Regex.Matches(e, @"(\d+) (?:more not shown|not looked at)").Sum(m => long.Parse(m.Groups[1].ValueSpan, CultureInfo.InvariantCulture)));
            }
        }

        public static Task<Tail> StartAsync(RunningServer server, params string[] arguments) => StartAsync(server, true, arguments);

        public static async Task<Tail> StartAsync(RunningServer server, bool required, params string[] arguments)
        {
            var tail = new Tail();
            string data = server.DataDirectory;
            tail._running = Task.Run(() => new CommandLineProgram(new Terminal { Output = tail._output, Error = tail._error }).RunAsync(["tail", .. arguments, "-v", "--set", "data-directory=" + data], tail._stop.Token));
            // It follows the end from when the server has answered; --verbose tells.
            await server.UntilAsync(() => Task.FromResult(tail.Error.Contains("Following", StringComparison.Ordinal) || tail._running.IsCompleted));
            if (required) Assert.True(tail.IsRunning, tail.Error);
            return tail;
        }

        public async Task<string[]> LinesAsync(int count)
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            var lines = new List<string>();
            while (lines.Count < count) lines.Add(await _channel.Reader.ReadAsync(limit.Token));
            return [.. lines];
        }

        public Task<int> ExitCodeAsync() => _running.WaitAsync(TimeSpan.FromSeconds(60));

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _running;
            _stop.Dispose();
        }
    }

    private sealed class Lines(Action<string> take) : StringWriter(CultureInfo.InvariantCulture)
    {
        public override void WriteLine(string? value) => take(value ?? "");
    }
}
