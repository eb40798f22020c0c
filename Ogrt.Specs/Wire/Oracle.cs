using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Ogrt.Wire;
using Ogrt.Wire.Protocol;

namespace Ogrt.Specs.Wire;

/// <summary>What Google.Protobuf says of the same bytes.</summary>
public static class Oracle
{
    /// <summary>Parses as Google.Protobuf does.</summary>
    /// <returns>The message; null when it is refused.</returns>
    public static T? Parse<T>(MessageParser<T> parser, byte[] payload, out bool onlyForUtf8) where T : class, IMessage<T>
    {
        onlyForUtf8 = false;
        try
        {
            // Only a parser that keeps unknown fields checks them: one that discards them lets wire types 6 and 7 pass.
            parser.ParseFrom(payload);
            // It also counts the depth of groups otherwise, by one; here it is only to leave out what was checked above.
            using var stream = new MemoryStream(payload);
            using var input = CodedInputStream.CreateWithLimits(stream, int.MaxValue, 200);
            return parser.WithDiscardUnknownFields(true).ParseFrom(input);
        }
        catch (InvalidProtocolBufferException e)
        {
            onlyForUtf8 = e.Message.Contains("UTF-8", StringComparison.Ordinal);
            return null;
        }
    }

    /// <summary>
    /// Whether Google.Protobuf accepts the structure of a ProcessInfo when strings may be any bytes: a message without
    /// fields finds only unknown ones, of which it checks the form.
    /// </summary>
    public static bool AcceptsStructure(byte[] payload)
    {
        try
        {
            Check(payload, 100);
            using var stream = new MemoryStream(payload);
            using var input = CodedInputStream.CreateWithLimits(stream, int.MaxValue, 200);
            for (uint tag = input.ReadTag(); tag != 0; tag = input.ReadTag())
            {
                if (tag is (311 << 3 | 2) or (312 << 3 | 2)) Check(input.ReadBytes().ToByteArray(), 99);
                else input.SkipLastField();
            }

            return true;
        }
        catch (InvalidProtocolBufferException)
        {
            return false;
        }
    }

    /// <summary>The view as a message; strings must be UTF-8.</summary>
    public static ProcessInfo ToMessage(in ProcessInfoView view)
    {
        var message = new ProcessInfo();
        if (view.HasBinpath) message.Binpath = Text(view.Binpath);
        if (view.HasPid) message.Pid = view.Pid;
        if (view.HasParentPid) message.ParentPid = view.ParentPid;
        if (view.HasSignature) message.Signature = Text(view.Signature);
        if (view.HasJobId) message.JobId = Text(view.JobId);
        if (view.HasUsername) message.Username = Text(view.Username);
        if (view.HasHostname) message.Hostname = Text(view.Hostname);
        if (view.HasCmdline) message.Cmdline = Text(view.Cmdline);
        if (view.HasCwd) message.Cwd = Text(view.Cwd);
        if (view.HasStartTicks) message.StartTicks = view.StartTicks;
        if (view.HasParentStartTicks) message.ParentStartTicks = view.ParentStartTicks;
        if (view.HasTimeNs) message.TimeNs = view.TimeNs;
        if (view.HasUid) message.Uid = view.Uid;
        if (view.HasGid) message.Gid = view.Gid;
        if (view.HasEffectiveUid) message.EffectiveUid = view.EffectiveUid;
        if (view.HasJobStep) message.JobStep = Text(view.JobStep);
        if (view.HasRank) message.Rank = view.Rank;
        if (view.HasScheduler) message.Scheduler = Text(view.Scheduler);
        if (view.HasExecutableDevice) message.ExecutableDevice = view.ExecutableDevice;
        if (view.HasExecutableInode) message.ExecutableInode = view.ExecutableInode;
        if (view.HasExecutableSize) message.ExecutableSize = view.ExecutableSize;
        if (view.HasExecutableMtimeNs) message.ExecutableMtimeNs = view.ExecutableMtimeNs;
        if (view.HasExecutableBuildId) message.ExecutableBuildId = ByteString.CopyFrom(view.ExecutableBuildId);
        if (view.HasExecPath) message.ExecPath = Text(view.ExecPath);
        if (view.HasFlags) message.Flags = view.Flags;
        if (view.HasShimVersion) message.ShimVersion = Text(view.ShimVersion);
        if (view.HasFailedSends) message.FailedSends = view.FailedSends;
        AddRepeated(message, view);
        return message;
    }

