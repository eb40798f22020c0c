using System.Text.Json;
using Ogrt.Server.Cli;
using Ogrt.Specs.Sinks;

namespace Ogrt.Specs.Server.Watch;

public sealed class MetricsCommandSpec : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ogrt-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Metrics_come_with_value_rate_and_labels_and_the_actors_behind_them()
    {
        using RunningServer server = await RunningServer.StartAsync(_folder.FullName);
        await server.SendTcpAsync(Enumerable.Range(1, 50).Select(n => Frames.Frame(Frames.Process(n, "METRICS"))));
        await server.UntilAsync(async () => await server.MetricAsync("ogrt_jobs_frames_total") == 50);

        (int code, string output, _) = await server.CommandAsync("metrics", "--plain", "-d", "0.1");
        Assert.Equal(ExitCode.Ok, code);
        string[] lines = output.Split('\n');
        Assert.Equal("METRIC\tVALUE\tRATE/s\tLABELS", lines[0]);
        Assert.Contains("ogrt_ingest_frames_total\t50\t0\t{listener=\"tcp\"}", lines);
        Assert.Contains("ogrt_jobs_active\t1\t-\t", lines);
        Assert.Contains(lines, l => l.StartsWith("ACTORS\tLIVE\tMAILBOX\t", StringComparison.Ordinal));
        Assert.Contains(lines, l => l.StartsWith("job\t1\t0\t0\t", StringComparison.Ordinal));
        Assert.Contains(lines, l => l.StartsWith("listener\t2\t", StringComparison.Ordinal));
        Assert.DoesNotContain("_bucket", output, StringComparison.Ordinal);

        (code, output, _) = await server.CommandAsync("metrics", "listener=\"udp\"", "--plain", "-d", "0.1");
        Assert.Equal(ExitCode.Ok, code);
        Assert.All(output.TrimEnd('\n').Split('\n').Skip(1), l => Assert.Contains("{listener=\"udp\"", l, StringComparison.Ordinal));
        (code, output, _) = await server.CommandAsync("metrics", "ogrt_sink_request_seconds*", "--buckets", "--plain", "-d", "0.1");
        Assert.Equal(ExitCode.Ok, code);
        Assert.Contains("le=\"+Inf\"", output, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Found, (await server.CommandAsync("metrics", "no_such_metric", "-d", "0.1")).ExitCode);
        Assert.Equal(ExitCode.Usage, (await server.CommandAsync("metrics", "-d", "0")).ExitCode);
    }

    [Fact]
    public async Task Followed_metrics_are_looked_at_as_often_as_asked_and_their_JSON_tells_rates_and_actors()
    {
        using RunningServer server = await RunningServer.StartAsync(_folder.FullName);
        (int code, string output, _) = await server.CommandAsync("metrics", "--follow", "-n", "3", "-d", "0.1", "--json");
        Assert.Equal(ExitCode.Ok, code);
        JsonElement[] looks = [.. output.TrimEnd('\n').Split('\n').Select(line => JsonDocument.Parse(line).RootElement)];
        Assert.Equal(3, looks.Length);
        JsonElement cpu = looks[0].GetProperty("metrics").EnumerateArray().Single(m => m.GetProperty("name").GetString() == "process_cpu_seconds_total");
        Assert.Equal(JsonValueKind.Number, cpu.GetProperty("rate").ValueKind);
        JsonElement feed = looks[2].GetProperty("actors").EnumerateArray().Single(a => a.GetProperty("kind").GetString() == "feed");
        Assert.True(feed.GetProperty("live").GetInt32() >= 1);
        Assert.True(feed.GetProperty("handled").GetInt64() > 0);
        // Of the later looks only what has changed is told.
        Assert.DoesNotContain(looks[1].GetProperty("metrics").EnumerateArray(), m => m.GetProperty("name").GetString() == "ogrt_build_info");
    }

    [Fact]
    public async Task The_tree_of_actors_has_listeners_feed_jobs_and_sinks()
    {
        using RunningServer server = await RunningServer.StartAsync(_folder.FullName);
        await server.SendTcpAsync(Enumerable.Range(1, 5).Select(n => Frames.Frame(Frames.Process(n, $"ACTORS{n}"))));
        await server.UntilAsync(async () => await server.MetricAsync("ogrt_jobs_active") == 5);
        (int code, string output, _) = await server.CommandAsync("actors");
        Assert.Equal(ExitCode.Ok, code);
        Assert.Contains("ingest (ingest), 2 below", output, StringComparison.Ordinal);
        Assert.Contains("2 listener actors", output, StringComparison.Ordinal);
        Assert.Contains("job (region), ", output, StringComparison.Ordinal);
        Assert.Contains("sink-local", output, StringComparison.Ordinal);
        (_, output, _) = await server.CommandAsync("actors", "--expand", "--system");
        Assert.Contains("default/ACTORS3 (job)", output, StringComparison.Ordinal);

        (_, output, _) = await server.CommandAsync("actors", "--json");
        JsonElement root = JsonDocument.Parse(output).RootElement;
        Assert.Equal(["system", "user"], root.GetProperty("children").EnumerateArray().Select(c => c.GetProperty("name").GetString()).Order(StringComparer.Ordinal));
        Assert.True(root.GetProperty("actors").GetInt64() > 20);
        (_, output, _) = await server.CommandAsync("actors", "--kinds");
        Assert.Matches(@"\njob +5 ", output);
    }

    [Fact]
    public async Task Without_a_server_the_commands_say_so()
    {
        foreach (string command in new[] { "metrics", "actors" })
        {
            var error = new StringWriter();
            int code = await new CommandLineProgram(new Terminal { Output = TextWriter.Null, Error = error }).RunAsync([command, "--set", "data-directory=" + _folder.FullName], TestContext.Current.CancellationToken);
            Assert.Equal(ExitCode.Unavailable, code);
            Assert.Contains("No server runs with this configuration", error.ToString(), StringComparison.Ordinal);
        }
    }
}
