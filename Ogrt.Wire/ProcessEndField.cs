namespace Ogrt.Wire;

/// <summary>Field numbers of <c>ProcessEnd</c>: of <c>ogrt.proto</c>, and of OGRT's branch <c>next</c>.</summary>
internal static class ProcessEndField
{
    public const int Pid = 301;
    public const int JobId = 305;
    public const int Hostname = 307;
    public const int StartTicks = 320;
    public const int EndTimeNs = 340;
    public const int ExitCode = 341;
    public const int ExitSignal = 342;
    public const int UserTimeUs = 343;
    public const int SystemTimeUs = 344;
    public const int MaxRssKib = 345;
    public const int MinorFaults = 346;
    public const int MajorFaults = 347;
    public const int BlocksRead = 348;
    public const int BlocksWritten = 349;
    public const int VoluntarySwitches = 350;
    public const int InvoluntarySwitches = 351;
    public const int ImageTimeNs = 352;

    /// <summary>The lowest of them.</summary>
    public const int First = Pid;

    // Branch next: https://github.com/georg-rath/ogrt, server/protocol/ogrt.pb.go at dd4f8ae. Times are in milliseconds.
    public const int NextUuid = 99;
    public const int NextTime = 104;
    public const int NextUserTime = 105;
    public const int NextSystemTime = 106;
    public const int NextMaxRss = 107;
    public const int NextMinorFaults = 108;
    public const int NextMajorFaults = 109;
    public const int NextBlocksRead = 110;
    public const int NextBlocksWritten = 111;
    public const int NextVoluntarySwitches = 112;
    public const int NextInvoluntarySwitches = 113;
}
