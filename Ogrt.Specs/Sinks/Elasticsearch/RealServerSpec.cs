using System.Text.Json;
using Ogrt.Sinks;
using Ogrt.Wire;
using Ogrt.Wire.Protocol;

namespace Ogrt.Specs.Sinks.Elasticsearch;

/// <summary>The sink against real servers, which are made to answer badly for real.</summary>
[Collection(RealServerCollection.Name)]
public sealed class RealServerSpec(RealServers servers)
{
    // Each spec has indices of its own: the servers are there for all of them.
    private readonly string _prefix = "s" + Guid.NewGuid().ToString("N")[..12];

    public static TheoryData<string> Products => RealServers.Products;

    private string Processes => _prefix + "-processes";

    private string Jobs => _prefix + "-jobs";

    private string Day => Processes + "-2023.11.14";

    [Theory]
    [MemberData(nameof(Products))]
    public async Task Every_record_arrives_as_it_was_made_and_once_however_often_it_is_sent(string product)
    {
        RealServer server = await servers.GetAsync(product);
        await using SinkServer sinks = Sinks(server, "batch-count = 100");
        ProcessInfo[] processes = [.. Enumerable.Range(0, 1000).Select(n => Frames.Process(n))];
        sinks.Append(processes);
        sinks.Append(processes);
        sinks.Append(Frames.EndOf(processes[0]), new JobStart { JobId = "J", StartTime = 1_700_000_000 }, new JobEnd { JobId = "J", EndTime = 1_700_000_500 });
        await sinks.StartAsync();
        await RealServer.DeliveredAsync(sinks);

        SinkCounts counts = sinks.Sink("es").Metrics.Counts;
        Assert.Equal((1003, 1000, 0), (counts.Delivered, counts.Duplicate, counts.DeadLettered));
        IReadOnlyDictionary<string, JsonElement> documents = await server.DocumentsAsync(Day);
        Assert.Equal(1003, documents.Count);
        var byPid = documents.Values.Where(d => d.GetProperty("type").GetString() == "process").ToDictionary(d => d.GetProperty("pid").GetInt32());
        foreach (ProcessInfo process in processes)
        {
            using JsonDocument made = JsonDocument.Parse(Frames.Json(Frames.Frame(process), WireLayout.Current));
            foreach (JsonProperty property in made.RootElement.EnumerateObject().Where(p => p.Name != "time"))
                Assert.Equal(property.Value.GetRawText(), byPid[process.Pid].GetProperty(property.Name).GetRawText());
        }
    }

    [Theory]
    [MemberData(nameof(Products))]
    public async Task The_newest_version_of_a_job_stays(string product)
    {
        RealServer server = await servers.GetAsync(product);
        await using SinkServer sinks = Sinks(server, "batch-count = 2, max-in-flight = 4");
        sinks.Append(new ulong[] { 3, 1, 2, 5, 4, 5 }.Select(v => Frames.JobRecord(version: v)));
        sinks.Append(Frames.JobRecord(version: 1, incarnation: 2));
        await sinks.StartAsync();
        await RealServer.DeliveredAsync(sinks);
        IReadOnlyDictionary<string, JsonElement> jobs = await server.DocumentsAsync(Jobs);
        Assert.Equal(2, jobs.Count);
        Assert.Contains(jobs.Values, j => j.GetProperty("incarnation").GetInt32() == 1 && j.GetProperty("version").GetInt64() == 5);
        Assert.True(sinks.Sink("es").Metrics.Counts.IsConserved);
    }