    /// <summary>The view as a message.</summary>
    public static ProcessEnd ToMessage(in ProcessEndView view)
    {
        var message = new ProcessEnd();
        if (view.HasPid) message.Pid = view.Pid;
        if (view.HasJobId) message.JobId = Text(view.JobId);
        if (view.HasHostname) message.Hostname = Text(view.Hostname);
        if (view.HasStartTicks) message.StartTicks = view.StartTicks;
        if (view.HasEndTimeNs) message.EndTimeNs = view.EndTimeNs;
        if (view.HasExitCode) message.ExitCode = view.ExitCode;
        if (view.HasExitSignal) message.ExitSignal = view.ExitSignal;
        if (view.HasUserTimeUs) message.UserTimeUs = view.UserTimeUs;
        if (view.HasSystemTimeUs) message.SystemTimeUs = view.SystemTimeUs;
        if (view.HasMaxRssKib) message.MaxRssKib = view.MaxRssKib;
        if (view.HasMinorFaults) message.MinorFaults = view.MinorFaults;
        if (view.HasMajorFaults) message.MajorFaults = view.MajorFaults;
        if (view.HasBlocksRead) message.BlocksRead = view.BlocksRead;
        if (view.HasBlocksWritten) message.BlocksWritten = view.BlocksWritten;
        if (view.HasVoluntarySwitches) message.VoluntarySwitches = view.VoluntarySwitches;
        if (view.HasInvoluntarySwitches) message.InvoluntarySwitches = view.InvoluntarySwitches;
        if (view.HasImageTimeNs) message.ImageTimeNs = view.ImageTimeNs;
        return message;
    }

    /// <summary>The view as a message; strings must be UTF-8.</summary>
    public static JobStart ToMessage(in JobStartView view)
    {
        JobFieldsView job = view.Job;
        var message = new JobStart();
        if (job.HasJobId) message.JobId = Text(job.JobId);
        if (job.HasTimeSeconds) message.StartTime = job.TimeSeconds;
        if (job.HasTimeNs) message.StartTimeNs = job.TimeNs;
        if (job.HasUsername) message.Username = Text(job.Username);
        if (job.HasUid) message.Uid = job.Uid;
        if (job.HasGid) message.Gid = job.Gid;
        if (job.HasAccount) message.Account = Text(job.Account);
        if (job.HasPartition) message.Partition = Text(job.Partition);
        if (job.HasJobName) message.JobName = Text(job.JobName);
        if (job.HasNodes) message.Nodes = Text(job.Nodes);
        if (job.HasNodeCount) message.NodeCount = job.NodeCount;
        if (job.HasCluster) message.Cluster = Text(job.Cluster);
        if (job.HasArrayJobId) message.ArrayJobId = Text(job.ArrayJobId);
        if (job.HasArrayTaskId) message.ArrayTaskId = job.ArrayTaskId;
        if (job.HasSubmitTimeNs) message.SubmitTimeNs = job.SubmitTimeNs;
        if (job.HasSubmitHost) message.SubmitHost = Text(job.SubmitHost);
        if (job.HasScheduler) message.Scheduler = Text(job.Scheduler);
        if (job.HasSenderVersion) message.SenderVersion = Text(job.SenderVersion);
        if (job.HasHostname) message.Hostname = Text(job.Hostname);
        if (job.HasRestarts) message.Restarts = job.Restarts;
        if (job.HasCpuCount) message.CpuCount = job.CpuCount;
        if (job.HasTaskCount) message.TaskCount = job.TaskCount;
        return message;
    }

