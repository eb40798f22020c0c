using System.Globalization;
using System.Text.Json;
using Ogrt.Journal;
using Ogrt.Sinks;
using Ogrt.Sinks.DeadLetters;
using Ogrt.Wire;
using Ogrt.Wire.Protocol;

namespace Ogrt.Specs.Sinks.Splunk;

/// <summary>Delivery to a collector of another project, read back from the file that it writes.</summary>
public sealed class RealCollectorSpec
{
    private const int Records = 2000;

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