    [Theory]
    [MemberData(nameof(Products))]
    public async Task A_merged_end_is_in_the_document_of_its_process(string product)
    {
        RealServer server = await servers.GetAsync(product);
        await using SinkServer sinks = Sinks(server, "process-ends = merge, batch-count = 7, max-in-flight = 4");
        ProcessInfo[] processes = [.. Enumerable.Range(0, 50).Select(n => Frames.Process(n))];
        ProcessEnd[] ends = [.. processes.Select(p =>
        {
            ProcessEnd end = Frames.EndOf(p, exitCode: p.Pid % 5);
            end.ImageTimeNs = p.TimeNs;
            return end;
        })];
        // Some ends first, some twice, and all of them from several requests at once.
        sinks.Append(ends.Take(20));
        sinks.Append(processes);
        sinks.Append(ends);
        sinks.Append(processes.Take(10));
        await sinks.StartAsync();
        await RealServer.DeliveredAsync(sinks);
        IReadOnlyDictionary<string, JsonElement> documents = await server.DocumentsAsync(Day);
        Assert.Equal(50, documents.Count);
        Assert.All(documents.Values, d => Assert.Equal(d.GetProperty("pid").GetInt32() % 5, d.GetProperty("exit_code").GetInt32()));
        Assert.All(documents.Values, d => Assert.Equal("/bin/app", d.GetProperty("binpath").GetString()));
        Assert.Equal(0, sinks.Sink("es").Metrics.Counts.DeadLettered);
    }

    [Theory]
    [MemberData(nameof(Products))]
    public async Task What_does_not_fit_a_mapping_is_a_dead_letter_in_the_servers_words_and_nothing_else_is(string product)
    {
        RealServer server = await servers.GetAsync(product);
        await server.PutAsync($"/_index_template/{_prefix}", "{\"index_patterns\":[\"" + Processes + "-*\"],\"template\":{\"mappings\":{\"properties\":{\"cmdline\":{\"type\":\"long\"}}}}}");
        await using SinkServer sinks = Sinks(server, "batch-count = 50");
        sinks.Append(Enumerable.Range(0, 500).Select(n =>
        {
            ProcessInfo process = Frames.Process(n);
            process.Cmdline = n == 250 ? "no number" : $"{n}";
            return process;
        }));
        await sinks.StartAsync();
        await RealServer.DeliveredAsync(sinks);
        Assert.Equal(499, await server.CountAsync(Day));
        Assert.Equal((499, 1), (sinks.Sink("es").Metrics.Counts.Delivered, sinks.Sink("es").Metrics.Counts.DeadLettered));
        await sinks.Host!.DisposeAsync();
        var letter = Assert.Single(sinks.DeadLettersOf("es"));
        Assert.Equal(400, letter.Status);
        Assert.Contains(letter.Reason, (string[])["mapper_parsing_exception", "document_parsing_exception"]);
        Assert.Contains("cmdline", letter.Detail, StringComparison.Ordinal);
        Assert.Equal(Frames.Frame(Poison(250)), letter.Original.ToArray());

        static ProcessInfo Poison(int n)
        {
            ProcessInfo process = Frames.Process(n);
            process.Cmdline = "no number";
            return process;
        }
    }

    [Theory]
    [MemberData(nameof(Products))]
    public async Task A_request_beyond_the_servers_limit_goes_in_parts(string product)
    {
        RealServer server = await servers.GetAsync(product);
        Assert.SkipUnless(server.IsOurs, "The limits of a server that somebody else runs are not known.");
        await using SinkServer sinks = Sinks(server, "batch-count = 5000, batch-linger = 300 ms");
        sinks.Append(Enumerable.Range(0, 3000).Select(n => Wide(n, 1000)));
        await sinks.StartAsync();
        await RealServer.DeliveredAsync(sinks);
        Assert.Equal(3000, await server.CountAsync(Day));
        Assert.Equal(0, sinks.Sink("es").Metrics.Counts.DeadLettered);
        Assert.Contains(sinks.Sink("es").Metrics.Retries, r => r.Key == "split");
    }

