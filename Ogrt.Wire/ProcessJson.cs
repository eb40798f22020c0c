using System.Buffers;

namespace Ogrt.Wire;

/// <summary>The JSON of a process, with the keys that OGRT writes and those that this project adds, in alphabetical order.</summary>
/// <remarks>
/// A field that was not sent has no key. In strings each byte that is not UTF-8 becomes U+FFFD. The text has no line break
/// and so is a line of JSON Lines or of a bulk request. The unit of <c>time</c> is an option; <c>time_ns</c> is always in
/// nanoseconds.
/// </remarks>
public static class ProcessJson
{
    /// <summary>Writes a process as one JSON object.</summary>
    /// <param name="output">Where to; the text is complete when the method returns.</param>
    /// <param name="process">A process that was read without an error.</param>
    /// <param name="options">The unit of time and the cache.</param>
    public static void Write(IBufferWriter<byte> output, in ProcessInfoView process, ProcessJsonOptions options)
    {
        var json = new JsonObject(output);
        json.Begin();
        WriteMembers(ref json, process, options);
        json.End();
        json.Flush();
    }

    /// <summary>
    /// Writes the members of the object without its braces, for a caller that adds members of its own before or behind
    /// them.
    /// </summary>
    /// <param name="output">Where to.</param>
    /// <param name="process">A process that was read without an error.</param>
    /// <param name="options">The unit of time and the cache.</param>
    /// <returns>Whether there was any member, that is, whether the caller needs a comma.</returns>
    public static bool WriteMembers(IBufferWriter<byte> output, in ProcessInfoView process, ProcessJsonOptions options)
    {
        var json = new JsonObject(output);
        WriteMembers(ref json, process, options);
        json.Flush();
        return json.HasMembers;
    }

    private static void WriteMembers(ref JsonObject json, in ProcessInfoView process, ProcessJsonOptions options)
    {
        if (process.Arguments.Count > 0) json.Strings(",\"arguments\":["u8, process.Arguments);
        if (process.HasBinpath) json.String(",\"binpath\":\""u8, process.Binpath);
        if (process.HasCmdline) json.String(",\"cmdline\":\""u8, process.Cmdline);
        if (process.HasCwd) json.String(",\"cwd\":\""u8, process.Cwd);
        if (process.HasEffectiveUid) json.Number(",\"effective_uid\":"u8, process.EffectiveUid);
        WriteEnvironment(ref json, process, options.Environment);
        if (process.HasExecPath) json.String(",\"exec_path\":\""u8, process.ExecPath);
        WriteExecutable(ref json, process);
        if (process.HasFailedSends) json.Number(",\"failed_sends\":"u8, process.FailedSends);
        if (process.HasFlags) json.Number(",\"flags\":"u8, process.Flags);
        if (process.HasGid) json.Number(",\"gid\":"u8, process.Gid);
        if (process.HasHostname) json.String(",\"hostname\":\""u8, process.Hostname);
        if (process.HasJobId) json.String(",\"job_id\":\""u8, process.JobId);
        if (process.HasJobStep) json.String(",\"job_step\":\""u8, process.JobStep);
        RepeatedJson.WriteLoadedModules(ref json, process, options.Cache);
        if (process.HasParentPid) json.Number(",\"parent_pid\":"u8, process.ParentPid);
        if (process.HasParentStartTicks) json.Number(",\"parent_start_ticks\":"u8, process.ParentStartTicks);
        if (process.HasPid) json.Number(",\"pid\":"u8, process.Pid);
        if (process.HasRank) json.Number(",\"rank\":"u8, process.Rank);
        if (process.HasScheduler) json.String(",\"scheduler\":\""u8, process.Scheduler);
        RepeatedJson.WriteSharedObjects(ref json, process, options.Cache);
        if (process.HasShimVersion) json.String(",\"shim_version\":\""u8, process.ShimVersion);
        if (process.HasSignature) json.String(",\"signature\":\""u8, process.Signature);
        if (process.HasStartTicks) json.Number(",\"start_ticks\":"u8, process.StartTicks);
        if (process.HasTime)
        {
            long time = options.TimeUnit == JsonTimeUnit.Seconds ? process.TimeSeconds : process.TimeMilliseconds;
            json.Number(",\"time\":"u8, time);
        }

        if (process.HasTimeNs) json.Number(",\"time_ns\":"u8, process.TimeNs);
        if (process.HasUid) json.Number(",\"uid\":"u8, process.Uid);
        if (process.HasUsername) json.String(",\"username\":\""u8, process.Username);
        if (process.HasUuid) json.Hex(",\"uuid\":"u8, process.Uuid);
    }

    private static void WriteEnvironment(ref JsonObject json, in ProcessInfoView process, EnvironmentForm form)
    {
        if (process.EnvironmentVariables.Count == 0) return;
        if (form == EnvironmentForm.List) json.Strings(",\"environment_variables\":["u8, process.EnvironmentVariables);
        else if (form == EnvironmentForm.Object) json.Environment(",\"environment\":"u8, process.EnvironmentVariables);
    }

    private static void WriteExecutable(ref JsonObject json, in ProcessInfoView process)
    {
        if (process.HasExecutableBuildId) json.Hex(",\"executable_build_id\":"u8, process.ExecutableBuildId);
        if (process.HasExecutableDevice) json.Number(",\"executable_device\":"u8, process.ExecutableDevice);
        if (process.HasExecutableInode) json.Number(",\"executable_inode\":"u8, process.ExecutableInode);
        if (process.HasExecutableMtimeNs) json.Number(",\"executable_mtime_ns\":"u8, process.ExecutableMtimeNs);
        if (process.HasExecutableSize) json.Number(",\"executable_size\":"u8, process.ExecutableSize);
    }
}
