using Google.Protobuf;
using Ogrt.Journal;
using Ogrt.Wire;
using Ogrt.Wire.Protocol;

namespace Ogrt.Sinks.JsonLines;

/// <summary>
/// Writes records as lines of JSON. Each line has <c>type</c> (process, process_end, job_start, job_end or job) and
/// <c>event_id</c> behind the keys of the record, which are those of docs/wire.md. Used by one thread.
/// </summary>
internal sealed class JsonLineEncoder(JsonLineSettings settings, string cluster)
{
    private readonly ClusterSeed _cluster = new(cluster);
    private readonly ProcessJsonOptions _options = new(JsonTimeUnit.Seconds, new JsonFragmentCache());

    public EncodeResult Encode(in JournalRecord record, BatchBuffer output)
    {
        ReadOnlySpan<byte> bytes = record.Payload.Span;
        if (record.Kind == RecordKind.JobRecord)
            return settings.JobRecords ? EncodeJob(bytes, output) : EncodeResult.Skipped;
        if (!RecordKind.IsFrame(record.Kind))
            return EncodeResult.Skipped;
        if (bytes.Length < FrameHeader.Size)
            return EncodeResult.Refused(WireErrors.Name(WireError.Truncated));
        WireLayout layout = RecordKind.LayoutOf(record.Kind);
        ReadOnlySpan<byte> payload = bytes[FrameHeader.Size..];
        return (FrameType)FrameHeader.Read(bytes).Type switch
        {
            FrameType.ProcessInfo when settings.Processes => EncodeProcess(payload, layout, output),
            FrameType.ProcessEnd when settings.ProcessEnds => EncodeProcessEnd(payload, layout, output),
            FrameType.JobStart when settings.JobEvents => EncodeJobStart(payload, layout, output),
            FrameType.JobEnd when settings.JobEvents => EncodeJobEnd(payload, layout, output),
            FrameType.ProcessInfo or FrameType.ProcessEnd or FrameType.JobStart or FrameType.JobEnd => EncodeResult.Skipped,
            _ => EncodeResult.Refused(WireErrors.Name(WireError.UnknownType)),
        };
    }

    private EncodeResult EncodeProcess(ReadOnlySpan<byte> payload, WireLayout layout, BatchBuffer output)
    {
        WireError error = ProcessInfoView.TryParse(payload, layout, out ProcessInfoView process);
        if (error != WireError.None)
            return EncodeResult.Refused(WireErrors.Name(error));
        UInt128 id = EventId.OfProcess(_cluster, process, payload);
        int begin = output.Length;
        ProcessJson.Write(output, process, _options);
        return End(output, begin, "process"u8, id);
    }

    private EncodeResult EncodeProcessEnd(ReadOnlySpan<byte> payload, WireLayout layout, BatchBuffer output)
    {
        WireError error = ProcessEndView.TryParse(payload, layout, out ProcessEndView end);
        if (error != WireError.None)
            return EncodeResult.Refused(WireErrors.Name(error));
        UInt128 id = EventId.OfProcessEnd(_cluster, end, payload);
        int begin = output.Length;
        ProcessEndJson.Write(output, end, _options);
        return End(output, begin, "process_end"u8, id);
    }

    private EncodeResult EncodeJobStart(ReadOnlySpan<byte> payload, WireLayout layout, BatchBuffer output)
    {
        WireError error = JobStartView.TryParse(payload, layout, out JobStartView start);
        if (error != WireError.None)
            return EncodeResult.Refused(WireErrors.Name(error));
        UInt128 id = EventId.OfBytes(_cluster, FrameType.JobStart, payload, start.Job.TimeSeconds);
        int begin = output.Length;
        JobJson.WriteStart(output, start, _options);
        return End(output, begin, "job_start"u8, id);
    }

    private EncodeResult EncodeJobEnd(ReadOnlySpan<byte> payload, WireLayout layout, BatchBuffer output)
    {
        WireError error = JobEndView.TryParse(payload, layout, out JobEndView end);
        if (error != WireError.None)
            return EncodeResult.Refused(WireErrors.Name(error));
        UInt128 id = EventId.OfBytes(_cluster, FrameType.JobEnd, payload, end.Job.TimeSeconds);
        int begin = output.Length;
        JobJson.WriteEnd(output, end, _options);
        return End(output, begin, "job_end"u8, id);
    }

    private EncodeResult EncodeJob(ReadOnlySpan<byte> bytes, BatchBuffer output)
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
        int begin = output.Length;
        JobRecordJson.Write(output, job, settings.JobTrees);
        return End(output, begin, "job"u8, id);
    }

    /// <summary>Puts the id and the type before the closing brace, and ends the line.</summary>
    private static EncodeResult End(BatchBuffer output, int begin, ReadOnlySpan<byte> type, UInt128 id)
    {
        output.Truncate(output.Length - 1);
        if (output.Length > begin + 1)
            output.Write(","u8);
        output.Write("\"event_id\":\""u8);
        EventId.Write(id, output.GetSpan(EventId.TextLength));
        output.Advance(EventId.TextLength);
        output.Write("\",\"type\":\""u8);
        output.Write(type);
        output.Write("\"}\n"u8);
        return EncodeResult.Encoded(id);
    }
}