    [Theory]
    [MemberData(nameof(Products))]
    public async Task A_server_that_has_too_much_to_do_gets_everything_in_the_end(string product)
    {
        RealServer server = await servers.GetAsync(product);
        Assert.SkipUnless(server.IsOurs, "The limits of a server that somebody else runs are not known.");
        await using SinkServer sinks = Sinks(server, "batch-bytes = 600000, max-in-flight = 16");
        await sinks.StartAsync();
        int sent = 0;
        // Several at once are usually too many for one thread and a queue of one; until it has happened, more.
        while (sent < 40_000 && !HadTooMuch(sinks))
        {
            sinks.Append(Enumerable.Range(sent, 4000).Select(n => Wide(n, 1000)));
            sent += 4000;
            await RealServer.UntilAsync(() => HadTooMuch(sinks) || sinks.Sink("es").LagRecords == 0, sinks);
        }
        await RealServer.DeliveredAsync(sinks);
        SinkCounts counts = sinks.Sink("es").Metrics.Counts;
        Assert.Equal(sent, await server.CountAsync(Processes + "-*"));
        Assert.Equal((sent, 0), (counts.Delivered + counts.Duplicate, counts.DeadLettered));
        Assert.True(sent < 40_000, "The server never had too much to do.");
    }

    [Theory]
    [InlineData("opensearch", "index.blocks.read_only", SinkPhase.Paused)]
    [InlineData("elasticsearch", "index.blocks.read_only", SinkPhase.Paused)]
    [InlineData("opensearch", "index.blocks.read_only_allow_delete", SinkPhase.Running)]
    [InlineData("elasticsearch", "index.blocks.read_only_allow_delete", SinkPhase.Running)]
    public async Task An_index_that_is_blocked_loses_nothing(string product, string block, SinkPhase phase)
    {
        RealServer server = await servers.GetAsync(product);
        await server.PutAsync("/" + Day, "{}");
        await server.PutAsync($"/{Day}/_settings", "{\"" + block + "\":true}");
        await using SinkServer sinks = Sinks(server, "batch-count = 100");
        sinks.Append(Enumerable.Range(0, 300).Select(n => Frames.Process(n)));
        await sinks.StartAsync();
        int status = phase == SinkPhase.Paused ? 403 : 429;
        await SinkServer.UntilAsync(
            () => sinks.Sink("es").Metrics.ItemFailures.Any(f => f.Key == (status, "cluster_block_exception")) && sinks.Sink("es").Phase == phase,
            () => $"{sinks.Sink("es").State} {string.Join(' ', sinks.Sink("es").Metrics.ItemFailures)}");
        await server.PutAsync($"/{Day}/_settings", "{\"" + block + "\":null}");
        await RealServer.DeliveredAsync(sinks);
        Assert.Equal(300, await server.CountAsync(Day));
        Assert.Equal(0, sinks.Sink("es").Metrics.Counts.DeadLettered);
    }

    [Theory]
    [InlineData("opensearch", "action.auto_create_index", "false", "index_not_found_exception")]
    [InlineData("elasticsearch", "action.auto_create_index", "false", "index_not_found_exception")]
    [InlineData("opensearch", "cluster.max_shards_per_node", "1", "validation_exception")]
    [InlineData("elasticsearch", "cluster.max_shards_per_node", "1", "validation_exception")]
    public async Task A_cluster_that_makes_no_more_indices_pauses_the_sink_and_costs_no_record(string product, string setting, string value, string reason)
    {
        RealServer server = await servers.GetAsync(product);
        Assert.SkipUnless(server.IsOurs, "Settings of a cluster that somebody else runs are not ours to change.");
        await server.PutAsync("/" + _prefix + "-one", """{"settings":{"number_of_shards":1,"number_of_replicas":0}}""");
        await server.PutAsync("/_cluster/settings", "{\"persistent\":{\"" + setting + "\":\"" + value + "\"}}");
        try
        {
            await using SinkServer sinks = Sinks(server, "batch-count = 100");
            sinks.Append(Enumerable.Range(0, 300).Select(n => Frames.Process(n)));
            await sinks.StartAsync();
            await SinkServer.UntilAsync(
                () => sinks.Sink("es").State is { Phase: SinkPhase.Paused } state && state.Reason == reason,
                () => sinks.Sink("es").State.ToString());
            await server.PutAsync("/_cluster/settings", "{\"persistent\":{\"" + setting + "\":null}}");
            await RealServer.DeliveredAsync(sinks);
            Assert.Equal(300, await server.CountAsync(Day));
            Assert.Equal(0, sinks.Sink("es").Metrics.Counts.DeadLettered);
        }
        finally
        {
            await server.PutAsync("/_cluster/settings", "{\"persistent\":{\"" + setting + "\":null}}");
        }
    }

