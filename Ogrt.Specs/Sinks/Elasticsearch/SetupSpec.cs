using System.Text.Json;
using System.Text.Json.Nodes;
using Akka.Event;
using Ogrt.Sinks;
using Ogrt.Sinks.Elasticsearch;
using Ogrt.Sinks.Elasticsearch.Setup;
using Ogrt.Wire.Protocol;

namespace Ogrt.Specs.Sinks.Elasticsearch;

/// <summary>Templates installed, filled and asked for on real servers.</summary>
[Collection(RealServerCollection.Name)]
public sealed class SetupSpec(RealServers servers)
{
    private readonly string _prefix = "t" + Guid.NewGuid().ToString("N")[..12];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string> Products => RealServers.Products;

    [Theory]
    [MemberData(nameof(Products))]
    public async Task A_setup_says_what_it_would_do_does_it_and_finds_nothing_to_do_after_it(string product)
    {
        RealServer server = await servers.GetAsync(product);
        using ElasticsearchSetup setup = Setup(server, new SetupOptions(Replicas: 0));
        ServerInfo info = await setup.IdentifyAsync(Cancellation);
        Assert.Equal(product == "opensearch", info.IsOpenSearch);

        IReadOnlyList<SetupStep> first = await setup.PlanAsync(info, Cancellation);
        Assert.Equal([SetupState.Unsupported, SetupState.Missing, SetupState.Missing], first.Select(s => s.State));
        Assert.False(await server.ExistsAsync("/_index_template/" + Processes));
        foreach (SetupStep step in first.Where(s => s.IsToDo))
            await setup.ApplyAsync(step, Cancellation);
        Assert.All((await setup.PlanAsync(info, Cancellation)).Skip(1), s => Assert.Equal((SetupState.Same, ""), (s.State, s.Detail)));

        using ElasticsearchSetup changed = Setup(server, new SetupOptions(Replicas: 1));
        IReadOnlyList<SetupStep> second = await changed.PlanAsync(info, Cancellation);
        Assert.All(second.Skip(1), s => Assert.Equal((SetupState.Differs, "template.settings.index.number_of_replicas"), (s.State, s.Detail)));
    }

    [Theory]
    [InlineData("opensearch", "list")]
    [InlineData("opensearch", "object")]
    [InlineData("elasticsearch", "list")]
    [InlineData("elasticsearch", "object")]
    public async Task What_is_delivered_can_be_asked_for_by_every_kind_of_field(string product, string environment)
    {
        RealServer server = await servers.GetAsync(product);
        await InstallAsync(server);
        await using SinkServer sinks = Sinks(server, $"environment = {environment}");
        ProcessInfo process = Full(1);
        sinks.Append(process, Frames.Process(2), Frames.EndOf(process, 3), Frames.JobRecord(version: 2));
        await sinks.StartAsync();
        await RealServer.DeliveredAsync(sinks);
        Assert.Equal(0, sinks.Sink("es").Metrics.Counts.DeadLettered);

        foreach (string query in new[]
        {
            """{"term":{"shared_objects.path":"/opt/only/here.so"}}""",
            """{"term":{"loaded_modules.name":"gcc/12"}}""",
            """{"term":{"binpath":"/opt/app/bin/app"}}""",
            """{"match":{"cmdline":"special"}}""",
            """{"range":{"time":{"gte":"1700000001000","lte":"1700000001999","format":"epoch_millis"}}}""",
            """{"term":{"arguments":"--special"}}""",
            """{"term":{"executable_inode":"18446744073709551615"}}""",
            environment == "list"
                ? """{"term":{"environment_variables":"OMP_NUM_THREADS=4"}}"""
                : """{"term":{"environment.OMP_NUM_THREADS":"4"}}""",
        })
        {
            IReadOnlyDictionary<string, JsonElement> found = await server.DocumentsAsync(Processes + "-*", query);
            Assert.True(found.Count == 1 && found.Values.Single().GetProperty("pid").GetInt32() == 1001, $"{query} finds {found.Count}");
        }
        Assert.Single(await server.DocumentsAsync(Processes + "-*", """{"range":{"exit_code":{"gt":2}}}"""));
        Assert.Single(await server.DocumentsAsync(Jobs, """{"term":{"state":"running"}}"""));
    }

