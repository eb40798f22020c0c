using System.Text;
using System.Text.Json;
using CsCheck;
using Ogrt.Journal;
using Ogrt.Sinks;
using Ogrt.Sinks.Elasticsearch;
using Ogrt.Wire;
using Ogrt.Wire.Protocol;

namespace Ogrt.Specs.Sinks.Elasticsearch;

public sealed class BulkEncoderSpec
{
    private const string Day = "ogrt-processes-2023.11.14";

    private readonly BatchBuffer _output = new(16);

    [Fact]
    public void A_process_is_created_under_its_events_id_with_the_keys_of_the_wire()
    {
        ProcessInfo process = Frames.Process(7);
        (JsonElement action, JsonElement document, EncodeResult result) = Encode(Frames.Record(process));

        Assert.Equal($$$"""{"create":{"_index":"{{{Day}}}","_id":"{{{Id(result.EventId)}}}"}}""", action.GetRawText());
        using JsonDocument wire = JsonDocument.Parse(Frames.Json(Frames.Frame(process), WireLayout.Current));
        foreach (JsonProperty property in wire.RootElement.EnumerateObject().Where(p => p.Name != "time"))
            Assert.Equal(property.Value.GetRawText(), document.GetProperty(property.Name).GetRawText());
        Assert.Equal(1_700_000_007_000, document.GetProperty("time").GetInt64());
        Assert.Equal(1_700_000_007_000, document.GetProperty("@timestamp").GetInt64());
        Assert.Equal("process", document.GetProperty("type").GetString());
    }

    [Fact]
    public void The_same_record_is_the_same_item_each_time()
    {
        JournalRecord record = Frames.Record(Frames.Process(1));
        BulkEncoder encoder = EsSinks.Encoder();
        encoder.Encode(record, _output);
        byte[] first = _output.Slice(0, _output.Length).ToArray();
        _output.Truncate(0);
        encoder.Encode(record, _output);
        Assert.Equal(first, _output.Slice(0, _output.Length).ToArray());
    }

    [Fact]
    public void A_job_record_replaces_older_versions_of_its_document()
    {
        (JsonElement action, JsonElement document, EncodeResult result) = Encode(Frames.Record(Frames.JobRecord(version: 3)));
        JsonElement index = action.GetProperty("index");
        Assert.Equal("ogrt-jobs", index.GetProperty("_index").GetString());
        Assert.Equal(Id(result.EventId), index.GetProperty("_id").GetString());
        Assert.Equal(3, index.GetProperty("version").GetInt64());
        Assert.Equal("external", index.GetProperty("version_type").GetString());
        Assert.Equal(1_700_000_000_000, document.GetProperty("first_time").GetInt64());
        Assert.Equal(1_700_000_000_000, document.GetProperty("@timestamp").GetInt64());
        Assert.Equal("job", document.GetProperty("type").GetString());
        Assert.False(document.TryGetProperty("tree", out _));
    }

    [Theory]
    [InlineData(1_999_999, 1)]
    [InlineData(0, 0)]
    [InlineData(-1, -1)]
    [InlineData(-1_000_000, -1)]
    [InlineData(-1_000_001, -2)]
    public void Milliseconds_are_those_that_have_begun_also_before_1970(long timeNs, long milliseconds)
    {
        JobRecord job = Frames.JobRecord();
        job.FirstTimeNs = timeNs;
        (_, JsonElement document, _) = Encode(Frames.Record(job));
        Assert.Equal(milliseconds, document.GetProperty("@timestamp").GetInt64());
    }

    [Fact]
    public void An_end_stands_beside_its_process_under_an_id_of_its_own()
    {
        ProcessInfo process = Frames.Process(1);
        (JsonElement action, JsonElement document, _) = Encode(Frames.Record(Frames.EndOf(process, exitCode: 3)));
        Assert.True(action.TryGetProperty("create", out _));
        Assert.Equal("process_end", document.GetProperty("type").GetString());
        Assert.Equal(3, document.GetProperty("exit_code").GetInt32());
        Assert.Equal(1_700_000_006_000, document.GetProperty("end_time").GetInt64());
    }