    [Theory]
    [MemberData(nameof(Products))]
    public async Task A_server_that_is_killed_in_the_middle_has_every_record_once_when_it_is_back(string product)
    {
        RealServer server = await servers.GetAsync(product);
        Assert.SkipUnless(server.IsOurs, "A server that somebody else runs is not ours to kill.");
        await using SinkServer sinks = Sinks(server, "batch-count = 100, max-in-flight = 4");
        await sinks.StartAsync();
        sinks.Append(Enumerable.Range(0, 5000).Select(n => Frames.Process(n)));
        await RealServer.UntilAsync(() => sinks.Sink("es").Metrics.Counts.Delivered > 300, sinks);
        server.KillNow();
        sinks.Append(Enumerable.Range(5000, 1000).Select(n => Frames.Process(n)));
        await RealServer.UntilAsync(() => sinks.Sink("es").Phase == SinkPhase.Retrying, sinks);
        await server.RestartAsync();
        await RealServer.DeliveredAsync(sinks);
        Assert.Equal(6000, await server.CountAsync(Day));
        SinkCounts counts = sinks.Sink("es").Metrics.Counts;
        Assert.Equal((6000, 0), (counts.Delivered + counts.Duplicate, counts.DeadLettered));
    }

    [Fact]
    public async Task A_data_stream_takes_what_it_can_know()
    {
        RealServer server = await servers.GetAsync("opensearch");
        await server.PutAsync($"/_index_template/{_prefix}", "{\"index_patterns\":[\"" + Processes + "\"],\"data_stream\":{},\"template\":{\"mappings\":{\"properties\":{\"@timestamp\":{\"type\":\"date\",\"format\":\"epoch_millis\"}}}}}");
        await using SinkServer sinks = Sinks(server, "process-target = data-stream, batch-count = 100");
        ProcessInfo[] processes = [.. Enumerable.Range(0, 300).Select(n => Frames.Process(n))];
        sinks.Append(processes);
        sinks.Append(processes.Take(100));
        await sinks.StartAsync();
        await RealServer.DeliveredAsync(sinks);
        Assert.Equal(300, await server.CountAsync(Processes));
        Assert.Equal((300, 100), (sinks.Sink("es").Metrics.Counts.Delivered, sinks.Sink("es").Metrics.Counts.Duplicate));
    }

    private static bool HadTooMuch(SinkServer sinks) =>
        sinks.Sink("es").Metrics.ItemFailures.Any(f => f.Key.Status == 429) || sinks.Sink("es").Metrics.Requests.Any(r => r.Key == "http_429");

    private SinkServer Sinks(RealServer server, string settings) => new(EsSinks.Config(
        server.Url.ToString().TrimEnd('/'),
        // Records of specs are of 2023.
        $"process-index = {Processes}, job-index = {Jobs}, time-past = 3660 d, backoff-max = 100 ms, backoff-paused = 100 ms, circuit.max = 1 s\n{settings}"), maxSize: 256 << 20);

    // A process with an environment of so many bytes.
    private static ProcessInfo Wide(int n, int bytes)
    {
        ProcessInfo process = Frames.Process(n);
        process.EnvironmentVariables.Add("X=" + new string('x', bytes));
        return process;
    }
}
