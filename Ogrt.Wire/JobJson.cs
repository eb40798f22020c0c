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

    /// <summary>Writes the start of a job: <c>{"account":…,"job_id":…,"start_time":…}</c>, keys in alphabetical order.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="start">A start that was read without an error.</param>
    /// <param name="options">The unit of time.</param>
    public static void WriteStart(IBufferWriter<byte> output, in JobStartView start, ProcessJsonOptions options)
    {
        JobFieldsView job = start.Job;
        var json = new JsonObject(output);
        json.Begin();
        WriteAccountToCpuCount(ref json, job);
        WriteGidToScheduler(ref json, job);
        if (job.HasSenderVersion) json.String(",\"sender_version\":\""u8, job.SenderVersion);
        if (start.HasStartTime) json.Number(",\"start_time\":"u8, InUnit(job, options));
        if (job.HasTimeNs) json.Number(",\"start_time_ns\":"u8, job.TimeNs);
        WriteSubmitHostToUsername(ref json, job);
        json.End();
        json.Flush();
    }

    /// <summary>Writes the end of a job: <c>{"account":…,"end_time":…,"exit_code":…,"job_id":…}</c>, keys in alphabetical order.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="end">An end that was read without an error.</param>
    /// <param name="options">The unit of time.</param>
    public static void WriteEnd(IBufferWriter<byte> output, in JobEndView end, ProcessJsonOptions options)
    {
        JobFieldsView job = end.Job;
        var json = new JsonObject(output);
        json.Begin();
        WriteAccountToCpuCount(ref json, job);
        if (end.HasDerivedExitCode) json.Number(",\"derived_exit_code\":"u8, end.DerivedExitCode);
        if (end.HasEndTime) json.Number(",\"end_time\":"u8, InUnit(job, options));
        if (job.HasTimeNs) json.Number(",\"end_time_ns\":"u8, job.TimeNs);
        if (end.HasExitCode) json.Number(",\"exit_code\":"u8, end.ExitCode);
        if (end.HasExitSignal) json.Number(",\"exit_signal\":"u8, end.ExitSignal);
        WriteGidToScheduler(ref json, job);
        if (job.HasSenderVersion) json.String(",\"sender_version\":\""u8, job.SenderVersion);
        if (end.HasStartTimeNs) json.Number(",\"start_time_ns\":"u8, end.StartTimeNs);
        if (end.HasState) json.String(",\"state\":\""u8, end.State);
        WriteSubmitHostToUsername(ref json, job);
        json.End();
        json.Flush();
    }

    private static void WriteAccountToCpuCount(ref JsonObject json, in JobFieldsView job)
    {
        if (job.HasAccount) json.String(",\"account\":\""u8, job.Account);
        if (job.HasArrayJobId) json.String(",\"array_job_id\":\""u8, job.ArrayJobId);
        if (job.HasArrayTaskId) json.Number(",\"array_task_id\":"u8, job.ArrayTaskId);
        if (job.HasCluster) json.String(",\"cluster\":\""u8, job.Cluster);
        if (job.HasCpuCount) json.Number(",\"cpu_count\":"u8, job.CpuCount);
    }

    private static void WriteGidToScheduler(ref JsonObject json, in JobFieldsView job)
    {
        if (job.HasGid) json.Number(",\"gid\":"u8, job.Gid);
        if (job.HasHostname) json.String(",\"hostname\":\""u8, job.Hostname);
        if (job.HasJobId) json.String(",\"job_id\":\""u8, job.JobId);
        if (job.HasJobName) json.String(",\"job_name\":\""u8, job.JobName);
        if (job.HasNodeCount) json.Number(",\"node_count\":"u8, job.NodeCount);
        if (job.HasNodes) json.String(",\"nodes\":\""u8, job.Nodes);
        if (job.HasPartition) json.String(",\"partition\":\""u8, job.Partition);
        if (job.HasRestarts) json.Number(",\"restarts\":"u8, job.Restarts);
        if (job.HasScheduler) json.String(",\"scheduler\":\""u8, job.Scheduler);
    }

    private static void WriteSubmitHostToUsername(ref JsonObject json, in JobFieldsView job)
    {
        if (job.HasSubmitHost) json.String(",\"submit_host\":\""u8, job.SubmitHost);
        if (job.HasSubmitTimeNs) json.Number(",\"submit_time_ns\":"u8, job.SubmitTimeNs);
        if (job.HasTaskCount) json.Number(",\"task_count\":"u8, job.TaskCount);
        if (job.HasUid) json.Number(",\"uid\":"u8, job.Uid);
        if (job.HasUsername) json.String(",\"username\":\""u8, job.Username);
    }

    // Seconds as they were sent where that is all there is: nanoseconds would saturate them.
    private static long InUnit(in JobFieldsView job, ProcessJsonOptions options) => (job.HasTimeNs, options.TimeUnit) switch
    {
        (true, JsonTimeUnit.Seconds) => UnixTime.FloorDivide(job.TimeNs, UnixTime.Second),
        (true, _) => UnixTime.FloorDivide(job.TimeNs, UnixTime.Millisecond),
        (false, JsonTimeUnit.Seconds) => job.TimeSeconds,
        _ => UnixTime.ToMilliseconds(job.TimeSeconds, UnixTime.Second),
    };
}
