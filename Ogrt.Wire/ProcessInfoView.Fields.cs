namespace Ogrt.Wire;

/// <summary>
/// A <c>ProcessInfo</c> read in place: every field of it, without an allocation. Strings are bytes, empty when absent;
/// numbers are 0 when absent; of a field that was sent more than once the last counts, as protobuf has it.
/// </summary>
/// <remarks>
/// The view refers to the payload that it was made from and is valid as long as those bytes are. Fields that the layout
/// does not have are absent, whatever the payload holds under their numbers.
/// </remarks>
public ref partial struct ProcessInfoView
{
    private ReadOnlySpan<byte> _payload;
    private WireLayout _layout;
    private ulong _present;
    private RepeatedField _environmentVariables;
    private RepeatedField _arguments;
    private RepeatedField _sharedObjects;
    private RepeatedField _loadedModules;
    private long _time;
    private long _timeNs;
    private WireSlice _binpath;
    private WireSlice _signature;
    private WireSlice _jobId;
    private WireSlice _username;
    private WireSlice _hostname;
    private WireSlice _cmdline;
    private WireSlice _cwd;
    private WireSlice _jobStep;
    private WireSlice _scheduler;
    private WireSlice _executableBuildId;
    private WireSlice _execPath;
    private WireSlice _shimVersion;
    private WireSlice _uuid;
    private int _pid;
    private int _parentPid;
    private ulong _startTicks;
    private ulong _parentStartTicks;
    private uint _uid;
    private uint _gid;
    private uint _effectiveUid;
    private uint _rank;
    private ulong _executableDevice;
    private ulong _executableInode;
    private ulong _executableSize;
    private long _executableMtimeNs;
    private uint _flags;
    private uint _failedSends;

    /// <summary>The payload that the view was made from.</summary>
    public readonly ReadOnlySpan<byte> Payload => _payload;

    /// <summary>The layout that it was read with.</summary>
    public readonly WireLayout Layout => _layout;

    /// <summary>The executable, as <c>/proc/self/exe</c> names it.</summary>
    public readonly ReadOnlySpan<byte> Binpath => _binpath.Of(_payload);

    /// <summary>Whether <see cref="Binpath"/> was sent, be it empty.</summary>
    public readonly bool HasBinpath => Has(ProcessInfoField.Binpath);

    /// <summary>The watermark that the executable got when it was linked: a UUID as text.</summary>
    public readonly ReadOnlySpan<byte> Signature => _signature.Of(_payload);

    /// <summary>Whether <see cref="Signature"/> was sent, be it empty.</summary>
    public readonly bool HasSignature => Has(ProcessInfoField.Signature);

    /// <summary>The job that the process belongs to.</summary>
    public readonly ReadOnlySpan<byte> JobId => _jobId.Of(_payload);

    /// <summary>Whether <see cref="JobId"/> was sent, be it empty.</summary>
    public readonly bool HasJobId => Has(ProcessInfoField.JobId);

    /// <summary>The user's name.</summary>
    public readonly ReadOnlySpan<byte> Username => _username.Of(_payload);

    /// <summary>Whether <see cref="Username"/> was sent, be it empty.</summary>
    public readonly bool HasUsername => Has(ProcessInfoField.Username);

    /// <summary>The name of the node that the process runs on.</summary>
    public readonly ReadOnlySpan<byte> Hostname => _hostname.Of(_payload);

    /// <summary>Whether <see cref="Hostname"/> was sent, be it empty.</summary>
    public readonly bool HasHostname => Has(ProcessInfoField.Hostname);

    /// <summary>The arguments, joined by blanks.</summary>
    public readonly ReadOnlySpan<byte> Cmdline => _cmdline.Of(_payload);

    /// <summary>Whether <see cref="Cmdline"/> was sent, be it empty.</summary>
    public readonly bool HasCmdline => Has(ProcessInfoField.Cmdline);

    /// <summary>The working directory at the start.</summary>
    public readonly ReadOnlySpan<byte> Cwd => _cwd.Of(_payload);

    /// <summary>Whether <see cref="Cwd"/> was sent, be it empty.</summary>
    public readonly bool HasCwd => Has(ProcessInfoField.Cwd);

    /// <summary>The job step, as the scheduler names it.</summary>
    public readonly ReadOnlySpan<byte> JobStep => _jobStep.Of(_payload);

    /// <summary>Whether <see cref="JobStep"/> was sent, be it empty.</summary>
    public readonly bool HasJobStep => Has(ProcessInfoField.JobStep);

    /// <summary>The environment variable that named the job, as <c>SLURM_JOB_ID</c>.</summary>
    public readonly ReadOnlySpan<byte> Scheduler => _scheduler.Of(_payload);

    /// <summary>Whether <see cref="Scheduler"/> was sent, be it empty.</summary>
    public readonly bool HasScheduler => Has(ProcessInfoField.Scheduler);

    /// <summary>The executable's GNU build-id, raw bytes.</summary>
    public readonly ReadOnlySpan<byte> ExecutableBuildId => _executableBuildId.Of(_payload);

    /// <summary>Whether <see cref="ExecutableBuildId"/> was sent, be it empty.</summary>
    public readonly bool HasExecutableBuildId => Has(ProcessInfoField.ExecutableBuildId);

    /// <summary>The path by which the executable was called (<c>AT_EXECFN</c>).</summary>
    public readonly ReadOnlySpan<byte> ExecPath => _execPath.Of(_payload);

    /// <summary>Whether <see cref="ExecPath"/> was sent, be it empty.</summary>
    public readonly bool HasExecPath => Has(ProcessInfoField.ExecPath);

    /// <summary>The version of the preload library that sent this.</summary>
    public readonly ReadOnlySpan<byte> ShimVersion => _shimVersion.Of(_payload);

    /// <summary>Whether <see cref="ShimVersion"/> was sent, be it empty.</summary>
    public readonly bool HasShimVersion => Has(ProcessInfoField.ShimVersion);

    /// <summary>The sixteen bytes that name the process in the layout <see cref="WireLayout.Next"/>.</summary>
    public readonly ReadOnlySpan<byte> Uuid => _uuid.Of(_payload);

    /// <summary>Whether <see cref="Uuid"/> was sent, be it empty.</summary>
    public readonly bool HasUuid => Has(ProcessInfoField.Uuid);

    /// <summary>The process id.</summary>
    public readonly int Pid => _pid;

    /// <summary>Whether <see cref="Pid"/> was sent, be it 0.</summary>
    public readonly bool HasPid => Has(ProcessInfoField.Pid);

    /// <summary>The process id of the parent.</summary>
    public readonly int ParentPid => _parentPid;

    /// <summary>Whether <see cref="ParentPid"/> was sent, be it 0.</summary>
    public readonly bool HasParentPid => Has(ProcessInfoField.ParentPid);

    /// <summary>When the process started, in clock ticks since boot. With host and pid it names the process.</summary>
    public readonly ulong StartTicks => _startTicks;

    /// <summary>Whether <see cref="StartTicks"/> was sent, be it 0.</summary>
    public readonly bool HasStartTicks => Has(ProcessInfoField.StartTicks);

    /// <summary>When the parent started, in clock ticks since boot.</summary>
    public readonly ulong ParentStartTicks => _parentStartTicks;

    /// <summary>Whether <see cref="ParentStartTicks"/> was sent, be it 0.</summary>
    public readonly bool HasParentStartTicks => Has(ProcessInfoField.ParentStartTicks);

    /// <summary>The real user id.</summary>
    public readonly uint Uid => _uid;

    /// <summary>Whether <see cref="Uid"/> was sent, be it 0.</summary>
    public readonly bool HasUid => Has(ProcessInfoField.Uid);

    /// <summary>The real group id.</summary>
    public readonly uint Gid => _gid;

    /// <summary>Whether <see cref="Gid"/> was sent, be it 0.</summary>
    public readonly bool HasGid => Has(ProcessInfoField.Gid);

    /// <summary>The effective user id.</summary>
    public readonly uint EffectiveUid => _effectiveUid;

    /// <summary>Whether <see cref="EffectiveUid"/> was sent, be it 0.</summary>
    public readonly bool HasEffectiveUid => Has(ProcessInfoField.EffectiveUid);

    /// <summary>The rank of an MPI process.</summary>
    public readonly uint Rank => _rank;

    /// <summary>Whether <see cref="Rank"/> was sent, be it 0.</summary>
    public readonly bool HasRank => Has(ProcessInfoField.Rank);

    /// <summary>The device that the executable is on.</summary>
    public readonly ulong ExecutableDevice => _executableDevice;

    /// <summary>Whether <see cref="ExecutableDevice"/> was sent, be it 0.</summary>
    public readonly bool HasExecutableDevice => Has(ProcessInfoField.ExecutableDevice);

    /// <summary>The inode of the executable.</summary>
    public readonly ulong ExecutableInode => _executableInode;

    /// <summary>Whether <see cref="ExecutableInode"/> was sent, be it 0.</summary>
    public readonly bool HasExecutableInode => Has(ProcessInfoField.ExecutableInode);

    /// <summary>The size of the executable in bytes.</summary>
    public readonly ulong ExecutableSize => _executableSize;

    /// <summary>Whether <see cref="ExecutableSize"/> was sent, be it 0.</summary>
    public readonly bool HasExecutableSize => Has(ProcessInfoField.ExecutableSize);

    /// <summary>When the executable was last written, in nanoseconds since 1970.</summary>
    public readonly long ExecutableMtimeNs => _executableMtimeNs;

    /// <summary>Whether <see cref="ExecutableMtimeNs"/> was sent, be it 0.</summary>
    public readonly bool HasExecutableMtimeNs => Has(ProcessInfoField.ExecutableMtimeNs);

    /// <summary>Bits of <see cref="Protocol.ProcessFlags"/>.</summary>
    public readonly uint Flags => _flags;

    /// <summary>Whether <see cref="Flags"/> was sent, be it 0.</summary>
    public readonly bool HasFlags => Has(ProcessInfoField.Flags);

    /// <summary>How many earlier sends of this process failed.</summary>
    public readonly uint FailedSends => _failedSends;

    /// <summary>Whether <see cref="FailedSends"/> was sent, be it 0.</summary>
    public readonly bool HasFailedSends => Has(ProcessInfoField.FailedSends);

    private readonly bool Has(int field) => (_present >> (field - ProcessInfoField.First) & 1) != 0;
}