    [Theory]
    [InlineData("opensearch", "list")]
    [InlineData("opensearch", "object")]
    [InlineData("elasticsearch", "list")]
    [InlineData("elasticsearch", "object")]
    public async Task No_value_that_a_client_may_send_makes_a_dead_letter_or_a_field(string product, string environment)
    {
        RealServer server = await servers.GetAsync(product);
        await InstallAsync(server);
        await using SinkServer sinks = Sinks(server, $"environment = {environment}, batch-bytes = 500000");
        var odd = new List<ProcessInfo>();
        for (int n = 0; n < 40; n++)
        {
            ProcessInfo process = Frames.Process(n);
            process.Time = n % 2 == 0 ? long.MaxValue : long.MinValue;
            process.TimeNs = n % 3 == 0 ? long.MaxValue : n % 3 == 1 ? long.MinValue : 0;
            (process.StartTicks, process.ExecutableSize, process.ExecutableMtimeNs) = (ulong.MaxValue - (ulong)n, ulong.MaxValue, long.MinValue);
            process.Cmdline = new string('c', 100_000);
            process.Binpath = "/" + new string('ä', 40_000);
            process.Arguments.Add(new string('x', 50_000));
            process.EnvironmentVariables.AddRange([
                "LONG=" + new string('y', 50_000), "a.b=1", ".=2", "..=3", "x.=4", ".x=5", "BASH_FUNC_ml%%=() { eval; }", "SP ACE=6", "NEWLINE=a\nb", "=7", "EMPTY=",
                .. Enumerable.Range(0, 2000).Select(v => $"V{n}_{v}={v}"),
            ]);
            odd.Add(process);
        }
        sinks.Append(odd);
        sinks.Append(new ProcessEnd { Pid = 1, Hostname = "h", StartTicks = 1, EndTimeNs = long.MaxValue, MaxRssKib = ulong.MaxValue, UserTimeUs = ulong.MaxValue });
        sinks.Append(new JobEnd { JobId = "J", EndTime = long.MaxValue });
        sinks.Append(Frames.JobRecord(version: ulong.MaxValue));
        await sinks.StartAsync();
        await RealServer.DeliveredAsync(sinks);
        await sinks.Host!.DisposeAsync();
        Assert.Empty(sinks.DeadLettersOf("es").Select(l => $"{l.Reason} {l.Detail}"));
        Assert.Equal(42, await server.CountAsync(Processes + "-*"));
        JsonNode mapping = await server.GetAsync($"/{Processes}-*/_mapping");
        JsonObject[] fields = [.. mapping.AsObject().Select(i => i.Value!["mappings"]!["properties"]!.AsObject())];
        Assert.InRange(fields.Length, 1, 2);
        Assert.All(fields, f => Assert.Equal(Assets.Json("processes-mapping.json")["properties"]!.AsObject().Count, f.Count));
    }

    private string Processes => _prefix + "-processes";

    private string Jobs => _prefix + "-jobs";

    private string Names => $"process-index = {Processes}, job-index = {Jobs}, backoff-max = 100 ms";

    private static ProcessInfo Full(int n)
    {
        ProcessInfo process = Frames.Process(n, binpath: "/opt/app/bin/app");
        process.Cmdline = "app --special 7";
        process.Arguments.Add("--special");
        process.SharedObjects.Add(new SharedObject { Path = "/opt/only/here.so", Signature = "s" });
        process.LoadedModules.Add(new Module { Name = "gcc/12" });
        process.EnvironmentVariables.AddRange(["OMP_NUM_THREADS=4", "PATH=/bin"]);
        process.ExecutableInode = ulong.MaxValue;
        return process;
    }

    private async Task InstallAsync(RealServer server)
    {
        using ElasticsearchSetup setup = Setup(server, new SetupOptions(Replicas: 0));
        ServerInfo info = await setup.IdentifyAsync(Cancellation);
        foreach (SetupStep step in (await setup.PlanAsync(info, Cancellation)).Where(s => s.IsToDo))
            await setup.ApplyAsync(step, Cancellation);
    }

    private ElasticsearchSetup Setup(RealServer server, SetupOptions options) => new(
        EsSinks.Settings(Names + $", endpoints = [\"{Url(server)}\"]"), new SinkContext("test", "/", NoLogger.Instance), options);

    private SinkServer Sinks(RealServer server, string settings) => new(EsSinks.Config(Url(server), Names + "\n" + settings));

    private static string Url(RealServer server) => server.Url.ToString().TrimEnd('/');
}
