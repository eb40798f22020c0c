using System.Net;
using System.Text.Json;
using Ogrt.Server.Cli;
using Ogrt.Specs.Sinks;
using Ogrt.Specs.Wire;

namespace Ogrt.Specs.Server;

public sealed class ServerProcessSpec : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ogrt-");

    public void Dispose() => _folder.Delete(recursive: true);

    private static IEnumerable<byte[]> Processes(int count, string job) => Enumerable.Range(1, count).Select(n => Frames.Frame(Frames.Process(n, job)));

    [Fact]
    public async Task Frames_over_TCP_and_UDP_show_up_in_jobs_trees_documents_and_metrics()
    {
        using RunningServer server = await RunningServer.StartAsync(_folder.FullName);
        await server.SendTcpAsync(RecordedFrames.Shell);
        await server.SendUdpAsync(RecordedFrames.Mpi);

        await server.UntilAsync(async () => (await server.CommandAsync("jobs", "--plain")).Output.Split('\n').Length == 4);
        (int exitCode, string output, string error) = await server.CommandAsync("tree", "TESTJOB", "-v");
        Assert.Equal((ExitCode.Ok, "From the running server.\n"), (exitCode, error));
        Assert.Matches(@"^TESTJOB: running, user jdoe, host localhost\.localdomain, 1 process, started 2016-03-02T\S+\nbash\n$", output);

        (exitCode, output, _) = await server.CommandAsync("job", "TESTJOB", "--json");
        Assert.Equal(ExitCode.Ok, exitCode);
        JsonElement process = Assert.Single(JsonDocument.Parse(output).RootElement.GetProperty("processes").EnumerateArray());
        Assert.Equal(("/usr/bin/bash", 1456936066), (process.GetProperty("binpath").GetString(), process.GetProperty("time").GetInt64()));

        string metrics = await server.MetricsAsync();
        Assert.Contains("ogrt_ingest_frames_total{listener=\"tcp\"} 1\n", metrics, StringComparison.Ordinal);
        Assert.Contains("ogrt_ingest_frames_total{listener=\"udp\"} 1\n", metrics, StringComparison.Ordinal);
        Assert.Contains("# TYPE ogrt_journal_records_total counter\n", metrics, StringComparison.Ordinal);
        Assert.Contains("ogrt_sink_accepted_total{sink=\"local\"}", metrics, StringComparison.Ordinal);
        Assert.All(metrics.Split('\n').Where(l => l.EndsWith(" counter", StringComparison.Ordinal)), l => Assert.EndsWith("_total counter", l, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Health_tells_of_each_part_and_nothing_on_the_port_tells_of_jobs()
    {
        using RunningServer server = await RunningServer.StartAsync(_folder.FullName);
        using HttpResponseMessage live = await server.GetAsync("/health/live");
        Assert.Equal(HttpStatusCode.OK, live.StatusCode);
        using HttpResponseMessage ready = await server.GetAsync("/health/ready");
        Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
        JsonElement parts = JsonDocument.Parse(await ready.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement.GetProperty("parts");
        Assert.Equal(["cluster", "jobs", "journal", "listeners", "server", "sink local"], parts.EnumerateObject().Select(p => p.Name));
        using HttpResponseMessage jobs = await server.GetAsync("/jobs?id=TESTJOB");
        Assert.Equal(HttpStatusCode.NotFound, jobs.StatusCode);
    }

    [Fact]
    [System.Runtime.Versioning.SupportedOSPlatform("linux")]
    public async Task What_the_server_writes_is_its_owners_alone()
    {
        using RunningServer server = await RunningServer.StartAsync(_folder.FullName);
        string data = Path.Combine(_folder.FullName, "data");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(data, "ogrt.sock")));
        const UnixFileMode others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
        Assert.All(Directory.EnumerateFileSystemEntries(data, "*", SearchOption.AllDirectories).Append(data), path =>
            Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(path) & others));
    }

    [Fact]
    public async Task Check_does_not_take_the_running_server_for_another_program()
    {
        using RunningServer server = await RunningServer.StartAsync(_folder.FullName);
        string port = $"ingest.listeners.tcp.port={server.TcpPort}";
        Assert.Equal(ExitCode.Ok, (await server.CommandAsync("check", "-q", "--set", port)).ExitCode);
        (int exitCode, _, string error) = await server.CommandAsync("check", "-q", "--set", port, "--set", $"control.path={_folder.FullName}/none.sock");
        Assert.Equal(ExitCode.Configuration, exitCode);
        Assert.Contains("another program listens there", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SIGTERM_stops_in_order_and_everything_is_in_the_store_afterwards()
    {
        using RunningServer server = await RunningServer.StartAsync(_folder.FullName);
        await server.SendTcpAsync(Processes(200, "STOP"));
        await server.UntilAsync(async () => await server.MetricAsync("ogrt_ingest_frames_total") == 200);
        server.Signal("TERM");
        Assert.Equal(ExitCode.Ok, await server.EndAsync());
        Assert.Contains("Stopped: 200 frames accepted, 0 rejected; records delivered:", server.Log, StringComparison.Ordinal);

        (int exitCode, string output, string error) = await server.CommandAsync("tree", "STOP", "--json", "-v");
        Assert.Equal(ExitCode.Ok, exitCode);
        Assert.Contains(" store ", error, StringComparison.Ordinal);
        Assert.DoesNotContain("From the running server", error, StringComparison.Ordinal);
        Assert.Equal(200, JsonDocument.Parse(output).RootElement.GetProperty("process_count").GetInt32());
    }

    [Fact]
    public async Task SIGKILL_loses_nothing_that_was_accepted_and_the_tree_has_each_process_once()
    {
        int sent = 0;
        for (int round = 1; round <= 3; round++)
        {
            using RunningServer server = await RunningServer.StartAsync(_folder.FullName);
            // Those of the round before come from the journal; some of them are applied and delivered a second time.
            await server.SendTcpAsync(Processes(100, "KILL").Concat(Enumerable.Range(sent + 1000, 100).Select(n => Frames.Frame(Frames.Process(n, "KILL")))));
            sent += 100;
            await server.UntilAsync(async () => await server.MetricAsync("ogrt_ingest_frames_total") == 200);
            server.Signal("KILL");
            await server.EndAsync();
        }

        using RunningServer last = await RunningServer.StartAsync(_folder.FullName);
        int expected = 100 + sent;
        await last.UntilAsync(async () => await ProcessCount(last, "tree", "KILL", "--json") == expected);
        await last.UntilAsync(async () => (await last.CommandAsync("job", "KILL", "--json")).Output is { Length: > 0 } document
            && JsonDocument.Parse(document).RootElement.GetProperty("processes").GetArrayLength() == expected);
    }

    private static async Task<long> ProcessCount(RunningServer server, params string[] command)
    {
        (int exitCode, string output, _) = await server.CommandAsync(command);
        return exitCode == ExitCode.Ok ? JsonDocument.Parse(output).RootElement.GetProperty("process_count").GetInt64() : 0;
    }

    [Fact]
    public async Task A_second_signal_ends_at_once()
    {
        using RunningServer server = await RunningServer.StartAsync(_folder.FullName, "ingest.drain-timeout=10 m");
        using var open = new System.Net.Sockets.TcpClient();
        await open.ConnectAsync(IPAddress.Loopback, server.TcpPort, TestContext.Current.CancellationToken);
        // Half a frame: the drain waits for the rest of it.
        byte[] half = RecordedFrames.Shell[..100];
        await open.GetStream().WriteAsync(half, TestContext.Current.CancellationToken);
        await server.UntilAsync(async () => await server.MetricAsync("ogrt_ingest_connections_total") == 1);
        server.Signal("TERM");
        await server.UntilAsync(() => Task.FromResult(server.Log.Contains("Stopping; a second signal ends at once", StringComparison.Ordinal)));
        server.Signal("TERM");
        Assert.Equal(ExitCode.Terminated, await server.EndAsync());
    }

    [Fact]
    public async Task A_second_server_on_the_same_folder_is_refused_with_one_line()
    {
        using RunningServer first = await RunningServer.StartAsync(_folder.FullName);
        using RunningServer second = RunningServer.Launch(_folder.FullName);
        Assert.Equal(ExitCode.Unavailable, await second.EndAsync());
        await second.UntilAsync(() => Task.FromResult(second.Log.Contains("ogrt-server: A server answers at", StringComparison.Ordinal)));
        Assert.DoesNotContain("   at ", second.Log, StringComparison.Ordinal);

        using RunningServer third = RunningServer.Launch(_folder.FullName, $"control.path={_folder.FullName}/other.sock");
        Assert.Equal(ExitCode.Unavailable, await third.EndAsync());
        await third.UntilAsync(() => Task.FromResult(third.Log.Contains("is already open", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_port_that_is_taken_is_told_with_the_key_to_change()
    {
        using RunningServer first = await RunningServer.StartAsync(_folder.FullName);
        DirectoryInfo other = _folder.CreateSubdirectory("other");
        using RunningServer second = RunningServer.Launch(other.FullName, $"ingest.listeners.tcp.port={first.TcpPort}");
        Assert.Equal(ExitCode.Unavailable, await second.EndAsync());
        await second.UntilAsync(() => Task.FromResult(second.Log.Contains("set ogrt.ingest.listeners.tcp.port to another port", StringComparison.Ordinal)));
        Assert.DoesNotContain("   at ", second.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_that_cannot_be_made_is_told()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "data"), "a file", TestContext.Current.CancellationToken);
        using RunningServer server = RunningServer.Launch(_folder.FullName);
        Assert.Equal(ExitCode.Io, await server.EndAsync());
        await server.UntilAsync(() => Task.FromResult(server.Log.Contains("ogrt-server: ", StringComparison.Ordinal)));
        Assert.DoesNotContain("   at ", server.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_configuration_is_told_with_its_place()
    {
        using RunningServer server = RunningServer.Launch(_folder.FullName, "journal.max-sise=1");
        Assert.Equal(ExitCode.Configuration, await server.EndAsync());
        await server.UntilAsync(() => Task.FromResult(server.Log.Contains("Did you mean 'ogrt.journal.max-size'?", StringComparison.Ordinal)));
    }
}
