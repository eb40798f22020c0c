using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Ogrt.Sinks;
using Ogrt.Wire.Protocol;
using Misdeed = Ogrt.Specs.Sinks.Elasticsearch.FakeServer.Misdeed;

namespace Ogrt.Specs.Sinks.Elasticsearch;

/// <summary>
/// The whole delivery against a server that answers badly: every record is there once, or is a dead letter with the reason.
/// </summary>
public sealed class FaultsSpec
{
    private const int Records = 200;

    private static readonly (string Name, Misdeed What)[] Misdeeds =
    [
        ("429", new(BeforeKeeping: c => FakeServer.AnswerAsync(c, 429, "{}"))),
        ("503", new(BeforeKeeping: c => FakeServer.AnswerAsync(c, 503, "{}"))),
        ("401", new(BeforeKeeping: c => FakeServer.AnswerAsync(c, 401, "{}"))),
        ("reset before it is kept", new(BeforeKeeping: FakeServer.ResetAsync)),
        ("reset after it is kept", new(AfterKeeping: (c, _) => FakeServer.ResetAsync(c))),
        ("500 after it is kept", new(AfterKeeping: (c, _) => FakeServer.AnswerAsync(c, 500, "{}"))),
        ("nothing after it is kept", new(AfterKeeping: (c, _) => Task.Delay(Timeout.Infinite, c.RequestAborted))),
        ("half an answer", new(AfterKeeping: async (c, a) =>
        {
            c.Response.ContentLength = a.Length;
            await c.Response.WriteAsync(a[..(a.Length / 2)], c.RequestAborted);
            await c.Response.Body.FlushAsync(c.RequestAborted);
            await FakeServer.ResetAsync(c);
        })),
        ("half an answer as a whole one", new(AfterKeeping: (c, a) => FakeServer.AnswerAsync(c, 200, a[..(a.Length / 2)]))),
        ("garbage", new(AfterKeeping: (c, _) => FakeServer.AnswerAsync(c, 200, "garbage"))),
        ("an endless answer", new(AfterKeeping: (c, _) => FakeServer.AnswerAsync(c, 200, new string(' ', 200_000)))),
        ("an item too few", new(AfterKeeping: (c, _) => FakeServer.AnswerAsync(c, 200, """{"errors":false,"items":[]}"""))),
        ("a twice as long answer", new(AfterKeeping: (c, a) => FakeServer.AnswerAsync(c, 200, a + a))),
    ];

    public static TheoryData<int> All => [.. Enumerable.Range(0, Misdeeds.Length)];

    [Theory]
    [MemberData(nameof(All))]
    public async Task Each_misdeed_now_and_then(int number)
    {
        await using FakeServer server = await FakeServer.StartAsync();
        server.Does = (request, _) => request % 3 == 1 ? Misdeeds[number].What : null;
        await using SinkServer sinks = Server(server);
        await DeliverAsync(sinks, server, Records);
    }

