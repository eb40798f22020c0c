using System.Buffers;

namespace Ogrt.Wire;

/// <summary>The JSON of a process's end, in alphabetical order of its keys; a field that was not sent has no key.</summary>
public static class ProcessEndJson
{
    /// <summary>Writes the end of a process as one JSON object.</summary>
    /// <param name="output">Where to; the text is complete when the method returns.</param>
    /// <param name="end">An end that was read without an error.</param>
    /// <param name="options">The unit of <c>end_time</c>.</param>
    public static void Write(IBufferWriter<byte> output, in ProcessEndView end, ProcessJsonOptions options)
    {
        var json = new JsonObject(output);
        json.Begin();
        WriteMembers(ref json, end, options);
        json.End();
        json.Flush();
    }

    /// <summary>Writes the members without the braces, for a caller that adds members of its own.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="end">An end that was read without an error.</param>
    /// <param name="options">The unit of <c>end_time</c>.</param>
    /// <returns>Whether there was any member.</returns>
    public static bool WriteMembers(IBufferWriter<byte> output, in ProcessEndView end, ProcessJsonOptions options)
    {
        var json = new JsonObject(output);
        WriteMembers(ref json, end, options);
        json.Flush();
        return json.HasMembers;
    }

    private static void WriteMembers(ref JsonObject json, in ProcessEndView end, ProcessJsonOptions options)
    {
        if (end.HasBlocksRead) json.Number(",\"blocks_read\":"u8, end.BlocksRead);
        if (end.HasBlocksWritten) json.Number(",\"blocks_written\":"u8, end.BlocksWritten);
        if (end.HasEndTimeNs)
        {
            long unit = options.TimeUnit == JsonTimeUnit.Seconds ? UnixTime.Second : UnixTime.Millisecond;
            json.Number(",\"end_time\":"u8, UnixTime.FloorDivide(end.EndTimeNs, unit));
            json.Number(",\"end_time_ns\":"u8, end.EndTimeNs);
        }

        if (end.HasExitCode) json.Number(",\"exit_code\":"u8, end.ExitCode);
        if (end.HasExitSignal) json.Number(",\"exit_signal\":"u8, end.ExitSignal);
        if (end.HasHostname) json.String(",\"hostname\":\""u8, end.Hostname);
        if (end.HasImageTimeNs) json.Number(",\"image_time_ns\":"u8, end.ImageTimeNs);
        if (end.HasInvoluntarySwitches) json.Number(",\"involuntary_switches\":"u8, end.InvoluntarySwitches);
        if (end.HasJobId) json.String(",\"job_id\":\""u8, end.JobId);
        if (end.HasMajorFaults) json.Number(",\"major_faults\":"u8, end.MajorFaults);
        if (end.HasMaxRssKib) json.Number(",\"max_rss_kib\":"u8, end.MaxRssKib);
        if (end.HasMinorFaults) json.Number(",\"minor_faults\":"u8, end.MinorFaults);
        if (end.HasPid) json.Number(",\"pid\":"u8, end.Pid);
        if (end.HasStartTicks) json.Number(",\"start_ticks\":"u8, end.StartTicks);
        if (end.HasSystemTimeUs) json.Number(",\"system_time_us\":"u8, end.SystemTimeUs);
        if (end.HasUserTimeUs) json.Number(",\"user_time_us\":"u8, end.UserTimeUs);
        if (end.HasUuid) json.Hex(",\"uuid\":"u8, end.Uuid);
        if (end.HasVoluntarySwitches) json.Number(",\"voluntary_switches\":"u8, end.VoluntarySwitches);
    }
}
