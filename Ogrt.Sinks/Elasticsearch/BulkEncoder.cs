using System.Buffers.Text;
using Google.Protobuf;
using Ogrt.Journal;
using Ogrt.Wire;
using Ogrt.Wire.Protocol;

namespace Ogrt.Sinks.Elasticsearch;

/// <summary>
/// Writes a record as an item of a bulk request: the action's line and the document's. A document is the JSON of docs/wire.md
/// with <c>@timestamp</c> (when it happened, in milliseconds) and <c>type</c> in front. Used by one thread.
/// </summary>
internal sealed class BulkEncoder
{
    private const long Millisecond = 1_000_000;

    private readonly ElasticsearchSettings _settings;
    private readonly ClusterSeed _cluster;
    private readonly ProcessJsonOptions _options;
    private readonly IndexNames _names;
    private readonly BatchBuffer _event = new(1024);
    private readonly byte[] _processIndex;
    private readonly byte[] _jobIndex;

    public BulkEncoder(ElasticsearchSettings settings, string cluster)
    {
        _settings = settings;
        _cluster = new ClusterSeed(cluster);
        _options = new ProcessJsonOptions(JsonTimeUnit.Milliseconds, new JsonFragmentCache(), settings.Environment);
        _names = new IndexNames(settings.ProcessIndex, settings.IndexPeriod, settings.TimePast, settings.TimeFuture);
        _processIndex = System.Text.Encoding.ASCII.GetBytes(settings.ProcessIndex);
        _jobIndex = System.Text.Encoding.ASCII.GetBytes(settings.JobIndex);
    }

    public EncodeResult Encode(in JournalRecord record, BatchBuffer output)
    {
        ReadOnlySpan<byte> bytes = record.Payload.Span;
        if (record.Kind == RecordKind.JobRecord)
            return _settings.JobRecords ? EncodeJob(bytes, record.ArrivalUnixNs, output) : EncodeResult.Skipped;
        if (!RecordKind.IsFrame(record.Kind))
            return EncodeResult.Skipped;
        if (bytes.Length < FrameHeader.Size)
            return EncodeResult.Refused(WireErrors.Name(WireError.Truncated));
        WireLayout layout = RecordKind.LayoutOf(record.Kind);
        ReadOnlySpan<byte> payload = bytes[FrameHeader.Size..];
        return (FrameType)FrameHeader.Read(bytes).Type switch
        {
            FrameType.ProcessInfo when _settings.Processes => EncodeProcess(payload, layout, record.ArrivalUnixNs, output),
            FrameType.ProcessEnd when _settings.ProcessEnds != ProcessEnds.Off => EncodeProcessEnd(payload, layout, record.ArrivalUnixNs, output),
            FrameType.JobStart when _settings.JobEvents => EncodeJobStart(payload, layout, record.ArrivalUnixNs, output),
            FrameType.JobEnd when _settings.JobEvents => EncodeJobEnd(payload, layout, record.ArrivalUnixNs, output),
            FrameType.ProcessInfo or FrameType.ProcessEnd or FrameType.JobStart or FrameType.JobEnd => EncodeResult.Skipped,
            _ => EncodeResult.Refused(WireErrors.Name(WireError.UnknownType)),
        };
    }

    private EncodeResult EncodeProcess(ReadOnlySpan<byte> payload, WireLayout layout, long arrival, BatchBuffer output)
    {
        WireError error = ProcessInfoView.TryParse(payload, layout, out ProcessInfoView process);
        if (error != WireError.None)
            return EncodeResult.Refused(WireErrors.Name(error));
        UInt128 id = EventId.OfProcess(_cluster, process, payload);
        long time = _names.Clamp(process.HasTime ? process.TimeNs : arrival, arrival);
        bool merge = _settings.ProcessEnds == ProcessEnds.Merge;
        if (merge)
            BulkLines.BeginUpdate(output, IndexOf(time), id);
        else
            BulkLines.BeginCreate(output, IndexOf(time), Id(id));
        BeginDocument(output, time, "process"u8);
        EndMembers(output, ProcessJson.WriteMembers(output, process, _options), merge);
        return EncodeResult.Encoded(id);
    }

