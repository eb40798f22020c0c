using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.Collections;
using Ogrt.Wire;
using Ogrt.Wire.Protocol;

namespace Ogrt.Server.Cli;

/// <summary>
/// A job with its tree as one JSON document, for programs. Everything outside of ASCII is written as an escape, so that the
/// document can also be looked at on a terminal.
/// </summary>
public static class TreeJson
{
    private const int FlushBytes = 64 * 1024;

    // Not indented: at a depth of some hundred most of a document would be blanks.
    private static readonly JsonWriterOptions Options = new() { MaxDepth = 4 * TreeNode.MaxDepth };

    /// <summary>Writes the document and a newline.</summary>
    public static void Write(TextWriter output, JobRecord record)
    {
        using var document = new MemoryStream();
        Write(document, record);
        output.Write(Encoding.UTF8.GetString(document.GetBuffer(), 0, (int)document.Length));
    }

    /// <summary>Writes the document and a newline.</summary>
    public static void Write(Stream output, JobRecord record)
    {
        using (var json = new Utf8JsonWriter(output, Options))
        {
            json.WriteStartObject();
            WriteJob(json, record);
            json.WriteStartArray("nodes");
            foreach (TreeNode root in TreeNode.Build(record)) WriteNode(json, record, root);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        output.Write("\n"u8);
    }

    /// <summary>Writes the members of a job that are not its tree.</summary>
    public static void WriteJob(Utf8JsonWriter json, JobRecord record)
    {
        json.WriteString("job_id", record.JobId.ToStringUtf8());
        json.WriteString("cluster", record.Cluster);
        json.WriteNumber("incarnation", record.Incarnation);
        json.WriteString("state", JobText.State(record.State));
        if (record.HasUser) json.WriteString("user", record.User.ToStringUtf8());
        WriteTexts(json, "hosts", record.Hosts);
        json.WriteNumber("host_count", record.HostCount);
        json.WriteNumber("process_count", record.ProcessCount);
        json.WriteNumber("image_count", record.ImageCount);
        json.WriteNumber("live_count", record.LiveCount);
        json.WriteNumber("failed_count", record.FailedCount);
        json.WriteNumber("other_count", record.OtherCount);
        WriteTime(json, "first_time", record.FirstTimeNs);
        WriteTime(json, "last_time", record.LastTimeNs);
        WriteTime(json, "start_time", record.StartTimeNs);
        WriteTime(json, "end_time", record.EndTimeNs);
        if (record.SchedulerJob is { } scheduler) SchedulerJobJson.Write(json, scheduler);
    }

    private static void WriteNode(Utf8JsonWriter json, JobRecord record, TreeNode row)
    {
        JobNode node = row.Source;
        json.WriteStartObject();
        json.WriteNumber("count", node.Count);
        json.WriteNumber("ended", node.Ended);
        json.WriteNumber("failed", node.Failed);
        if (node.HasPid) json.WriteNumber("pid", node.Pid);
        if (node.HasExitCode) json.WriteNumber("exit_code", node.ExitCode);
        if (node.HasExitSignal && node.ExitSignal != 0) json.WriteNumber("exit_signal", node.ExitSignal);
        if (node.Other) json.WriteBoolean("other", true);
        if (node.Orphan) json.WriteBoolean("orphan", true);
        WriteTime(json, "first_time", node.FirstTimeNs);
        WriteTime(json, "last_time", node.LastTimeNs);
        if (node.HasUserTimeUs) json.WriteNumber("user_time_us", node.UserTimeUs);
        if (node.HasSystemTimeUs) json.WriteNumber("system_time_us", node.SystemTimeUs);
        if (node.HasMaxRssKib) json.WriteNumber("max_rss_kib", node.MaxRssKib);
        json.WriteNumber("host_count", node.HostCount);
        WriteIndexed(json, "hosts", record, node.Hosts);
        WriteIndexed(json, "loaded_modules", record, node.Modules);
        json.WriteStartArray("images");
        foreach (JobImage image in node.Images)
        {
            json.WriteStartObject();
            json.WriteString("path", Text(record, image.Path));
            if (image.HasCmdline) json.WriteString("cmdline", Text(record, image.Cmdline));
            if (image.HasSignature) json.WriteString("signature", Text(record, image.Signature));
            WriteIndexed(json, "shared_objects", record, image.SharedObjects);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("children");
        foreach (TreeNode child in row.Children) WriteNode(json, record, child);
        json.WriteEndArray();
        json.WriteEndObject();
        if (json.BytesPending > FlushBytes) json.Flush();
    }

    private static void WriteTime(Utf8JsonWriter json, string name, long nanoseconds)
    {
        if (nanoseconds > 0) json.WriteString(name, Durations.Utc(Durations.FromUnixNanoseconds(nanoseconds)));
    }

    private static void WriteTexts(Utf8JsonWriter json, string name, RepeatedField<ByteString> texts)
    {
        json.WriteStartArray(name);
        foreach (ByteString text in texts) json.WriteStringValue(text.ToStringUtf8());
        json.WriteEndArray();
    }

    private static void WriteIndexed(Utf8JsonWriter json, string name, JobRecord record, RepeatedField<uint> indexes)
    {
        json.WriteStartArray(name);
        foreach (uint index in indexes) json.WriteStringValue(Text(record, index));
        json.WriteEndArray();
    }

    private static string Text(JobRecord record, uint index) => index < record.Text.Count ? record.Text[(int)index].ToStringUtf8() : "";
}
