using System.Text.Json;
using Ogrt.Journal;
using Ogrt.Server.Cli;
using Ogrt.Sinks.DeadLetters;
using Ogrt.Specs.Sinks;
using Ogrt.Wire;
using DeadLetter = Ogrt.Sinks.DeadLetters.DeadLetter;

namespace Ogrt.Specs.Server;

/// <summary><c>ogrt-server deadletters</c> and <c>sinks</c>, with the real program and without one.</summary>
public sealed class DeadLettersCommandSpec : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ogrt-");
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Without_a_server_letters_are_listed_shown_and_dropped()
    {
        await KeepAsync(Frames.Process(1), "mapping");
        await KeepAsync(Frames.Process(2), "mapping");
        await KeepAsync(Frames.Process(3), "too_large");

        Assert.Equal(ExitCode.Ok, await RunAsync("deadletters", "list"));
        Assert.Matches(@"SINK +COUNT +BYTES +FIRST +LAST +STATUS +REASON\nlocal +2 .* 400 +mapping\nlocal +1 .* 400 +too_large\n", _output.ToString());

        Clear();
        Assert.Equal(ExitCode.Ok, await RunAsync("deadletters", "list", "local", "--reason", "mapping", "--limit", "1"));
        Assert.Matches(@"NUMBER .*\n +0 .*mapping .*process 1001 of job JOB: /bin/app .*words of the target\\n\n", _output.ToString());
        Assert.Equal("Only the oldest 1 are shown; --limit 0 shows all.\n", _error.ToString());

        Clear();
        Assert.Equal(ExitCode.Ok, await RunAsync("deadletters", "show", "local", "2", "--json"));
        JsonElement letter = JsonDocument.Parse(_output.ToString()).RootElement;
        Assert.Equal(("too_large", 3, 1003), (letter.GetProperty("reason").GetString(), letter.GetProperty("attempts").GetInt32(),
            letter.GetProperty("record").GetProperty("process").GetProperty("pid").GetInt32()));

        Clear();
        Assert.Equal(ExitCode.Ok, await RunAsync("deadletters", "drop", "local", "--reason", "mapping"));
        Assert.Equal("2 dead letters are dropped.\n", _error.ToString());
        Clear();
        Assert.Equal(ExitCode.Ok, await RunAsync("deadletters", "list", "local", "--json"));
        Assert.Equal(2, JsonDocument.Parse(_output.ToString()).RootElement.GetProperty("number").GetInt64());
    }

    [Fact]
    public async Task Nothing_is_changed_without_saying_what()
    {
        await KeepAsync(Frames.Process(1), "mapping");
        Assert.Equal(ExitCode.Usage, await RunAsync("deadletters", "drop", "local"));
        Assert.Contains("Which dead letters?", _error.ToString(), StringComparison.Ordinal);
        Assert.Equal(ExitCode.Usage, await RunAsync("deadletters", "drop", "local", "--all", "--numbers", "1"));
        Assert.Equal(ExitCode.Usage, await RunAsync("deadletters", "drop", "local", "--numbers", "x"));
        Assert.Equal(ExitCode.NoInput, await RunAsync("deadletters", "drop", "locl", "--all"));
        Assert.Contains("Did you mean 'local'?", _error.ToString(), StringComparison.Ordinal);
        Assert.Equal(ExitCode.NoInput, await RunAsync("deadletters", "show", "local", "7"));
        Assert.Equal(ExitCode.Unavailable, await RunAsync("deadletters", "retry", "local", "--all"));
        Assert.Single(Letters());
    }

    [Fact]
    public async Task A_running_server_sends_letters_again_and_shows_its_sinks()
    {
        await KeepAsync(Frames.Process(1, "4711"), "mapping");
        await KeepAsync(Frames.Process(2, "4711"), "mapping");
        await KeepAsync(Frames.Process(3, "4712"), "other");
        using RunningServer server = await RunningServer.StartAsync(_folder.FullName);

        (int exitCode, string output, string _) = await server.CommandAsync("sinks", "--json");
        Assert.Equal(ExitCode.Ok, exitCode);
        JsonElement sink = Assert.Single(JsonDocument.Parse(output).RootElement.EnumerateArray());
        Assert.Equal(("local", "running", 3), (sink.GetProperty("name").GetString(), sink.GetProperty("phase").GetString(), sink.GetProperty("dead_letters").GetInt64()));

        (exitCode, _, string error) = await server.CommandAsync("deadletters", "retry", "local", "--reason", "mapping");
        Assert.Equal((ExitCode.Ok, "2 sent again: 2 delivered, 0 refused again.\n"), (exitCode, error));
        (exitCode, output, _) = await server.CommandAsync("jobs", "--plain");
        Assert.Contains("4711\t", output, StringComparison.Ordinal);
        Assert.DoesNotContain("4712\t", output, StringComparison.Ordinal);

        (exitCode, _, error) = await server.CommandAsync("deadletters", "drop", "local", "--all");
        Assert.Equal((ExitCode.Ok, "1 dead letters are dropped.\n"), (exitCode, error));
        Assert.Equal(0, await server.MetricAsync("ogrt_dlq_events"));

        (exitCode, output, _) = await server.CommandAsync("sinks");
        Assert.Matches(@"^SINK +TYPE +STATE .*\nlocal +local +running +0 +- ", output);
        Assert.Equal(ExitCode.Ok, exitCode);
        (exitCode, _, error) = await server.CommandAsync("sinks", "resume", "nothing");
        Assert.Equal(ExitCode.NoInput, exitCode);
        Assert.Contains("There is no running sink 'nothing'; there are: local", error, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Ok, (await server.CommandAsync("sinks", "resume", "local")).ExitCode);
        using HttpResponseMessage port = await server.GetAsync("/sinks");
        Assert.Equal(System.Net.HttpStatusCode.NotFound, port.StatusCode);
    }

    [Fact]
    public async Task Without_a_server_sinks_says_so()
    {
        Assert.Equal(ExitCode.Unavailable, await RunAsync("sinks"));
        Assert.Contains("No server runs with this configuration. There is no control socket", _error.ToString(), StringComparison.Ordinal);
    }

    private string DataDirectory => Path.Combine(_folder.FullName, "data");

    private string LettersDirectory => Path.Combine(DataDirectory, "dead-letters/local");

    private List<KeptLetter> Letters() => [.. DeadLetterFiles.Read(LettersDirectory)];

    private async Task KeepAsync(Google.Protobuf.IMessage message, string reason)
    {
        using var store = new DeadLetterStore(LettersDirectory, 64 << 20, JournalOptions.DefaultMaxRecordSize);
        await store.AppendAsync(
            new DeadLetter(RecordKind.Frame, Frames.Arrival, default, 1, 2, 400, 3, Frames.Arrival + 5, reason, "words of the target\n", Frames.Frame(message)),
            CancellationToken.None);
    }

    private void Clear()
    {
        _output.GetStringBuilder().Clear();
        _error.GetStringBuilder().Clear();
    }

    private Task<int> RunAsync(params string[] arguments) =>
        new CommandLineProgram(new Terminal { Output = _output, Error = _error }).RunAsync([.. arguments, "--set", "data-directory=" + DataDirectory]);
}
