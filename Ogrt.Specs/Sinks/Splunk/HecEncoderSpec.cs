using System.Globalization;
using System.Text;
using System.Text.Json;
using CsCheck;
using Google.Protobuf;
using Ogrt.Journal;
using Ogrt.Sinks;
using Ogrt.Sinks.Splunk;
using Ogrt.Wire;
using Ogrt.Wire.Protocol;

namespace Ogrt.Specs.Sinks.Splunk;

public sealed class HecEncoderSpec
{
    [Theory]
    [InlineData(0, "0")]
    [InlineData(1, "0.000000001")]
    [InlineData(999_999_999, "0.999999999")]
    [InlineData(1_700_000_000_000_000_000, "1700000000")]
    [InlineData(1_700_000_000_123_456_789, "1700000000.123456789")]
    [InlineData(1_700_000_000_120_000_000, "1700000000.12")]
    [InlineData(1_700_000_000_000_010_000, "1700000000.00001")]
    [InlineData(long.MaxValue, "9223372036.854775807")]
    public void A_time_is_in_plain_decimals(long ns, string text)
    {
        byte[] bytes = new byte[HecTime.MaxLength];
        Assert.Equal(text, Encoding.ASCII.GetString(bytes, 0, HecTime.Write(ns, bytes)));
    }

    [Fact]
    public void Any_time_is_exact() => Gen.Long[0, long.MaxValue].Sample(ns =>
    {
        byte[] bytes = new byte[HecTime.MaxLength];
        string text = Encoding.ASCII.GetString(bytes, 0, HecTime.Write(ns, bytes));
        return decimal.Parse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture) * 1_000_000_000m == ns;
    });

    [Fact]
    public void A_process_is_an_event_with_the_keys_of_the_wire()
    {
        ProcessInfo process = Frames.Process(7);
        process.TimeNs += 5;
        (JsonElement json, EncodeResult result) = Encode(Frames.Record(process), "index = hpc");
        Assert.Equal(Frames.Json(Frames.Frame(process), WireLayout.Current), json.GetProperty("event").GetRawText());
        Assert.Equal("1700000007.000000005", json.GetProperty("time").GetRawText());
        Assert.Equal(("node1", "ogrt", "ogrt:process", "hpc"), Where(json));
        Assert.Equal(
            $$"""{"cluster":"test","type":"process","event_id":"{{Id(result)}}","job_id":"JOB","username":"user"}""",
            json.GetProperty("fields").GetRawText());
    }

    [Fact]
    public void Each_type_has_its_source_type_and_its_time()
    {
        ProcessInfo process = Frames.Process(1);
        (IMessage Message, string Type, string Time)[] all =
        [
            (Frames.EndOf(process), "process_end", "1700000006"),
            (new JobStart { JobId = "J", StartTime = 1_700_000_001 }, "job_start", "1700000001"),
            (new JobEnd { JobId = "J", EndTime = 1_700_000_002 }, "job_end", "1700000002"),
            (Frames.JobRecord(), "job", "1700000100"),
        ];
        foreach ((IMessage message, string type, string time) in all)
        {
            (JsonElement json, EncodeResult result) = Encode(Frames.Record(message));
            Assert.Equal(("ogrt:" + type, time), (json.GetProperty("sourcetype").GetString(), json.GetProperty("time").GetRawText()));
            Assert.Equal((type, Id(result)), (json.GetProperty("fields").GetProperty("type").GetString(), json.GetProperty("fields").GetProperty("event_id").GetString()));
            Assert.False(json.TryGetProperty("index", out _));
            Assert.Equal(type == "process_end", json.TryGetProperty("host", out _));
        }
    }

    [Fact]
    public void A_time_before_1970_and_none_at_all_are_the_arrival()
    {
        ProcessInfo old = Frames.Process(1);
        old.TimeNs = -1;
        Assert.Equal("1700000000", Encode(Frames.Record(old)).Json.GetProperty("time").GetRawText());
        var timeless = new ProcessInfo { Binpath = "/bin/x", Pid = 1 };
        (JsonElement json, _) = Encode(Frames.Record(timeless));
        Assert.Equal("1700000000", json.GetProperty("time").GetRawText());
        // Nothing is said of what is not known: Splunk refuses nothing as much as an empty field.
        Assert.Equal(["cluster", "type", "event_id"], json.GetProperty("fields").EnumerateObject().Select(f => f.Name));
        Assert.False(json.TryGetProperty("host", out _));
    }

    [Fact]
    public void What_the_settings_say_of_events_is_said_of_each()
    {
        (JsonElement json, _) = Encode(Frames.Record(Frames.Process(1)), """host = "a \"host\"", source = "", sourcetype = fixed, index = i""");
        Assert.Equal(("a \"host\"", null, "fixed", "i"), Where(json));
    }

    [Fact]
    public void What_is_switched_off_is_skipped_and_what_cannot_be_read_is_refused()
    {
        HecEncoder encoder = SplunkSinks.Encoder("processes = off, job-records = off");
        var output = new BatchBuffer();
        Assert.Equal(EncodeKind.Skipped, encoder.Encode(Frames.Record(Frames.Process(1)), output).Kind);
        Assert.Equal(EncodeKind.Skipped, encoder.Encode(Frames.Record(Frames.JobRecord()), output).Kind);
        Assert.Equal("truncated", encoder.Encode(Frames.Record(RecordKind.Frame, [1, 2, 3]), output).Reason);
        Assert.Equal("bad_job_record", SplunkSinks.Encoder().Encode(Frames.Record(RecordKind.JobRecord, [255]), output).Reason);
        Assert.Equal(0, output.Length);
    }

    [Fact]
    public void Any_process_is_an_event_whose_fields_are_strings()
    {
        HecEncoder encoder = SplunkSinks.Encoder();
        Frames.ProcessPayload.Sample(payload =>
        {
            var output = new BatchBuffer();
            EncodeResult result = encoder.Encode(Frames.Record(RecordKind.Frame, Frames.Frame(FrameType.ProcessInfo, payload)), output);
            if (result.Kind != EncodeKind.Encoded)
                return;
            using JsonDocument json = JsonDocument.Parse(output.Written);
            Assert.Matches("^[0-9]+([.][0-9]{1,9})?$", json.RootElement.GetProperty("time").GetRawText());
            Assert.All(json.RootElement.GetProperty("fields").EnumerateObject(), f => Assert.NotEqual("", f.Value.GetString()));
            Assert.Equal((byte)'\n', output.Written.Span[^1]);
        }, iter: 500, threads: 1);
    }

    private static (JsonElement Json, EncodeResult Result) Encode(JournalRecord record, string settings = "")
    {
        var output = new BatchBuffer();
        EncodeResult result = SplunkSinks.Encoder(settings).Encode(record, output);
        Assert.Equal(EncodeKind.Encoded, result.Kind);
        return (JsonDocument.Parse(output.Written.ToArray()).RootElement, result);
    }

    private static (string? Host, string? Source, string? SourceType, string? Index) Where(JsonElement json)
    {
        string? Text(string key) => json.TryGetProperty(key, out JsonElement value) ? value.GetString() : null;
        return (Text("host"), Text("source"), Text("sourcetype"), Text("index"));
    }

    private static string Id(EncodeResult result)
    {
        byte[] text = new byte[EventId.TextLength];
        EventId.Write(result.EventId, text);
        return Encoding.ASCII.GetString(text);
    }
}
