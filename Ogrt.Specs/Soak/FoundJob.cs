using System.Text.Json;
using Ogrt.Wire.Protocol;

namespace Ogrt.Specs.Soak;

/// <summary>A job record: which it is, and what it counts.</summary>
internal sealed record FoundJob(string Job, uint Incarnation, ulong Version, ulong Processes, ulong Images, uint Hosts)
{
    /// <summary>As it stands in the journal.</summary>
    public static FoundJob Of(JobRecord record) => new(
        record.JobId.ToStringUtf8(), record.Incarnation, record.Version, record.ProcessCount, record.ImageCount, record.HostCount);

    /// <summary>As a target has it.</summary>
    public static FoundJob Of(JsonElement document) => new(
        document.GetProperty("job_id").GetString()!, document.GetProperty("incarnation").GetUInt32(), document.GetProperty("version").GetUInt64(),
        document.GetProperty("process_count").GetUInt64(), document.GetProperty("image_count").GetUInt64(), document.GetProperty("host_count").GetUInt32());
}
