using Ogrt.Server.Cli;
using Ogrt.Specs.Shim;
using Ogrt.Specs.Sinks;
using Ogrt.Wire.Protocol;

namespace Ogrt.Specs.Server.Watch;

/// <summary>The screens of <c>ogrt-server top</c> on a real terminal, with a real server.</summary>
public sealed class TopOnTerminalSpec : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ogrt-");

    public void Dispose() => _folder.Delete(recursive: true);

    private TopOnTerminal Top(int columns = 120, string environment = "") => new(_folder, columns, environment, "-d", "0.2");

    [Fact]
    public async Task Keys_lead_through_the_screens_and_the_terminal_is_as_before_at_the_end()
    {
        using RunningServer server = await RunningServer.StartAsync(_folder.FullName);
        await server.SendTcpAsync(Enumerable.Range(1, 40).Select(n => Frames.Frame(Frames.Process(n, $"TOP{n % 3}"))));
        await server.UntilAsync(async () => await server.MetricAsync("ogrt_jobs_active") == 3);
        using TopOnTerminal top = Top();
        TerminalScreen screen = await top.UntilAsync("sink local");
        Assert.True(screen.IsAlternate && screen.CursorHidden);
        string[] order = ["listener tcp", "listener udp", "connections", "journal", "feed", "shards", "sink local"];
        Assert.Equal(order, order.OrderBy(stage => screen.Text.IndexOf("\n" + stage, StringComparison.Ordinal)));
        Assert.Contains("Unaccounted: 0", screen.Text, StringComparison.Ordinal);

        top.Type("2");
        await top.UntilAsync("3 jobs on this node");
        top.Type("/TOP1\r");
        await top.UntilAsync(s => s.Text.Contains("TOP1", StringComparison.Ordinal) && !s.Text.Contains("TOP2", StringComparison.Ordinal));
        top.Type("\u001b");
        await top.UntilAsync("TOP2");
        top.Type("\t");
        await top.UntilAsync("1 compute nodes since the start");
        top.Type("\u001b[Z");
        await top.UntilAsync("3 jobs on this node");
        top.Type("5");
        await top.UntilAsync("this node, leader");
        top.Type("4");
        await top.UntilAsync("DEAD LETTERS");
        top.Type("?");
        await top.UntilAsync("Shift-Tab");
        top.Type("\u001bOP");
        await top.UntilAsync("DEAD LETTERS");
        top.Type(" ");
        await top.UntilAsync("PAUSED");
        top.Type("\u001b[99~\u001b[200~"); // keys that do not exist do nothing
        top.Type("q");
        Assert.Equal(ExitCode.Ok, await top.EndAsync());
        Assert.Empty(top.Screen.Strangers);
    }

    [Theory]
    [InlineData("TERM", ExitCode.Terminated)]
    [InlineData("INT", ExitCode.Interrupted)]
    [InlineData("", ExitCode.Interrupted)]
    public async Task A_signal_or_the_key_for_it_ends_it_with_the_terminal_restored(string signal, int code)
    {
        using RunningServer server = await RunningServer.StartAsync(_folder.FullName);
        using TopOnTerminal top = Top();
        await top.UntilAsync("sink local");
        if (signal.Length > 0) Command.Run("kill", "-" + signal, top.Pid).Succeeded();
        else top.Type("\u0003");
        Assert.Equal(code, await top.EndAsync());
    }

    [Fact]
    public async Task While_it_is_stopped_the_terminal_is_the_shells()
    {
        using RunningServer server = await RunningServer.StartAsync(_folder.FullName);
        using TopOnTerminal top = Top();
        await top.UntilAsync("sink local");
        top.Type("\u001a");
        await top.UntilAsync(screen => !screen.IsAlternate && !screen.CursorHidden && State() == "T");
        Command.Run("kill", "-CONT", top.Pid).Succeeded();
        await top.UntilAsync(screen => screen.IsAlternate && screen.Text.Contains("sink local", StringComparison.Ordinal));
        top.Type("q");
        Assert.Equal(ExitCode.Ok, await top.EndAsync());

        string State() => File.ReadAllText($"/proc/{top.Pid}/stat").Split(") ")[1][..1];
    }

    [Fact]
    public async Task A_narrower_terminal_has_fewer_columns_and_no_line_is_too_long()
    {
        using RunningServer server = await RunningServer.StartAsync(_folder.FullName);
        using TopOnTerminal top = Top(columns: 140);
        await top.UntilAsync("ERRORS");
        top.Resize(10, 40);
        TerminalScreen screen = await top.UntilAsync(s => !s.Text.Contains("ERRORS", StringComparison.Ordinal) && s.Widest <= 40);
        Assert.Contains("IN/s", screen.Text, StringComparison.Ordinal);
        Assert.True(screen.Text.Split('\n').Length <= 10, screen.Text);
        top.Resize(1, 5);
        await top.UntilAsync(s => s.Widest <= 5);
        top.Resize(24, 200);
        await top.UntilAsync("DETAIL");
        top.Type("q");
        Assert.Equal(ExitCode.Ok, await top.EndAsync());
    }

    [Fact]
    public async Task Without_colours_the_words_remain()
    {
        using RunningServer server = await RunningServer.StartAsync(_folder.FullName);
        using (TopOnTerminal top = Top(environment: "env NO_COLOR=1"))
        {
            TerminalScreen screen = await top.UntilAsync("sink local");
            Assert.Empty(screen.Colours);
            top.Type("q");
            Assert.Equal(ExitCode.Ok, await top.EndAsync());
        }
        using TopOnTerminal coloured = Top();
        await coloured.UntilAsync(s => s.Colours.Contains("32"));
        coloured.Type("q");
        Assert.Equal(ExitCode.Ok, await coloured.EndAsync());
    }

    [Fact]
    public async Task What_remote_programs_are_called_does_nothing_to_the_terminal()
    {
        using RunningServer server = await RunningServer.StartAsync(_folder.FullName);
        const string evil = "\u001b]0;owned\u0007\u001b[2J\r\n\u202e\u0085\u009b31m";
        await server.SendTcpAsync(Frames.Frame(new ProcessInfo { Binpath = "/bin/x", Pid = 7, JobId = "J" + evil, Username = "U" + evil, Hostname = "H" + evil, Time = 1_750_000_000 }));
        await server.UntilAsync(async () => await server.MetricAsync("ogrt_jobs_active") == 1);
        using TopOnTerminal top = Top(columns: 200);
        top.Type("2");
        await top.UntilAsync(@"J\x1b]0;owned\x07\x1b[2J");
        top.Type("3");
        await top.UntilAsync(@"H\x1b]0;owned");
        top.Type("/\u009b\u202e");
        await top.UntilAsync(@"Filter: \x9b\u{202e}");
        top.Type("\rq");
        Assert.Equal(ExitCode.Ok, await top.EndAsync());
        Assert.Empty(top.Screen.Strangers);
    }

    [Fact]
    public async Task A_server_that_goes_and_comes_back_is_found_again()
    {
        using (RunningServer server = await RunningServer.StartAsync(_folder.FullName))
        {
            using TopOnTerminal top = Top();
            await top.UntilAsync($"process {server.Id}");
            server.Signal("KILL");
            await server.EndAsync();
            // What was last seen stays, with what is wrong above it.
            TerminalScreen screen = await top.UntilAsync("NO SERVER ANSWERS, reconnecting");
            Assert.Contains("sink local", screen.Text, StringComparison.Ordinal);
            using RunningServer again = await RunningServer.StartAsync(_folder.FullName);
            screen = await top.UntilAsync($"process {again.Id}");
            Assert.DoesNotContain("NO SERVER", screen.Text, StringComparison.Ordinal);
            top.Type("q");
            Assert.Equal(ExitCode.Ok, await top.EndAsync());
        }
    }

    [Fact]
    public async Task A_count_ends_it()
    {
        using RunningServer server = await RunningServer.StartAsync(_folder.FullName);
        using var top = new TopOnTerminal(_folder, 80, "", "-d", "0.1", "-n", "3");
        Assert.Equal(ExitCode.Ok, await top.EndAsync());
    }
}