    [Fact]
    public async Task All_of_them_mixed()
    {
        await using FakeServer server = await FakeServer.StartAsync();
        var random = new Random(7);
        server.Does = (request, _) =>
        {
            lock (random)
                return request < 60 && random.Next(3) > 0 ? Misdeeds[random.Next(Misdeeds.Length)].What : null;
        };
        await using SinkServer sinks = Server(server, "max-in-flight = 4");
        await DeliverAsync(sinks, server, Records);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task Items_of_every_status_in_one_answer(int inFlight)
    {
        await using FakeServer server = await FakeServer.StartAsync();
        var first = new HashSet<string>();
        server.ItemDoes = item =>
        {
            long pid = item.Document.GetProperty("pid").GetInt64();
            bool again;
            lock (first)
                again = !first.Add(item.Id);
            return (pid % 10) switch
            {
                1 when !again => (429, "es_rejected_execution_exception", "full"),
                2 when !again => (503, "unavailable_shards_exception", "away"),
                3 => (400, "document_parsing_exception", "does not fit"),
                4 when !again => (403, "cluster_block_exception", "read-only"),
                5 when !again => (400, "validation_exception", "this action would add [2] total shards"),
                6 => (413, "too_large", "too large"),
                _ => null,
            };
        };
        await using SinkServer sinks = Server(server, $"max-in-flight = {inFlight}");
        sinks.Append(Enumerable.Range(0, Records).Select(n => Frames.Process(n)));
        await sinks.StartAsync();
        await sinks.DeliveredAsync("es");
        SinkCounts counts = sinks.Sink("es").Metrics.Counts;
        Assert.Equal((Records * 8 / 10, Records * 2 / 10, 0), (counts.Delivered, counts.DeadLettered, counts.Duplicate));
        Assert.True(counts.IsConserved);
        await sinks.Host!.DisposeAsync();
        var letters = sinks.DeadLettersOf("es");
        Assert.Equal(Records * 2 / 10, letters.Count);
        Assert.Contains(letters, l => l is { Reason: "document_parsing_exception", Status: 400, Detail: "document_parsing_exception: does not fit" });
        Assert.Contains(letters, l => l is { Reason: "other", Status: 413 });
        Assert.Equal(Records * 8 / 10, server.Documents.Count);
        Assert.Empty(server.Complaints);
    }

    [Fact]
    public async Task One_poison_record_that_spoils_whole_requests_costs_a_few_of_them_and_itself()
    {
        await using FakeServer server = await FakeServer.StartAsync();
        server.Does = (_, items) => items.Any(i => i.Document.GetProperty("pid").GetInt64() == 1077)
            ? new Misdeed(BeforeKeeping: c => FakeServer.AnswerAsync(c, 400, """{"error":{"type":"illegal_argument_exception","reason":"Malformed action/metadata line"}}"""))
            : null;
        await using SinkServer sinks = Server(server, "batch-count = 1000, batch-linger = 200 ms");
        sinks.Append(Enumerable.Range(0, 1000).Select(n => Frames.Process(n)));
        await sinks.StartAsync();
        await sinks.DeliveredAsync("es");
        Assert.Equal(999, server.Documents.Count);
        Assert.Equal((999, 1), (sinks.Sink("es").Metrics.Counts.Delivered, sinks.Sink("es").Metrics.Counts.DeadLettered));
        // Halving a thousand takes ten steps with a sibling each; a partial first batch may add some.
        Assert.InRange(server.Requests, 2, 40);
    }

    [Fact]
    public async Task A_request_that_is_too_large_goes_in_parts()
    {
        await using FakeServer server = await FakeServer.StartAsync(maxBody: 20_000);
        await using SinkServer sinks = Server(server, "batch-count = 1000");
        await DeliverAsync(sinks, server, Records);
        Assert.True(server.Requests > 5);
    }

    [Fact]
    public async Task Compressed_requests_arrive_as_they_were()
    {
        await using FakeServer server = await FakeServer.StartAsync();
        await using SinkServer sinks = Server(server, "compression = gzip");
        await DeliverAsync(sinks, server, Records);
    }

    [Fact]
    public async Task Of_job_records_the_newest_stays_whatever_their_order()
    {
        await using FakeServer server = await FakeServer.StartAsync();
        await using SinkServer sinks = Server(server, "batch-count = 1, max-in-flight = 8");
        sinks.Append(new ulong[] { 2, 1, 5, 3, 4, 5 }.Select(v => Frames.JobRecord(version: v)));
        await sinks.StartAsync();
        await sinks.DeliveredAsync("es");
        Assert.Equal(5, Assert.Single(server.Documents).Value.GetProperty("version").GetInt64());
        SinkCounts counts = sinks.Sink("es").Metrics.Counts;
        Assert.Equal(6, counts.Delivered + counts.Duplicate);
        Assert.True(counts.Duplicate >= 1);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_merged_end_and_its_process_are_one_document_whichever_comes_first(bool endFirst)
    {
        await using FakeServer server = await FakeServer.StartAsync();
        await using SinkServer sinks = Server(server, "process-ends = merge, batch-count = 1, max-in-flight = 1");
        ProcessInfo process = Frames.Process(1);
        ProcessEnd end = Frames.EndOf(process, 7);
        end.ImageTimeNs = process.TimeNs;
        if (endFirst)
            sinks.Append(end, process, end);
        else
            sinks.Append(process, end, process);
        await sinks.StartAsync();
        await sinks.DeliveredAsync("es");
        JsonElement document = Assert.Single(server.Documents).Value;
        Assert.Equal("/bin/app", document.GetProperty("binpath").GetString());
        Assert.Equal(7, document.GetProperty("exit_code").GetInt32());
        Assert.Equal("process", document.GetProperty("type").GetString());
    }

    [Fact]
    public async Task While_every_record_waits_for_a_configuration_the_sink_is_paused_and_says_why()
    {
        await using FakeServer server = await FakeServer.StartAsync();
        bool blocked = true;
        server.ItemDoes = _ => Volatile.Read(ref blocked) ? (403, "cluster_block_exception", "index [x] blocked by: [FORBIDDEN/5/index read-only (api)]") : null;
        await using SinkServer sinks = Server(server, "");
        sinks.Append(Enumerable.Range(0, Records).Select(n => Frames.Process(n)));
        await sinks.StartAsync();
        await SinkServer.UntilAsync(() => sinks.Sink("es").State is { Phase: SinkPhase.Paused, Reason: "cluster_block_exception" }, () => sinks.Sink("es").State.ToString());
        Assert.Contains("read-only", sinks.Sink("es").State.Detail, StringComparison.Ordinal);
        Assert.Empty(server.Documents);
        Volatile.Write(ref blocked, false);
        await sinks.DeliveredAsync("es");
        Assert.Equal(Records, server.Documents.Count);
        Assert.Equal(0, sinks.Sink("es").Metrics.Counts.DeadLettered);
    }

    private static SinkServer Server(FakeServer server, string settings = "") =>
        new(EsSinks.Config(server.Url, $"batch-count = 20, send-timeout = 500 ms, max-answer-bytes = 100000, circuit.min = 1 ms, circuit.max = 5 ms\n{settings}"));

    private static async Task DeliverAsync(SinkServer sinks, FakeServer server, int count)
    {
        sinks.Append(Enumerable.Range(0, count).Select(n => Frames.Process(n)));
        await sinks.StartAsync();
        await sinks.DeliveredAsync("es");
        SinkCounts counts = sinks.Sink("es").Metrics.Counts;
        Assert.Equal(count, counts.Delivered + counts.Duplicate);
        Assert.True(counts.IsConserved);
        Assert.Equal(
            Enumerable.Range(1000, count).Select(n => (long)n),
            server.Documents.Values.Select(d => d.GetProperty("pid").GetInt64()).Order());
        Assert.Empty(server.Complaints);
    }
}
