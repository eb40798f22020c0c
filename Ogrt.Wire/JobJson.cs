using System.Buffers;

namespace Ogrt.Wire;

/// <summary>The JSON of jobs: what starts and ends them, and a whole job as one document.</summary>
public static class JobJson
{
    /// <summary>
    /// Writes a job as one document: <c>{"job_id":…,"processes":[…]}</c>. Frames that are not of type
    /// <see cref="FrameType.ProcessInfo"/>, and such as do not parse, are passed over.
    /// </summary>
    /// <param name="output">Where to. The text grows with the frames: give a writer that passes it on.</param>
    /// <param name="jobId">The job's id.</param>
    /// <param name="frames">The job's frames, in the order in which its processes shall stand.</param>
    /// <param name="options">The unit of time and the cache.</param>
    /// <returns>How many processes were written.</returns>
    public static int WriteDocument(
        IBufferWriter<byte> output, ReadOnlySpan<byte> jobId, IEnumerable<StoredFrame> frames,
        ProcessJsonOptions options)
    {
        ArgumentNullException.ThrowIfNull(frames);
        var text = new JsonText(output);
        text.Raw("{\"job_id\":"u8);
        text.String(jobId);
        text.Raw(",\"processes\":["u8);
        text.Flush();
        int count = 0;
        foreach (StoredFrame frame in frames)
        {
            ReadOnlySpan<byte> bytes = frame.Bytes.Span;
            if (bytes.Length < FrameHeader.Size || FrameHeader.Read(bytes).Type != (uint)FrameType.ProcessInfo) continue;
            WireError error = ProcessInfoView.TryParse(bytes[FrameHeader.Size..], frame.Layout, out ProcessInfoView view);
            if (error != WireError.None) continue;
            if (count++ > 0) output.Write(","u8);
            ProcessJson.Write(output, view, options);
        }

        output.Write("]}"u8);
        return count;
    }

    /// <summary>Writes the start of a job: <c>{"job_id":…,"start_time":…}</c>.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="start">A start that was read without an error.</param>
    /// <param name="options">The unit of time.</param>
    public static void WriteStart(IBufferWriter<byte> output, in JobStartView start, ProcessJsonOptions options)
    {
        var json = new JsonObject(output);
        json.Begin();
        if (start.HasJobId) json.String(",\"job_id\":\""u8, start.JobId);
        if (start.HasStartTime) json.Number(",\"start_time\":"u8, InUnit(start.StartTime, options));
        json.End();
        json.Flush();
    }

    /// <summary>Writes the end of a job: <c>{"end_time":…,"job_id":…}</c>.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="end">An end that was read without an error.</param>
    /// <param name="options">The unit of time.</param>
    public static void WriteEnd(IBufferWriter<byte> output, in JobEndView end, ProcessJsonOptions options)
    {
        var json = new JsonObject(output);
        json.Begin();
        if (end.HasEndTime) json.Number(",\"end_time\":"u8, InUnit(end.EndTime, options));
        if (end.HasJobId) json.String(",\"job_id\":\""u8, end.JobId);
        json.End();
        json.Flush();
    }

    private static long InUnit(long seconds, ProcessJsonOptions options) => options.TimeUnit == JsonTimeUnit.Seconds
        ? seconds
        : UnixTime.ToMilliseconds(seconds, UnixTime.Second);
}