    private EncodeResult EncodeProcessEnd(ReadOnlySpan<byte> payload, WireLayout layout, long arrival, BatchBuffer output)
    {
        WireError error = ProcessEndView.TryParse(payload, layout, out ProcessEndView end);
        if (error != WireError.None)
            return EncodeResult.Refused(WireErrors.Name(error));
        UInt128 id = EventId.OfProcessEnd(_cluster, end, payload);
        bool merge = EventId.TryOfEndedImage(_cluster, end, out UInt128 image) && _settings.ProcessEnds == ProcessEnds.Merge;
        if (merge)
        {
            // The same fields and index as the image's own document gets, whichever of the two comes first.
            long started = _names.Clamp(end.ImageTimeNs, arrival);
            BulkLines.BeginUpdate(output, IndexOf(started), image);
            BeginDocument(output, started, "process"u8);
        }
        else
        {
            long time = _names.Clamp(end.HasEndTimeNs ? end.EndTimeNs : arrival, arrival);
            BulkLines.BeginCreate(output, IndexOf(time), Id(id));
            BeginDocument(output, time, "process_end"u8);
        }
        EndMembers(output, ProcessEndJson.WriteMembers(output, end, _options), merge);
        return EncodeResult.Encoded(id);
    }

    private EncodeResult EncodeJobStart(ReadOnlySpan<byte> payload, WireLayout layout, long arrival, BatchBuffer output)
    {
        WireError error = JobStartView.TryParse(payload, layout, out JobStartView start);
        if (error != WireError.None)
            return EncodeResult.Refused(WireErrors.Name(error));
        UInt128 id = EventId.OfBytes(_cluster, FrameType.JobStart, payload, start.Job.TimeSeconds);
        BeginEvent(output, start.HasStartTime ? start.StartTimeNs : arrival, arrival, id, "job_start"u8);
        _event.Truncate(0);
        JobJson.WriteStart(_event, start, _options);
        EndEvent(output);
        return EncodeResult.Encoded(id);
    }

    private EncodeResult EncodeJobEnd(ReadOnlySpan<byte> payload, WireLayout layout, long arrival, BatchBuffer output)
    {
        WireError error = JobEndView.TryParse(payload, layout, out JobEndView end);
        if (error != WireError.None)
            return EncodeResult.Refused(WireErrors.Name(error));
        UInt128 id = EventId.OfBytes(_cluster, FrameType.JobEnd, payload, end.Job.TimeSeconds);
        BeginEvent(output, end.HasEndTime ? end.EndTimeNs : arrival, arrival, id, "job_end"u8);
        _event.Truncate(0);
        JobJson.WriteEnd(_event, end, _options);
        EndEvent(output);
        return EncodeResult.Encoded(id);
    }

    private EncodeResult EncodeJob(ReadOnlySpan<byte> bytes, long arrival, BatchBuffer output)
    {
        JobRecord job;
        try
        {
            job = JobRecord.Parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException)
        {
            return EncodeResult.Refused("bad_job_record");
        }
        UInt128 id = EventId.OfJob(_cluster, job.JobId.Span, job.Incarnation);
        BulkLines.BeginVersion(output, _jobIndex, id, job.Version);
        long time = job.HasFirstTimeNs ? job.FirstTimeNs : job.HasStartTimeNs ? job.StartTimeNs : arrival;
        JobRecordJson.Write(output, job, _settings.JobTrees, JsonTimeUnit.Milliseconds, json =>
        {
            json.WriteNumber("@timestamp"u8, Milliseconds(time));
            json.WriteString("type"u8, "job"u8);
        });
        output.Write("\n"u8);
        return EncodeResult.Encoded(id);
    }

    private void BeginEvent(BatchBuffer output, long timeNs, long arrival, UInt128 id, ReadOnlySpan<byte> type)
    {
        long time = _names.Clamp(timeNs, arrival);
        BulkLines.BeginCreate(output, IndexOf(time), Id(id));
        BeginDocument(output, time, type);
    }

    // The object of the event goes on behind what was begun; these are few.
    private void EndEvent(BatchBuffer output)
    {
        ReadOnlySpan<byte> members = _event.Slice(1, _event.Length - 2).Span;
        output.Write(members);
        EndMembers(output, !members.IsEmpty, merge: false);
    }

    private UInt128? Id(UInt128 id) => _settings.EventIds ? id : null;

    private ReadOnlySpan<byte> IndexOf(long time) => _settings.ProcessTarget == ProcessTarget.DataStream ? _processIndex : _names.Of(time);

    private static void BeginDocument(BatchBuffer output, long timeNs, ReadOnlySpan<byte> type)
    {
        output.Write("{\"@timestamp\":"u8);
        Utf8Formatter.TryFormat(Milliseconds(timeNs), output.GetSpan(20), out int written);
        output.Advance(written);
        output.Write(",\"type\":\""u8);
        output.Write(type);
        output.Write("\","u8);
    }

    private static long Milliseconds(long timeNs) => Math.DivRem(timeNs, Millisecond, out long rest) - (rest < 0 ? 1 : 0);

    // The comma of what came before is for the first of the members.
    private static void EndMembers(BatchBuffer output, bool any, bool merge)
    {
        if (!any)
            output.Truncate(output.Length - 1);
        output.Write("}"u8);
        if (merge)
            BulkLines.EndUpdate(output);
        output.Write("\n"u8);
    }
}
