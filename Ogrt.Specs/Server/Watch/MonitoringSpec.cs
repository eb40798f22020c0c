using System.Text.Json;
using System.Text.RegularExpressions;
using Ogrt.Server.Metrics;
using Ogrt.Specs.EndToEnd;
using Ogrt.Specs.Shim;

namespace Ogrt.Specs.Server.Watch;

/// <summary>Alerts and dashboard ask for metrics that exist, and every alert has its runbook.</summary>
public sealed partial class MonitoringSpec : IDisposable
{
    private static readonly string Monitoring = Path.Combine(Repository.Root, "Ogrt.Server", "monitoring");
    private static readonly string Runbooks = Path.Combine(Repository.Root, "docs", "runbooks");
    private static readonly string Rules = Path.Combine(Monitoring, "prometheus", "ogrt-alerts.yml");
    private static readonly string Dashboard = Path.Combine(Monitoring, "grafana", "ogrt-server.json");

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ogrt-");

    public void Dispose() => _folder.Delete(recursive: true);

    // Where .ci/run has unpacked it, without its service, or where it is installed.
    private static string Promtool()
    {
        string unpacked = Path.Combine(Repository.Root, "var", "prometheus", "usr", "bin", "promtool");
        return File.Exists(unpacked) ? unpacked : Command.Require("promtool");
    }

