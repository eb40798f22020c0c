namespace Ogrt.Wire;

/// <summary>A <c>ProcessEnd</c> read in place; absent strings are empty and absent numbers 0.</summary>
/// <remarks>
/// In the layout <see cref="WireLayout.Next"/> the message names its process by <see cref="Uuid"/> alone, and what it
/// used includes its children.
/// </remarks>
public ref partial struct ProcessEndView
{
    private ReadOnlySpan<byte> _payload;
    private ulong _present;
    private WireSlice _jobId;
    private WireSlice _hostname;
    private WireSlice _uuid;
    private int _pid;
    private ulong _startTicks;
    private long _endTimeNs;
    private int _exitCode;
    private uint _exitSignal;
    private ulong _userTimeUs;
    private ulong _systemTimeUs;
    private ulong _maxRssKib;
    private ulong _minorFaults;
    private ulong _majorFaults;
    private ulong _blocksRead;
    private ulong _blocksWritten;
    private ulong _voluntarySwitches;
    private ulong _involuntarySwitches;
    private long _imageTimeNs;

    /// <summary>The layout that it was read with.</summary>
    public WireLayout Layout { readonly get; private set; }

    /// <summary>The job that the process belonged to.</summary>
    public readonly ReadOnlySpan<byte> JobId => _jobId.Of(_payload);

    /// <summary>Whether <see cref="JobId"/> was sent, be it empty.</summary>
    public readonly bool HasJobId => Has(ProcessEndField.JobId);

    /// <summary>The name of the node that the process ran on.</summary>
    public readonly ReadOnlySpan<byte> Hostname => _hostname.Of(_payload);

    /// <summary>Whether <see cref="Hostname"/> was sent, be it empty.</summary>
    public readonly bool HasHostname => Has(ProcessEndField.Hostname);

    /// <summary>The sixteen bytes that name the process in the layout <see cref="WireLayout.Next"/>.</summary>
    public readonly ReadOnlySpan<byte> Uuid => _uuid.Of(_payload);

    /// <summary>Whether <see cref="Uuid"/> was sent, be it empty.</summary>
    public bool HasUuid { readonly get; private set; }

    /// <summary>The process id.</summary>
    public readonly int Pid => _pid;

    /// <summary>Whether <see cref="Pid"/> was sent, be it 0.</summary>
    public readonly bool HasPid => Has(ProcessEndField.Pid);

    /// <summary>When the process started, in clock ticks since boot. With host and pid it names the process.</summary>
    public readonly ulong StartTicks => _startTicks;

    /// <summary>Whether <see cref="StartTicks"/> was sent, be it 0.</summary>
    public readonly bool HasStartTicks => Has(ProcessEndField.StartTicks);

    /// <summary>When the process ended, in nanoseconds since 1970.</summary>
    public readonly long EndTimeNs => _endTimeNs;

    /// <summary>Whether <see cref="EndTimeNs"/> was sent, be it 0.</summary>
    public readonly bool HasEndTimeNs => Has(ProcessEndField.EndTimeNs);

    /// <summary>The exit code.</summary>
    public readonly int ExitCode => _exitCode;

    /// <summary>Whether <see cref="ExitCode"/> was sent, be it 0.</summary>
    public readonly bool HasExitCode => Has(ProcessEndField.ExitCode);

    /// <summary>The signal that ended the process.</summary>
    public readonly uint ExitSignal => _exitSignal;

    /// <summary>Whether <see cref="ExitSignal"/> was sent, be it 0.</summary>
    public readonly bool HasExitSignal => Has(ProcessEndField.ExitSignal);

    /// <summary>Processor time in user mode, in microseconds.</summary>
    public readonly ulong UserTimeUs => _userTimeUs;

    /// <summary>Whether <see cref="UserTimeUs"/> was sent, be it 0.</summary>
    public readonly bool HasUserTimeUs => Has(ProcessEndField.UserTimeUs);

    /// <summary>Processor time in the kernel, in microseconds.</summary>
    public readonly ulong SystemTimeUs => _systemTimeUs;

    /// <summary>Whether <see cref="SystemTimeUs"/> was sent, be it 0.</summary>
    public readonly bool HasSystemTimeUs => Has(ProcessEndField.SystemTimeUs);

    /// <summary>The largest resident set, in KiB.</summary>
    public readonly ulong MaxRssKib => _maxRssKib;

    /// <summary>Whether <see cref="MaxRssKib"/> was sent, be it 0.</summary>
    public readonly bool HasMaxRssKib => Has(ProcessEndField.MaxRssKib);

    /// <summary>Page faults without input.</summary>
    public readonly ulong MinorFaults => _minorFaults;

    /// <summary>Whether <see cref="MinorFaults"/> was sent, be it 0.</summary>
    public readonly bool HasMinorFaults => Has(ProcessEndField.MinorFaults);

    /// <summary>Page faults with input.</summary>
    public readonly ulong MajorFaults => _majorFaults;

    /// <summary>Whether <see cref="MajorFaults"/> was sent, be it 0.</summary>
    public readonly bool HasMajorFaults => Has(ProcessEndField.MajorFaults);

    /// <summary>Blocks of 512 bytes read.</summary>
    public readonly ulong BlocksRead => _blocksRead;

    /// <summary>Whether <see cref="BlocksRead"/> was sent, be it 0.</summary>
    public readonly bool HasBlocksRead => Has(ProcessEndField.BlocksRead);

    /// <summary>Blocks of 512 bytes written.</summary>
    public readonly ulong BlocksWritten => _blocksWritten;

    /// <summary>Whether <see cref="BlocksWritten"/> was sent, be it 0.</summary>
    public readonly bool HasBlocksWritten => Has(ProcessEndField.BlocksWritten);

    /// <summary>Context switches while waiting.</summary>
    public readonly ulong VoluntarySwitches => _voluntarySwitches;

    /// <summary>Whether <see cref="VoluntarySwitches"/> was sent, be it 0.</summary>
    public readonly bool HasVoluntarySwitches => Has(ProcessEndField.VoluntarySwitches);

    /// <summary>Context switches because the time was up.</summary>
    public readonly ulong InvoluntarySwitches => _involuntarySwitches;

    /// <summary>Whether <see cref="InvoluntarySwitches"/> was sent, be it 0.</summary>
    public readonly bool HasInvoluntarySwitches => Has(ProcessEndField.InvoluntarySwitches);

    /// <summary>
    /// When the program image started that ended, in nanoseconds since 1970, as its <c>ProcessInfo</c> said: with host, pid and
    /// start ticks it names that record.
    /// </summary>
    public readonly long ImageTimeNs => _imageTimeNs;

    /// <summary>Whether <see cref="ImageTimeNs"/> was sent, be it 0.</summary>
    public readonly bool HasImageTimeNs => Has(ProcessEndField.ImageTimeNs);

    private readonly bool Has(int field) => (_present >> (field - ProcessEndField.First) & 1) != 0;
}