    [Fact]
    public void Merged_an_end_goes_into_the_document_and_index_of_its_image()
    {
        const string merge = "process-ends = merge";
        ProcessInfo process = Frames.Process(1);
        // Three weeks later: the index is that of the start.
        ProcessEnd end = Frames.EndOf(process);
        end.EndTimeNs += 21 * 86_400_000_000_000;
        end.ImageTimeNs = process.TimeNs;
        (JsonElement start, JsonElement startDocument, _) = Encode(Frames.Record(process), merge);
        (JsonElement stop, JsonElement stopDocument, _) = Encode(Frames.Record(end, arrival: Frames.Arrival + 21 * 86_400_000_000_000), merge);

        Assert.Equal(start.GetRawText(), stop.GetRawText());
        Assert.Equal(Day, start.GetProperty("update").GetProperty("_index").GetString());
        Assert.True(stopDocument.GetProperty("doc_as_upsert").GetBoolean());
        JsonElement first = startDocument.GetProperty("doc");
        JsonElement second = stopDocument.GetProperty("doc");
        foreach (JsonProperty property in second.EnumerateObject().Where(p => first.TryGetProperty(p.Name, out _)))
            Assert.Equal(first.GetProperty(property.Name).GetRawText(), property.Value.GetRawText());
        Assert.True(second.TryGetProperty("exit_code", out _));
    }

    [Fact]
    public void Merged_an_end_that_does_not_name_its_image_stands_beside()
    {
        (JsonElement action, JsonElement document, _) = Encode(Frames.Record(Frames.EndOf(Frames.Process(1))), "process-ends = merge");
        Assert.True(action.TryGetProperty("create", out _));
        Assert.Equal("process_end", document.GetProperty("type").GetString());
    }

    [Theory]
    [InlineData("process-target = data-stream", "ogrt-processes")]
    [InlineData("process-index = sites.one", "sites.one-2023.11.14")]
    [InlineData("index-period = month", "ogrt-processes-2023.11")]
    public void The_index_is_as_configured(string settings, string index)
    {
        (JsonElement action, _, _) = Encode(Frames.Record(Frames.Process(1)), settings);
        Assert.Equal(index, action.GetProperty("create").GetProperty("_index").GetString());
    }

    [Fact]
    public void Without_event_ids_the_server_makes_one()
    {
        (JsonElement action, _, _) = Encode(Frames.Record(Frames.Process(1)), "event-ids = off");
        Assert.Equal($$$"""{"create":{"_index":"{{{Day}}}"}}""", action.GetRawText());
    }

    [Fact]
    public void A_clock_of_1970_writes_into_the_index_of_the_arrival()
    {
        ProcessInfo process = Frames.Process(1);
        (process.Time, process.TimeNs) = (5, 5_000_000_000);
        (JsonElement action, JsonElement document, _) = Encode(Frames.Record(process));
        Assert.Equal(Day, action.GetProperty("create").GetProperty("_index").GetString());
        Assert.Equal(5000, document.GetProperty("time").GetInt64());
        Assert.Equal(Frames.Arrival / 1_000_000, document.GetProperty("@timestamp").GetInt64());
    }

    [Fact]
    public void Starts_and_ends_of_jobs_are_documents()
    {
        (_, JsonElement start, _) = Encode(Frames.Record(new JobStart { JobId = "J", StartTime = 1_700_000_000 }));
        Assert.Equal("""{"@timestamp":1700000000000,"type":"job_start","job_id":"J","start_time":1700000000000}""", start.GetRawText());
        (_, JsonElement end, _) = Encode(Frames.Record(new JobEnd { JobId = "J", EndTime = long.MaxValue }));
        Assert.Equal(Frames.Arrival / 1_000_000, end.GetProperty("@timestamp").GetInt64());
    }

    [Theory]
    [InlineData("processes = off")]
    [InlineData("processes = off, process-ends = off, job-events = off, job-records = off")]
    public void What_is_off_is_skipped(string settings)
    {
        BulkEncoder encoder = EsSinks.Encoder(settings);
        Assert.Equal(EncodeKind.Skipped, encoder.Encode(Frames.Record(Frames.Process(1)), _output).Kind);
        bool all = settings.Contains("job-events", StringComparison.Ordinal);
        Assert.Equal(all ? EncodeKind.Skipped : EncodeKind.Encoded, encoder.Encode(Frames.Record(new JobStart { JobId = "J" }), _output).Kind);
        Assert.Equal(all ? EncodeKind.Skipped : EncodeKind.Encoded, encoder.Encode(Frames.Record(Frames.EndOf(Frames.Process(1))), _output).Kind);
        Assert.Equal(all ? EncodeKind.Skipped : EncodeKind.Encoded, encoder.Encode(Frames.Record(Frames.JobRecord()), _output).Kind);
    }

    [Fact]
    public void What_cannot_be_read_is_refused_with_the_reason()
    {
        BulkEncoder encoder = EsSinks.Encoder();
        Assert.Equal("truncated", encoder.Encode(Frames.Record(RecordKind.Frame, [1, 2]), _output).Reason);
        Assert.Equal("bad_job_record", encoder.Encode(Frames.Record(RecordKind.JobRecord, [255, 255]), _output).Reason);
        Assert.Equal(EncodeKind.Skipped, encoder.Encode(Frames.Record(99, [1]), _output).Kind);
    }

