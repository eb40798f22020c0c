using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.Collections;
using Ogrt.Wire;
using Ogrt.Wire.Protocol;

namespace Ogrt.Sinks;

/// <summary>
/// The JSON of a job record: the job's figures, and its process tree where that is asked for. Times since 1970 are in the
/// unit of the JSON of a process. Job records are few beside processes; this writes for clarity, not for speed.
/// </summary>
internal static class JobRecordJson
{
    // Bytes of paths that JSON could hold as they are should stay readable in a file.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes a job record as one object.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="job">The record.</param>
    /// <param name="tree">Whether its process tree is written.</param>
    /// <param name="unit">The unit of times.</param>
    /// <param name="header">Writes members in front of the others; null for none.</param>
    public static void Write(
        IBufferWriter<byte> output, JobRecord job, bool tree, JsonTimeUnit unit = JsonTimeUnit.Seconds, Action<Utf8JsonWriter>? header = null)
    {
        long divisor = unit == JsonTimeUnit.Seconds ? 1_000_000_000 : 1_000_000;
        using var json = new Utf8JsonWriter(output, Options);
        json.WriteStartObject();
        header?.Invoke(json);
        json.WriteString("cluster"u8, job.Cluster);
        if (job.HasEndTimeNs)
            json.WriteNumber("end_time"u8, InUnit(job.EndTimeNs, divisor));
        json.WriteNumber("failed_count"u8, job.FailedCount);
        if (job.HasFirstTimeNs)
            json.WriteNumber("first_time"u8, InUnit(job.FirstTimeNs, divisor));
        json.WriteNumber("host_count"u8, job.HostCount);
        WriteTexts(json, "hosts", job.Hosts);
        json.WriteNumber("image_count"u8, job.ImageCount);
        json.WriteNumber("incarnation"u8, job.Incarnation);
        json.WriteString("job_id"u8, Text(job.JobId));
        if (job.HasLastTimeNs)
            json.WriteNumber("last_time"u8, InUnit(job.LastTimeNs, divisor));
        json.WriteNumber("live_count"u8, job.LiveCount);
        json.WriteNumber("other_count"u8, job.OtherCount);
        json.WriteNumber("process_count"u8, job.ProcessCount);
        if (job.SchedulerJob is { } scheduler)
            SchedulerJobJson.Write(json, scheduler, unit);
        if (job.HasStartTimeNs)
            json.WriteNumber("start_time"u8, InUnit(job.StartTimeNs, divisor));
        json.WriteString("state"u8, StateName(job.State));
        if (tree)
            WriteTree(json, job, divisor);
        if (job.HasUser)
            json.WriteString("username"u8, Text(job.User));
        json.WriteNumber("version"u8, job.Version);
        json.WriteEndObject();
    }

    private static string StateName(JobState state) => state switch
    {
        JobState.JobRunning => "running",
        JobState.JobQuiet => "quiet",
        JobState.JobEnded => "ended",
        _ => "unknown",
    };

    private static void WriteTree(Utf8JsonWriter json, JobRecord job, long divisor)
    {
        json.WriteStartArray("tree"u8);
        foreach (JobNode node in job.Nodes)
        {
            json.WriteStartObject();
            json.WriteNumber("count"u8, node.Count);
            json.WriteNumber("ended"u8, node.Ended);
            if (node.HasExitCode)
                json.WriteNumber("exit_code"u8, node.ExitCode);
            if (node.HasExitSignal)
                json.WriteNumber("exit_signal"u8, node.ExitSignal);
            json.WriteNumber("failed"u8, node.Failed);
            if (node.HasFirstTimeNs)
                json.WriteNumber("first_time"u8, InUnit(node.FirstTimeNs, divisor));
            WriteTexts(json, "hosts", node.Hosts, job);
            WriteImages(json, node, job);
            if (node.HasLastTimeNs)
                json.WriteNumber("last_time"u8, InUnit(node.LastTimeNs, divisor));
            WriteTexts(json, "loaded_modules", node.Modules, job);
            json.WriteNumber("max_rss_kib"u8, node.MaxRssKib);
            json.WriteBoolean("orphan"u8, node.Orphan);
            json.WriteBoolean("other"u8, node.Other);
            json.WriteNumber("parent"u8, node.Parent);
            json.WriteNumber("pid"u8, node.Pid);
            json.WriteNumber("system_time_us"u8, node.SystemTimeUs);
            json.WriteNumber("user_time_us"u8, node.UserTimeUs);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteImages(Utf8JsonWriter json, JobNode node, JobRecord job)
    {
        json.WriteStartArray("images"u8);
        foreach (JobImage image in node.Images)
        {
            json.WriteStartObject();
            json.WriteString("binpath"u8, TextAt(job, image.Path));
            if (image.HasCmdline)
                json.WriteString("cmdline"u8, TextAt(job, image.Cmdline));
            WriteTexts(json, "shared_objects", image.SharedObjects, job);
            if (image.HasSignature)
                json.WriteString("signature"u8, TextAt(job, image.Signature));
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteTexts(Utf8JsonWriter json, string name, RepeatedField<ByteString> texts)
    {
        json.WriteStartArray(name);
        foreach (ByteString text in texts)
            json.WriteStringValue(Text(text));
        json.WriteEndArray();
    }

    private static void WriteTexts(Utf8JsonWriter json, string name, RepeatedField<uint> indexes, JobRecord job)
    {
        json.WriteStartArray(name);
        foreach (uint index in indexes)
            json.WriteStringValue(TextAt(job, index));
        json.WriteEndArray();
    }

    // A record is foreign input as well: an index may point anywhere.
    private static string TextAt(JobRecord job, uint index) => index < job.Text.Count ? Text(job.Text[(int)index]) : "";

    private static string Text(ByteString bytes) => Encoding.UTF8.GetString(bytes.Span);

    private static long InUnit(long ns, long divisor) => Math.DivRem(ns, divisor, out long rest) - (rest < 0 ? 1 : 0);
}
