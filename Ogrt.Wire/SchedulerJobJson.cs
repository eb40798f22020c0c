using System.Text.Json;
using Google.Protobuf;
using Ogrt.Wire.Protocol;

namespace Ogrt.Wire;

/// <summary>The JSON of what the scheduler says of a job, in alphabetical order of its keys; what it did not say has none.</summary>
public static class SchedulerJobJson
{
    /// <summary>Writes it as the member <c>scheduler_job</c>. Job records are few; this writes for clarity, not for speed.</summary>
    /// <param name="json">A writer within the object of the job.</param>
    /// <param name="job">What the scheduler says.</param>
    /// <param name="unit">The unit of <c>submit_time</c>.</param>
    public static void Write(Utf8JsonWriter json, SchedulerJob job, JsonTimeUnit unit = JsonTimeUnit.Seconds)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(job);
        json.WriteStartObject("scheduler_job"u8);
        if (job.HasAccount) Text(json, "account"u8, job.Account);
        if (job.HasArrayJobId) Text(json, "array_job_id"u8, job.ArrayJobId);
        if (job.HasArrayTaskId) json.WriteNumber("array_task_id"u8, job.ArrayTaskId);
        if (job.HasCluster) Text(json, "cluster"u8, job.Cluster);
        if (job.HasCpuCount) json.WriteNumber("cpu_count"u8, job.CpuCount);
        if (job.HasDerivedExitCode) json.WriteNumber("derived_exit_code"u8, job.DerivedExitCode);
        if (job.HasExitCode) json.WriteNumber("exit_code"u8, job.ExitCode);
        if (job.HasExitSignal) json.WriteNumber("exit_signal"u8, job.ExitSignal);
        if (job.HasGid) json.WriteNumber("gid"u8, job.Gid);
        if (job.HasHostname) Text(json, "hostname"u8, job.Hostname);
        if (job.HasJobName) Text(json, "job_name"u8, job.JobName);
        if (job.HasNodeCount) json.WriteNumber("node_count"u8, job.NodeCount);
        if (job.HasNodes) Text(json, "nodes"u8, job.Nodes);
        if (job.HasPartition) Text(json, "partition"u8, job.Partition);
        if (job.HasRestarts) json.WriteNumber("restarts"u8, job.Restarts);
        if (job.HasScheduler) Text(json, "scheduler"u8, job.Scheduler);
        if (job.HasSenderVersion) Text(json, "sender_version"u8, job.SenderVersion);
        if (job.HasState) Text(json, "state"u8, job.State);
        if (job.HasSubmitHost) Text(json, "submit_host"u8, job.SubmitHost);
        if (job.HasSubmitTimeNs) json.WriteNumber("submit_time"u8, UnixTime.FloorDivide(job.SubmitTimeNs, unit == JsonTimeUnit.Seconds ? UnixTime.Second : UnixTime.Millisecond));
        if (job.HasTaskCount) json.WriteNumber("task_count"u8, job.TaskCount);
        if (job.HasUid) json.WriteNumber("uid"u8, job.Uid);
        if (job.HasUsername) Text(json, "username"u8, job.Username);
        json.WriteEndObject();
    }

    // Bytes that are not UTF-8 become U+FFFD.
    private static void Text(Utf8JsonWriter json, ReadOnlySpan<byte> name, ByteString text) => json.WriteString(name, text.ToStringUtf8());
}