    [Fact]
    public void An_environment_can_be_an_object_whose_keys_stand_once()
    {
        ProcessInfo process = Frames.Process(1);
        process.EnvironmentVariables.AddRange(["A=1", "B=", "no name", "=x", "A=2", "AB=3", "a.b=\"4\"", "BASH_FUNC_m%%=() { x; }", "B=second"]);
        (_, JsonElement document, _) = Encode(Frames.Record(process), "environment = object");
        Assert.Equal(
            """{"A":"1","B":"","AB":"3","a.b":"\"4\"","BASH_FUNC_m%%":"() { x; }"}""", document.GetProperty("environment").GetRawText());
        Assert.False(document.TryGetProperty("environment_variables", out _));
        (_, document, _) = Encode(Frames.Record(process), "environment = off");
        Assert.False(document.TryGetProperty("environment", out _));
        Assert.False(document.TryGetProperty("environment_variables", out _));
    }

    [Fact]
    public void Every_process_is_two_lines_of_JSON_whose_keys_stand_once() => Frames.ProcessPayload.Sample(
        payload =>
        {
            foreach (string form in new[] { "list", "object" })
            {
                var output = new BatchBuffer(16);
                BulkEncoder encoder = EsSinks.Encoder($"environment = {form}, process-ends = merge");
                EncodeResult result = encoder.Encode(Frames.Record(RecordKind.Frame, Frames.Frame(FrameType.ProcessInfo, payload)), output);
                if (result.Kind == EncodeKind.Refused)
                    continue;
                string text = Encoding.UTF8.GetString(output.Slice(0, output.Length).Span);
                string[] lines = text.Split('\n');
                Assert.Equal(3, lines.Length);
                Assert.Equal("", lines[2]);
                var strict = new JsonDocumentOptions { AllowDuplicateProperties = false };
                using JsonDocument action = JsonDocument.Parse(lines[0], strict);
                using JsonDocument document = JsonDocument.Parse(lines[1], strict);
            }
        }, iter: 2000, threads: 1);

    [Fact]
    public void Encoding_allocates_nothing()
    {
        BulkEncoder encoder = EsSinks.Encoder();
        JournalRecord[] records = [.. Enumerable.Range(0, 100).Select(n => Frames.Record(Frames.Process(n % 3)))];
        for (int n = 0; n < 2; n++)
            Run();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Run();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Run()
        {
            _output.Truncate(0);
            foreach (JournalRecord record in records)
                encoder.Encode(record, _output);
        }
    }

    [Theory]
    [InlineData("process-ends = merge, process-target = data-stream", "data stream")]
    [InlineData("process-ends = merge, event-ids = off", "event-ids")]
    [InlineData("process-index = Upper", "small letters")]
    [InlineData("job-index = ogrt-processes", "processes")]
    [InlineData("endpoints = []", "endpoints")]
    [InlineData("endpoints = [\"ftp://x\"]", "https://host:9200")]
    [InlineData("endpoints = [\"http://me:geheim@host:9200\"]", "secret-file")]
    [InlineData("authentication = splunk", "api-key")]
    [InlineData("authentication = basic", "username")]
    [InlineData("authentication = api-key", "secret-file")]
    [InlineData("tls.client-key-file = x", "client-certificate-file")]
    public void A_configuration_that_cannot_work_is_refused_with_what_to_do(string settings, string says)
    {
        var error = Assert.Throws<Akka.Configuration.ConfigurationException>(() => EsSinks.Create(settings));
        Assert.StartsWith("ogrt.sinks.es.", error.Message, StringComparison.Ordinal);
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("geheim", error.Message, StringComparison.Ordinal);
    }

    private (JsonElement Action, JsonElement Document, EncodeResult Result) Encode(JournalRecord record, string settings = "")
    {
        _output.Truncate(0);
        EncodeResult result = EsSinks.Encoder(settings).Encode(record, _output);
        Assert.Equal(EncodeKind.Encoded, result.Kind);
        string[] lines = Encoding.UTF8.GetString(_output.Slice(0, _output.Length).Span).Split('\n');
        Assert.Equal(3, lines.Length);
        Assert.Equal("", lines[2]);
        return (JsonDocument.Parse(lines[0]).RootElement, JsonDocument.Parse(lines[1]).RootElement, result);
    }

    private static string Id(UInt128 id) => id.ToString("x32", null);
}
