using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Ogrt.Journal;
using Ogrt.Wire;
using Ogrt.Wire.Protocol;

namespace Ogrt.Server.Cli;

/// <summary>Prints journal records: a row, a JSON object, or the bare bytes of each.</summary>
internal static class JournalDump
{
    public static void Write(Terminal terminal, IEnumerable<JournalRecord> records, bool json, bool raw, CancellationToken cancel)
    {
        using Stream? bytes = raw ? Console.OpenStandardOutput() : null;
        if (!json && !raw) terminal.Output.WriteLine("OFFSET\tSEQUENCE\tARRIVAL\tSENDER\tKIND\tBYTES\tWHAT");
        foreach (JournalRecord record in records)
        {
            cancel.ThrowIfCancellationRequested();
            if (bytes is not null) bytes.Write(record.Payload.Span);
            else if (json) terminal.Output.WriteLine(Json(record));
            else terminal.Output.WriteLine(Row(record));
        }
    }

    private static string Row(JournalRecord record) => string.Create(CultureInfo.InvariantCulture,
        $"{record.Offset}\t{record.Sequence}\t{Durations.Utc(Durations.FromUnixNanoseconds(record.ArrivalUnixNs))}\t{record.Sender}\t{KindName(record.Kind)}\t{record.Payload.Length}\t{What(record.Kind, record.Payload)}");

    /// <summary>The name of a kind of records.</summary>
    public static string KindName(byte kind) => kind switch
    {
        RecordKind.Frame => "frame",
        RecordKind.FrameV03 => "frame-0.3",
        RecordKind.FrameNext => "frame-next",
        RecordKind.JobRecord => "job-record",
        _ => kind.ToString(CultureInfo.InvariantCulture),
    };

    /// <summary>What a record is about, in a few words.</summary>
    public static string What(byte kind, ReadOnlyMemory<byte> bytes)
    {
        ReadOnlySpan<byte> payload = bytes.Span;
        if (kind == RecordKind.JobRecord)
        {
            return TryParse(payload, out JobRecord job)
                ? string.Create(CultureInfo.InvariantCulture, $"job {SafeText.Of(job.JobId.Span)}, run {job.Incarnation}, version {job.Version}, {job.ProcessCount} processes")
                : "not readable";
        }
        if (!RecordKind.IsFrame(kind) || payload.Length < FrameHeader.Size) return "not readable";
        ReadOnlySpan<byte> message = payload[FrameHeader.Size..];
        WireLayout layout = RecordKind.LayoutOf(kind);
        switch ((FrameType)FrameHeader.Read(payload).Type)
        {
            case FrameType.ProcessInfo when ProcessInfoView.TryParse(message, layout, out ProcessInfoView process) == WireError.None:
                return $"process {process.Pid} of job {SafeText.Of(process.JobId)}: {SafeText.Of(process.Binpath)}";
            case FrameType.ProcessEnd when ProcessEndView.TryParse(message, layout, out ProcessEndView end) == WireError.None:
                return $"end of process {end.Pid} of job {SafeText.Of(end.JobId)}";
            case FrameType.JobStart when JobStartView.TryParse(message, layout, out JobStartView start) == WireError.None:
                return $"start of job {SafeText.Of(start.JobId)}";
            case FrameType.JobEnd when JobEndView.TryParse(message, layout, out JobEndView end) == WireError.None:
                return $"end of job {SafeText.Of(end.JobId)}{(end.HasState ? ": " + SafeText.Of(end.State) : "")}";
            default:
                return "not readable";
        }
    }

    private static string Json(JournalRecord record)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("offset", record.Offset);
            json.WriteNumber("sequence", record.Sequence);
            json.WriteString("arrival", Durations.Utc(Durations.FromUnixNanoseconds(record.ArrivalUnixNs)));
            json.WriteString("sender", record.Sender.ToString());
            json.WriteString("kind", KindName(record.Kind));
            json.WriteNumber("bytes", record.Payload.Length);
            WriteContent(json, record.Kind, record.Payload);
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>A record's content as one JSON object.</summary>
    public static string Content(byte kind, ReadOnlyMemory<byte> bytes)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            WriteContent(json, kind, bytes);
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void WriteContent(Utf8JsonWriter json, byte kind, ReadOnlyMemory<byte> bytes)
    {
        ReadOnlySpan<byte> payload = bytes.Span;
        if (kind == RecordKind.JobRecord)
        {
            if (TryParse(payload, out JobRecord job))
            {
                json.WriteStartObject("job");
                TreeJson.WriteJob(json, job);
                json.WriteEndObject();
            }
            return;
        }
        if (!RecordKind.IsFrame(kind) || payload.Length < FrameHeader.Size || FrameHeader.Read(payload).Type != (uint)FrameType.ProcessInfo)
        {
            json.WriteString("what", What(kind, bytes));
            return;
        }
        if (ProcessInfoView.TryParse(payload[FrameHeader.Size..], RecordKind.LayoutOf(kind), out ProcessInfoView process) != WireError.None) return;
        var document = new ArrayBufferWriter<byte>(1024);
        ProcessJson.Write(document, process, new ProcessJsonOptions());
        json.WriteString("job_id", Encoding.UTF8.GetString(process.JobId));
        json.WritePropertyName("process");
        // Read and written again: the writer here escapes everything outside of ASCII, as a terminal needs it.
        using JsonDocument parsed = JsonDocument.Parse(document.WrittenMemory);
        parsed.RootElement.WriteTo(json);
    }

    private static bool TryParse(ReadOnlySpan<byte> payload, out JobRecord job)
    {
        try
        {
            job = JobRecord.Parser.ParseFrom(payload);
            return true;
        }
        catch (Google.Protobuf.InvalidProtocolBufferException)
        {
            job = new JobRecord();
            return false;
        }
    }
}
