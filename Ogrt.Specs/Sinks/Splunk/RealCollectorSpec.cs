using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Ogrt.Journal;
using Ogrt.Sinks;
using Ogrt.Sinks.DeadLetters;
using Ogrt.Specs.Sinks.Elasticsearch;
using Ogrt.Specs.Sinks.Http;
using Ogrt.Wire;
using Ogrt.Wire.Protocol;

namespace Ogrt.Specs.Sinks.Splunk;

/// <summary>Delivery to a collector of another project, read back from the file that it writes.</summary>
public sealed class RealCollectorSpec
{
    private const int Records = 2000;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<bool, string> Ways => new() { { false, "none" }, { false, "gzip" }, { true, "none" }, { true, "gzip" } };

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Each_record_arrives_as_it_was_made(bool acknowledgement, string compression)
    {
        await using RealCollector collector = await RealCollector.StartAsync();
        await using SinkServer sinks = Server(collector, acknowledgement, $"index = hpc, compression = {compression}");
        sinks.Append(Enumerable.Range(0, Records).Select(n => Frames.Process(n)));
        await sinks.StartAsync();
        await sinks.DeliveredAsync("hec");
        Assert.Equal(Records, sinks.Sink("hec").Metrics.Counts.Delivered);
        List<(JsonElement Resource, JsonElement Record)> taken = collector.Taken();
        Assert.Equal(Records, taken.Count);
        CheckAll(taken, Enumerable.Range(0, Records));
        Assert.All(taken, t => Assert.Equal(
            "com.splunk.index=hpc com.splunk.source=ogrt com.splunk.sourcetype=ogrt:process host.name=node1",
            string.Join(' ', Attributes(t.Resource).OrderBy(a => a.Key, StringComparer.Ordinal).Select(a => $"{a.Key}={a.Value}"))));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_collector_that_is_killed_loses_nothing(bool acknowledgement)
    {
        await using RealCollector collector = await RealCollector.StartAsync();
        await using SinkServer sinks = Server(collector, acknowledgement, "batch-count = 20, acknowledgement-timeout = 1 s");
        sinks.Append(Enumerable.Range(0, Records).Select(n => Frames.Process(n)));
        await sinks.StartAsync();
        for (int kill = 1; kill <= 3; kill++)
        {
            await SinkServer.UntilAsync(() => sinks.Sink("hec").Metrics.Counts.Delivered >= kill * Records / 5);
            await collector.RestartAsync();
        }
        await sinks.DeliveredAsync("hec");
        // What was written and not answered comes twice: its event_id tells.
        CheckAll(collector.Taken(), Enumerable.Range(0, Records));
        Assert.True(sinks.Sink("hec").Metrics.Counts.IsConserved);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Over_TLS_with_a_private_authority_and_a_client_certificate_each_record_arrives(bool acknowledgement)
    {
        using var directory = new TempDirectory();
        using var authority = new TestAuthority("ours");
        await using RealCollector collector = await RealCollector.StartAsync(authority);
        using (X509Certificate2 client = authority.Issue("a client"))
        using (RSA key = client.GetRSAPrivateKey()!)
        {
            await File.WriteAllTextAsync(directory.File("client.pem"), client.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem(), Cancellation);
        }
        await File.WriteAllTextAsync(directory.File("ca.pem"), authority.Certificate.ExportCertificatePem(), Cancellation);
        await using SinkServer sinks = Server(collector, acknowledgement,
            $"tls {{ ca-file = \"{directory.File("ca.pem")}\", client-certificate-file = \"{directory.File("client.pem")}\" }}\nbatch-count = 100");
        sinks.Append(Enumerable.Range(0, Records).Select(n => Frames.Process(n)));
        await sinks.StartAsync();
        await sinks.DeliveredAsync("hec");
        Assert.Equal(Records, collector.Taken().Count);
        CheckAll(collector.Taken(), Enumerable.Range(0, Records));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Over_TLS_one_that_is_not_trusted_or_does_not_trust_us_gets_nothing(bool trusted)
    {
        using var directory = new TempDirectory();
        using var authority = new TestAuthority("ours");
        await using RealCollector collector = await RealCollector.StartAsync(authority);
        await File.WriteAllTextAsync(directory.File("ca.pem"), authority.Certificate.ExportCertificatePem(), Cancellation);
        await using SinkServer sinks = Server(collector, false, trusted ? $"tls.ca-file = \"{directory.File("ca.pem")}\"" : "");
        sinks.Append(Enumerable.Range(0, 10).Select(n => Frames.Process(n)));
        await sinks.StartAsync();
        await SinkServer.UntilAsync(
            () => sinks.Sink("hec").State is { Phase: SinkPhase.Paused or SinkPhase.Retrying, Reason: "tls_failed" or "connection_lost" }, () => sinks.Sink("hec").State.ToString());
        Assert.Empty(collector.Taken());
        Assert.Equal(0, sinks.Sink("hec").Metrics.Counts.Delivered);
    }

    public static TheoryData<bool, string, string> Faults => new()
    {
        { false, "limit_data", "downstream" },
        { true, "limit_data", "upstream" },
        { true, "limit_data", "downstream" },
        { false, "reset_peer", "downstream" },
        { true, "reset_peer", "upstream" },
        { false, "timeout", "upstream" },
        { true, "timeout", "downstream" },
        { true, "slicer", "upstream" },
        { false, "cut", "" },
        { true, "cut", "" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Over_a_bad_line_each_record_is_there_when_it_is_good_again(bool acknowledgement, string fault, string stream)
    {
        await using RealCollector collector = await RealCollector.StartAsync();
        await using Toxiproxy proxy = await Toxiproxy.StartAsync(new Uri(collector.Url(acknowledgement)));
        await using SinkServer sinks = SplunkSinks.Server([proxy.Url],
            $"acknowledgement = {(acknowledgement ? "on" : "off")}, batch-count = 50, request-timeout = 500 ms, acknowledgement-timeout = 2 s, max-in-flight = 4");
        await sinks.StartAsync();
        sinks.Append(Enumerable.Range(0, 500).Select(n => Frames.Process(n)));
        await SinkServer.UntilAsync(() => sinks.Sink("hec").Metrics.Counts.Delivered >= 100, () => sinks.Sink("hec").State.ToString());

        if (fault == "cut")
            await proxy.EnableAsync(false);
        else
            await proxy.AddAsync(fault, stream, Attributes(fault));
        sinks.Append(Enumerable.Range(500, 1500).Select(n => Frames.Process(n)));
        // A line that only slices does not hinder; the others stop everything.
        if (fault != "slicer")
            await SinkServer.UntilAsync(() => sinks.Sink("hec").Phase == SinkPhase.Retrying, () => sinks.Sink("hec").State.ToString());
        if (fault == "cut")
            await proxy.EnableAsync(true);
        else
            await proxy.ResetAsync();

        await sinks.DeliveredAsync("hec");
        CheckAll(collector.Taken(), Enumerable.Range(0, Records));
        SinkCounts counts = sinks.Sink("hec").Metrics.Counts;
        Assert.Equal((Records, 0), (counts.Delivered, counts.DeadLettered));
    }

    private static object Attributes(string fault) => fault switch
    {
        "limit_data" => new { bytes = 120 },
        "reset_peer" or "timeout" => new { timeout = 0 },
        _ => new { average_size = 1000, size_variation = 500, delay = 100 },
    };

    // With fields that are no strings this receiver names the event; without an event it does not.
    [Theory]
    [InlineData(false, """{"time":1,"event":{"pid":1},"fields":{"a":{"b":"c"}}}""", "invalid_indexed_fields")]
    [InlineData(true, """{"time":1,"event":{"pid":1},"fields":{"a":{"b":"c"}}}""", "invalid_indexed_fields")]
    [InlineData(false, """{"time":1,"host":"x"}""", "event_required")]
    [InlineData(true, """{"time":1,"host":"x"}""", "event_required")]
    [InlineData(false, """{"time":1,"event":""", "invalid_data_format")]
    public async Task A_poison_event_costs_itself_wherever_it_stands(bool acknowledgement, string instead, string reason)
    {
        await using RealCollector collector = await RealCollector.StartAsync();
        byte[] poison = Frames.Frame(Frames.Process(123));
        var factories = new SinkFactories([new PoisonedSinkFactory(p => p.Span.SequenceEqual(poison), System.Text.Encoding.ASCII.GetBytes(instead + "\n"))]);
        await using SinkServer sinks = Server(collector, acknowledgement, "batch-count = 500, batch-linger = 200 ms", factories);
        sinks.Append(Enumerable.Range(0, 500).Select(n => Frames.Process(n)));
        await sinks.StartAsync();
        await sinks.DeliveredAsync("hec");
        Assert.Equal((499, 1), (sinks.Sink("hec").Metrics.Counts.Delivered, sinks.Sink("hec").Metrics.Counts.DeadLettered));
        CheckAll(collector.Taken(), Enumerable.Range(0, 500).Where(n => n != 123));
        await sinks.Host!.DisposeAsync();
        DeadLetter letter = Assert.Single(sinks.DeadLettersOf("hec"));
        Assert.Equal((reason, 400), (letter.Reason, letter.Status));
        Assert.Equal(poison, letter.Original.ToArray());
    }

    [Fact]
    public async Task Without_acknowledgement_at_the_collector_the_sink_says_so()
    {
        await using RealCollector collector = await RealCollector.StartAsync();
        await using SinkServer sinks = SplunkSinks.Server([collector.Url(false)], "acknowledgement = on");
        sinks.Append(Frames.Process(1));
        await sinks.StartAsync();
        await SinkServer.UntilAsync(() => sinks.Sink("hec").State is { Phase: SinkPhase.Paused, Reason: "acknowledgement_disabled" }, () => sinks.Sink("hec").State.ToString());
        Assert.Empty(collector.Taken());
    }

    private static SinkServer Server(RealCollector collector, bool acknowledgement, string settings, SinkFactories? factories = null) =>
        SplunkSinks.Server([collector.Url(acknowledgement)], $"acknowledgement = {(acknowledgement ? "on" : "off")}\n{settings}", factories);

    // The oracle: what a record is follows from its number.
    private static void CheckAll(List<(JsonElement Resource, JsonElement Record)> taken, IEnumerable<int> numbers)
    {
        var byId = new SortedDictionary<int, string>();
        foreach ((_, JsonElement record) in taken)
        {
            int number = (int)Value(record.GetProperty("body"), "pid").GetProperty("doubleValue").GetDouble() - 1000;
            ProcessInfo made = Frames.Process(number);
            using JsonDocument wire = JsonDocument.Parse(Frames.Json(Frames.Frame(made), WireLayout.Current));
            Assert.True(Same(wire.RootElement, record.GetProperty("body")), $"{number}: {record.GetProperty("body")}");
            // It reads times into a double: the microsecond is what it keeps.
            Assert.Equal(made.TimeNs / 1000, long.Parse(record.GetProperty("timeUnixNano").GetString()!, CultureInfo.InvariantCulture) / 1000);
            Dictionary<string, string> fields = Attributes(record);
            Assert.Equal(("test", "process", "JOB", "user"), (fields["cluster"], fields["type"], fields["job_id"], fields["username"]));
            Assert.Equal(IdOf(made), fields["event_id"]);
            byId[number] = fields["event_id"];
        }
        Assert.Equal(numbers, byId.Keys);
        Assert.Equal(byId.Count, byId.Values.Distinct().Count());
    }

    private static string IdOf(ProcessInfo process)
    {
        JournalRecord record = Frames.Record(process);
        return SplunkSinks.Encoder().Encode(record, new BatchBuffer()).EventId.ToString("x32", CultureInfo.InvariantCulture);
    }

    private static Dictionary<string, string> Attributes(JsonElement of) => of.GetProperty("attributes").EnumerateArray()
        .ToDictionary(a => a.GetProperty("key").GetString()!, a => a.GetProperty("value").GetProperty("stringValue").GetString()!);

    private static JsonElement Value(JsonElement body, string key) => body.GetProperty("kvlistValue").GetProperty("values").EnumerateArray()
        .Single(v => v.GetProperty("key").GetString() == key).GetProperty("value");

    private static bool Same(JsonElement json, JsonElement found) => json.ValueKind switch
    {
        JsonValueKind.Object => found.GetProperty("kvlistValue").GetProperty("values") is var values
            && values.GetArrayLength() == json.EnumerateObject().Count()
            && json.EnumerateObject().All(p => Same(p.Value, Value(found, p.Name))),
        JsonValueKind.Array => found.GetProperty("arrayValue").GetProperty("values").EnumerateArray().ToArray() is var elements
            && elements.Length == json.GetArrayLength()
            && json.EnumerateArray().Zip(elements).All(p => Same(p.First, p.Second)),
        JsonValueKind.Number => json.GetDouble() == found.GetProperty("doubleValue").GetDouble(),
        _ => json.GetString() == found.GetProperty("stringValue").GetString(),
    };
}
