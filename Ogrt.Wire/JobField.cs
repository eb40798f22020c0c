namespace Ogrt.Wire;

/// <summary>Field numbers that <c>JobStart</c> and <c>JobEnd</c> of <c>ogrt.proto</c> share, and those of <c>JobEnd</c>.</summary>
internal static class JobField
{
    /// <summary>The start of a JobStart, the end of a JobEnd.</summary>
    public const uint TimeNs = 320;
    public const uint Username = 321;
    public const uint Uid = 322;
    public const uint Gid = 323;
    public const uint Account = 324;
    public const uint Partition = 325;
    public const uint JobName = 326;
    public const uint Nodes = 327;
    public const uint NodeCount = 328;
    public const uint Cluster = 329;
    public const uint ArrayJobId = 330;
    public const uint ArrayTaskId = 331;
    public const uint SubmitTimeNs = 332;
    public const uint SubmitHost = 333;
    public const uint Scheduler = 334;
    public const uint SenderVersion = 335;
    public const uint Hostname = 336;
    public const uint Restarts = 337;
    public const uint CpuCount = 338;
    public const uint TaskCount = 339;

    /// <summary>The lowest and the highest of those that both have.</summary>
    public const uint First = TimeNs, Last = TaskCount;

    // Of JobEnd alone.
    public const uint ExitCode = 340;
    public const uint ExitSignal = 341;
    public const uint State = 342;
    public const uint DerivedExitCode = 343;
    public const uint StartTimeNs = 344;
}