    /// <summary>The view as a message; strings must be UTF-8.</summary>
    public static JobEnd ToMessage(in JobEndView view)
    {
        JobFieldsView job = view.Job;
        var message = new JobEnd();
        if (job.HasJobId) message.JobId = Text(job.JobId);
        if (job.HasTimeSeconds) message.EndTime = job.TimeSeconds;
        if (job.HasTimeNs) message.EndTimeNs = job.TimeNs;
        if (job.HasUsername) message.Username = Text(job.Username);
        if (job.HasUid) message.Uid = job.Uid;
        if (job.HasGid) message.Gid = job.Gid;
        if (job.HasAccount) message.Account = Text(job.Account);
        if (job.HasPartition) message.Partition = Text(job.Partition);
        if (job.HasJobName) message.JobName = Text(job.JobName);
        if (job.HasNodes) message.Nodes = Text(job.Nodes);
        if (job.HasNodeCount) message.NodeCount = job.NodeCount;
        if (job.HasCluster) message.Cluster = Text(job.Cluster);
        if (job.HasArrayJobId) message.ArrayJobId = Text(job.ArrayJobId);
        if (job.HasArrayTaskId) message.ArrayTaskId = job.ArrayTaskId;
        if (job.HasSubmitTimeNs) message.SubmitTimeNs = job.SubmitTimeNs;
        if (job.HasSubmitHost) message.SubmitHost = Text(job.SubmitHost);
        if (job.HasScheduler) message.Scheduler = Text(job.Scheduler);
        if (job.HasSenderVersion) message.SenderVersion = Text(job.SenderVersion);
        if (job.HasHostname) message.Hostname = Text(job.Hostname);
        if (job.HasRestarts) message.Restarts = job.Restarts;
        if (job.HasCpuCount) message.CpuCount = job.CpuCount;
        if (job.HasTaskCount) message.TaskCount = job.TaskCount;
        if (view.HasExitCode) message.ExitCode = view.ExitCode;
        if (view.HasExitSignal) message.ExitSignal = view.ExitSignal;
        if (view.HasState) message.State = Text(view.State);
        if (view.HasDerivedExitCode) message.DerivedExitCode = view.DerivedExitCode;
        if (view.HasStartTimeNs) message.StartTimeNs = view.StartTimeNs;
        return message;
    }

    /// <summary>Bytes as text; fails on bytes that are not UTF-8.</summary>
    public static string Text(ReadOnlySpan<byte> bytes) => new System.Text.UTF8Encoding(false, true).GetString(bytes);

    private static void AddRepeated(ProcessInfo message, in ProcessInfoView view)
    {
        foreach (ReadOnlySpan<byte> value in view.EnvironmentVariables) message.EnvironmentVariables.Add(Text(value));
        foreach (ReadOnlySpan<byte> value in view.Arguments) message.Arguments.Add(Text(value));
        foreach (SharedObjectView value in view.SharedObjects)
        {
            var item = new SharedObject();
            if (value.HasPath) item.Path = Text(value.Path);
            if (value.HasSignature) item.Signature = Text(value.Signature);
            if (value.HasBuildId) item.BuildId = ByteString.CopyFrom(value.BuildId);
            message.SharedObjects.Add(item);
        }

        foreach (ModuleView value in view.LoadedModules)
        {
            var item = new Module();
            if (value.HasName) item.Name = Text(value.Name);
            message.LoadedModules.Add(item);
        }
    }

    private static void Check(byte[] message, int recursionLimit)
    {
        // Parsing an array checks that all of it was read; parsing a stream of one's own does not, but takes a limit.
        Empty.Parser.ParseFrom(message);
        using var stream = new MemoryStream(message);
        using var input = CodedInputStream.CreateWithLimits(stream, int.MaxValue, recursionLimit);
        Empty.Parser.ParseFrom(input);
    }
}
