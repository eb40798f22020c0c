using System.Text.Json;
using Ogrt.Server.Cli;
using Ogrt.Specs.EndToEnd;
using Ogrt.Wire.Protocol;

namespace Ogrt.Specs.Server.Watch;

/// <summary><c>ogrt-server top</c> without a terminal.</summary>
public sealed class TopCommandSpec : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ogrt-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Without_a_terminal_there_is_a_line_for_each_row_with_the_time_in_front()
    {
        using RunningServer server = await RunningServer.StartAsync(_folder.FullName);
        (int code, string output, _) = await server.CommandAsync("top", "-n", "2", "-d", "0.1");
        Assert.Equal(ExitCode.Ok, code);
        string[] lines = output.TrimEnd('\n').Split('\n');
        Assert.Equal("TIME\tSTAGE\tIN/s\tOUT/s\tTOTAL\tQUEUE\tOLDEST\tSTATE\tLOST\tERRORS\tDETAIL", lines[0]);
        Assert.Equal(15, lines.Length);
        Assert.Equal(2, lines.Skip(1).Select(l => l.Split('\t')[0]).Distinct().Count());
        Assert.All(lines.Skip(1), line => Assert.Matches(@"^\d{4}-\d\d-\d\dT\S+Z\t", line));
        Assert.Contains(lines, line => line.Contains("\tlistener udp\t0\t0\t0\t-\t-\tok\t0\t0\t", StringComparison.Ordinal));
    }

    [Fact]
    public async Task One_look_is_a_page_with_the_screen_that_was_asked_for()
    {
        using RunningServer server = await RunningServer.StartAsync(_folder.FullName);
        await server.SendTcpAsync(Sinks.Frames.Frame(new ProcessInfo { Binpath = "/bin/x", Pid = 7, JobId = "PAGE\u001b[2J\u202e", Username = "u\nv", Hostname = "n001", Time = 1_750_000_000 }));
        await server.SendTcpAsync(RawMessage.Frame(99, 4, new byte[4]));
        await server.UntilAsync(async () => await server.MetricAsync("ogrt_jobs_active") == 1);
        (int code, string output, _) = await server.CommandAsync("top", "--once", "jobs", "-d", "0.1");
        Assert.Equal(ExitCode.Ok, code);
        ServerAnswers.AssertHarmless(output);
        Assert.Contains("Lost: listener tcp unknown_type 1", output, StringComparison.Ordinal);
        Assert.Contains("Unaccounted: 0", output, StringComparison.Ordinal);
        Assert.Contains(@"PAGE\x1b[2J\u{202e} u\nv ", output, StringComparison.Ordinal);
        (_, output, _) = await server.CommandAsync("top", "nodes", "--once", "--filter", "sending", "-d", "0.1");
        Assert.Contains("\nn001 ", output, StringComparison.Ordinal);
        (_, output, _) = await server.CommandAsync("top", "cluster", "--once", "-d", "0.1");
        Assert.Matches(@"\n127\.0\.0\.1:\d+ +up +yes +1 +1 ", output);
        (code, _, string error) = await server.CommandAsync("top", "jbos");
        Assert.Equal(ExitCode.Usage, code);
        Assert.Contains("jbos", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task As_JSON_each_look_is_one_object_with_counts_and_rates()
    {
        using RunningServer server = await RunningServer.StartAsync(_folder.FullName);
        await server.SendTcpAsync(Enumerable.Range(1, 10).Select(n => Sinks.Frames.Frame(Sinks.Frames.Process(n, "JSON"))));
        await server.UntilAsync(async () => await server.MetricAsync("ogrt_sink_lag_events") == 0 && await server.MetricAsync("ogrt_jobs_frames_total") == 10);
        (int code, string output, _) = await server.CommandAsync("top", "--json", "-n", "2", "-d", "0.1");
        Assert.Equal(ExitCode.Ok, code);
        JsonElement[] looks = [.. output.TrimEnd('\n').Split('\n').Select(line => JsonDocument.Parse(line).RootElement)];
        Assert.Equal(2, looks.Length);
        Assert.Equal(server.Id, looks[1].GetProperty("server").GetProperty("pid").GetInt32());
        JsonElement listener = looks[1].GetProperty("pipeline").EnumerateArray().Single(s => s.GetProperty("name").GetString() == "tcp");
        Assert.Equal((10, 10, 0.0, "ok"), (listener.GetProperty("in").GetInt64(), listener.GetProperty("out").GetInt64(), listener.GetProperty("in_rate").GetDouble(), listener.GetProperty("state").GetString()));
        Assert.Equal(10, Assert.Single(looks[1].GetProperty("jobs").EnumerateArray()).GetProperty("processes").GetInt64());
        Assert.Equal(10, Assert.Single(looks[1].GetProperty("nodes").EnumerateArray()).GetProperty("frames").GetInt64());
        Assert.Empty(looks[1].GetProperty("unaccounted").EnumerateArray());
        Assert.Equal("sending", looks[1].GetProperty("nodes")[0].GetProperty("state").GetString());
    }

    [Fact]
    public async Task A_full_journal_names_who_blocks_whom()
    {
        // Nobody listens there, so nothing is delivered and the journal fills up.
        string[] settings =
        [
            "journal.segment-size=256 KiB", "journal.max-size=1 MiB", "sinks.away.type=elasticsearch", "sinks.away.enabled=on", $"sinks.away.endpoints=http://127.0.0.1:{ServerProcess.FreePort()}",
        ];
        using RunningServer server = await RunningServer.StartAsync(_folder.FullName, settings);
        byte[][] frames = [.. Enumerable.Range(1, 20_000).Select(n => Sinks.Frames.Frame(Long(n)))];
        Task sending = server.SendTcpAsync(frames);
        await server.UntilAsync(async () => await server.MetricAsync("ogrt_journal_full") == 1);
        string output = "";
        await server.UntilAsync(async () => (output = (await server.CommandAsync("top", "--once", "-d", "0.1")).Output).Contains("full, blocked-by: sink-away", StringComparison.Ordinal));
        Assert.Matches(@"\nlistener tcp .* blocked-by: journal full", output);
        Assert.Matches(@"\nsink away .* retrying: ", output);
        Assert.Contains("Unaccounted: 0", output, StringComparison.Ordinal);
        server.Signal("KILL");
        // Not all of it could be sent.
        await Assert.ThrowsAsync<System.Net.Sockets.SocketException>(() => sending);

        static ProcessInfo Long(int number)
        {
            ProcessInfo process = Sinks.Frames.Process(number, "FULL");
            process.Cmdline = new string('x', 500);
            return process;
        }
    }
}
