using Google.Protobuf;
using Ogrt.Journal;
using Ogrt.Wire;
using Ogrt.Wire.Protocol;

namespace Ogrt.Sinks.Splunk;

/// <summary>
/// Writes a record as an event for the collector: the JSON of docs/wire.md in an envelope with when and where it happened. One
/// stands behind the other in a request. Used by one thread.
/// </summary>
internal sealed class HecEncoder(SplunkSettings settings, string cluster)
{
    private readonly ClusterSeed _cluster = new(cluster);
    private readonly ProcessJsonOptions _options = new(JsonTimeUnit.Seconds, new JsonFragmentCache());
    private readonly HecEnvelope _process = new(settings, cluster, "process");
    private readonly HecEnvelope _processEnd = new(settings, cluster, "process_end");
    private readonly HecEnvelope _jobStart = new(settings, cluster, "job_start");
    private readonly HecEnvelope _jobEnd = new(settings, cluster, "job_end");
    private readonly HecEnvelope _job = new(settings, cluster, "job");

    public EncodeResult Encode(in JournalRecord record, BatchBuffer output)
    {
        ReadOnlySpan<byte> bytes = record.Payload.Span;
        long arrival = record.ArrivalUnixNs;
        if (record.Kind == RecordKind.JobRecord)
            return settings.JobRecords ? EncodeJob(bytes, arrival, output) : EncodeResult.Skipped;
        if (!RecordKind.IsFrame(record.Kind))
            return EncodeResult.Skipped;
        if (bytes.Length < FrameHeader.Size)
            return EncodeResult.Refused(WireErrors.Name(WireError.Truncated));
        WireLayout layout = RecordKind.LayoutOf(record.Kind);
        ReadOnlySpan<byte> payload = bytes[FrameHeader.Size..];
        return (FrameType)FrameHeader.Read(bytes).Type switch
        {
            FrameType.ProcessInfo when settings.Processes => EncodeProcess(payload, layout, arrival, output),
            FrameType.ProcessEnd when settings.ProcessEnds => EncodeProcessEnd(payload, layout, arrival, output),
            FrameType.JobStart when settings.JobEvents => EncodeJobStart(payload, layout, arrival, output),
            FrameType.JobEnd when settings.JobEvents => EncodeJobEnd(payload, layout, arrival, output),
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
        _process.Begin(output, Time(process.HasTime, process.TimeNs, arrival), process.Hostname);
        ProcessJson.Write(output, process, _options);
        _process.End(output, id, process.JobId, process.Username);
        return EncodeResult.Encoded(id);
    }

    private EncodeResult EncodeProcessEnd(ReadOnlySpan<byte> payload, WireLayout layout, long arrival, BatchBuffer output)
    {
        WireError error = ProcessEndView.TryParse(payload, layout, out ProcessEndView end);
        if (error != WireError.None)
            return EncodeResult.Refused(WireErrors.Name(error));
        UInt128 id = EventId.OfProcessEnd(_cluster, end, payload);
        _processEnd.Begin(output, Time(end.HasEndTimeNs, end.EndTimeNs, arrival), end.Hostname);
        ProcessEndJson.Write(output, end, _options);
        _processEnd.End(output, id, end.JobId, default);
        return EncodeResult.Encoded(id);
    }

    private EncodeResult EncodeJobStart(ReadOnlySpan<byte> payload, WireLayout layout, long arrival, BatchBuffer output)
    {
        WireError error = JobStartView.TryParse(payload, layout, out JobStartView start);
        if (error != WireError.None)
            return EncodeResult.Refused(WireErrors.Name(error));
        UInt128 id = EventId.OfBytes(_cluster, FrameType.JobStart, payload, start.Job.TimeSeconds);
        _jobStart.Begin(output, Time(start.HasStartTime, start.StartTimeNs, arrival), default);
        JobJson.WriteStart(output, start, _options);
        _jobStart.End(output, id, start.JobId, default);
        return EncodeResult.Encoded(id);
    }

    private EncodeResult EncodeJobEnd(ReadOnlySpan<byte> payload, WireLayout layout, long arrival, BatchBuffer output)
    {
        WireError error = JobEndView.TryParse(payload, layout, out JobEndView end);
        if (error != WireError.None)
            return EncodeResult.Refused(WireErrors.Name(error));
        UInt128 id = EventId.OfBytes(_cluster, FrameType.JobEnd, payload, end.Job.TimeSeconds);
        _jobEnd.Begin(output, Time(end.HasEndTime, end.EndTimeNs, arrival), default);
        JobJson.WriteEnd(output, end, _options);
        _jobEnd.End(output, id, end.JobId, default);
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
        // A record is one of many versions of a job: the last thing that is known of it tells them apart in time.
        _job.Begin(output, Time(job.HasLastTimeNs, job.LastTimeNs, arrival), default);
        JobRecordJson.Write(output, job, settings.JobTrees);
        _job.End(output, id, job.JobId.Span, job.HasUser ? job.User.Span : default);
        return EncodeResult.Encoded(id);
    }

    // Splunk refuses times before 1970.
    private static long Time(bool has, long time, long arrival) => has && time >= 0 ? time : arrival;
}