    [Fact]
    public void Promtool_finds_the_rules_sound()
    {
        CommandResult result = Command.Run(Promtool(), ["check", "rules", Rules], [], "/").Succeeded();
        Assert.Contains($"{Alerts().Count} rules found", result.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Each_alert_fires_on_what_it_is_for_and_on_nothing_of_a_quiet_server()
    {
        string tests = Path.Combine(Monitoring, "prometheus", "ogrt-alerts-test.yml");
        Command.Run(Promtool(), ["test", "rules", Path.GetFileName(tests)], [], Path.GetDirectoryName(tests)).Succeeded();
        string text = File.ReadAllText(tests);
        // Twice at least: once where it fires, and where it must not.
        Assert.All(Alerts().Keys, alert => Assert.True(Regex.Count(text, $@"alertname: {alert}\n") >= 2, alert));
        Assert.All(Alerts().Keys, alert => Assert.Matches($@"alertname: {alert}\n +exp_alerts:", text));
    }

    [Fact]
    public void Every_alert_has_a_runbook_that_says_what_how_and_whom()
    {
        Dictionary<string, string> alerts = Alerts();
        Assert.Equal(20, alerts.Count);
        foreach ((string alert, string url) in alerts)
        {
            string page = Path.Combine(Runbooks, url[(url.LastIndexOf('/') + 1)..]);
            Assert.True(File.Exists(page), alert);
            string text = File.ReadAllText(page);
            Assert.StartsWith($"# {alert}\n", text, StringComparison.Ordinal);
            string[] headings = [.. text.Split('\n').Where(l => l.StartsWith("## ", StringComparison.Ordinal))];
            Assert.Equal(["## What it means", "## How to see it", "## What to do", "## Whom to call, and when"], headings);
        }
        string[] pages = [.. Directory.EnumerateFiles(Runbooks, "*.md").Select(p => Path.GetFileName(p)).Where(p => p != "README.md").Order(StringComparer.Ordinal)];
        Assert.Equal(pages, alerts.Values.Select(url => url[(url.LastIndexOf('/') + 1)..]).Order(StringComparer.Ordinal));
        string index = File.ReadAllText(Path.Combine(Runbooks, "README.md"));
        Assert.All(pages, page => Assert.Contains($"]({page})", index, StringComparison.Ordinal));
    }

    [Fact]
    public void The_commands_of_the_runbooks_exist()
    {
        var root = new Ogrt.Server.Cli.CommandLineProgram(new Ogrt.Server.Cli.Terminal { Output = TextWriter.Null, Error = TextWriter.Null }).Root;
        string text = string.Concat(Directory.EnumerateFiles(Runbooks, "*.md").Select(File.ReadAllText));
        string[] commands = [.. ServerCommand().Matches(text).Select(m => m.Groups[1].Value).Distinct()];
        Assert.Contains("top", commands);
        Assert.Empty(commands.Except(root.Subcommands.Select(c => c.Name)));
    }

    [Fact]
    public void The_dashboard_takes_its_data_source_from_a_variable_alone()
    {
        using JsonDocument dashboard = JsonDocument.Parse(File.ReadAllText(Dashboard));
        JsonElement root = dashboard.RootElement;
        Assert.Equal(JsonValueKind.Null, root.GetProperty("id").ValueKind);
        Assert.Equal("ogrt-server", root.GetProperty("uid").GetString());
        Assert.False(root.TryGetProperty("__inputs", out _));
        Assert.Contains(root.GetProperty("templating").GetProperty("list").EnumerateArray(), v => v.GetProperty("name").GetString() == "datasource" && v.GetProperty("type").GetString() == "datasource");
        JsonElement[] panels = [.. root.GetProperty("panels").EnumerateArray().Where(p => p.GetProperty("type").GetString() != "row")];
        Assert.NotEmpty(panels);
        Assert.All(panels, p => Assert.Equal("${datasource}", p.GetProperty("datasource").GetProperty("uid").GetString()));
        Assert.All(panels.SelectMany(p => p.GetProperty("targets").EnumerateArray()), t => Assert.Equal("${datasource}", t.GetProperty("datasource").GetProperty("uid").GetString()));
        int[] ids = [.. root.GetProperty("panels").EnumerateArray().Select(p => p.GetProperty("id").GetInt32())];
        Assert.Equal(ids.Length, ids.Distinct().Count());
    }

    [Fact]
    public async Task Every_metric_that_alerts_and_dashboard_name_is_one_of_a_real_server()
    {
        // Some show only when they have something to tell: a rejected frame, a target that is away.
        using RunningServer server = await RunningServer.StartAsync(
            _folder.FullName, "sinks.away.type=elasticsearch", "sinks.away.enabled=on", $"sinks.away.endpoints=http://127.0.0.1:{ServerProcess.FreePort()}");
        await server.SendTcpAsync(Sinks.Frames.Frame(Sinks.Frames.Process(1, "MONITOR")));
        await server.SendTcpAsync(RawMessage.Frame(99, 4, new byte[4]));
        await server.UntilAsync(async () => await server.MetricAsync("ogrt_ingest_rejected_total") == 1 && await server.MetricAsync("ogrt_sink_retries_total") > 0 && await server.MetricAsync("ogrt_sink_request_seconds_count") > 0);
        // Mailboxes are looked at every five seconds.
        await server.UntilAsync(async () => (await server.MetricsAsync()).Contains("ogrt_actor_wait_seconds{", StringComparison.Ordinal));
        HashSet<string> there = [.. PrometheusReader.Read(await server.MetricsAsync()).Select(s => s.Name)];

        string[] named =
        [
            .. new[] { Rules, Dashboard, Path.Combine(Monitoring, "prometheus", "ogrt-alerts-test.yml") }
                .Concat(Directory.EnumerateFiles(Runbooks, "*.md"))
                .SelectMany(file => Metric().Matches(File.ReadAllText(file)).Select(m => m.Value)).Distinct(),
        ];
        Assert.True(named.Length > 30);
        // A runbook may name several by what they begin with.
        Assert.DoesNotContain(named, name => !there.Contains(name) && !there.Any(t => t.StartsWith(name + "_", StringComparison.Ordinal)));
        Assert.DoesNotContain(Expressions().SelectMany(e => Metric().Matches(e).Select(m => m.Value)).Distinct(), name => !there.Contains(name));
    }

    private static IEnumerable<string> Expressions()
    {
        foreach (Match expression in Expression().Matches(File.ReadAllText(Rules))) yield return expression.Groups[1].Value;
        using JsonDocument dashboard = JsonDocument.Parse(File.ReadAllText(Dashboard));
        foreach (JsonElement panel in dashboard.RootElement.GetProperty("panels").EnumerateArray())
            if (panel.TryGetProperty("targets", out JsonElement targets))
                foreach (JsonElement target in targets.EnumerateArray()) yield return target.GetProperty("expr").GetString()!;
    }

    private static Dictionary<string, string> Alerts() =>
        Alert().Matches(File.ReadAllText(Rules)).ToDictionary(m => m.Groups[1].Value, m => m.Groups[2].Value);

    [GeneratedRegex(@"- alert: (\w+)\n(?:(?!- alert:)[\s\S])*?runbook_url: (\S+)")]
    private static partial Regex Alert();

    [GeneratedRegex(@"expr: (.*)")]
    private static partial Regex Expression();

    [GeneratedRegex(@"\b(?:ogrt_(?:actor|build|cluster|dlq|ingest|journal|jobs|sink|store)|process|dotnet)_[a-z_]+\b(?!-)")]
    private static partial Regex Metric();

    [GeneratedRegex(@"ogrt-server ([a-z]+)")]
    private static partial Regex ServerCommand();
}
