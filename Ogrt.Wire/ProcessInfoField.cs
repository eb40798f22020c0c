namespace Ogrt.Wire;

/// <summary>Field numbers of <c>ProcessInfo</c> in <c>ogrt.proto</c>.</summary>
internal static class ProcessInfoField
{
    public const int Uuid = 299;
    public const int Binpath = 300;
    public const int Pid = 301;
    public const int ParentPid = 302;
    public const int Time = 303;
    public const int Signature = 304;
    public const int JobId = 305;
    public const int Username = 306;
    public const int Hostname = 307;
    public const int Cmdline = 308;
    public const int EnvironmentVariables = 309;
    public const int Arguments = 310;
    public const int SharedObjects = 311;
    public const int LoadedModules = 312;
    public const int Cwd = 313;
    public const int StartTicks = 320;
    public const int ParentStartTicks = 321;
    public const int TimeNs = 322;
    public const int Uid = 323;
    public const int Gid = 324;
    public const int EffectiveUid = 325;
    public const int JobStep = 326;
    public const int Rank = 327;
    public const int Scheduler = 328;
    public const int ExecutableDevice = 329;
    public const int ExecutableInode = 330;
    public const int ExecutableSize = 331;
    public const int ExecutableMtimeNs = 332;
    public const int ExecutableBuildId = 333;
    public const int ExecPath = 334;
    public const int Flags = 335;
    public const int ShimVersion = 336;
    public const int FailedSends = 337;

    /// <summary>The lowest of them.</summary>
    public const int First = Uuid;

    /// <summary>The tag by which the parser knows a field: the tag that was sent, moved to the current layout's numbers.</summary>
    /// <param name="tag">The tag that was sent.</param>
    /// <param name="layout">The layout of the listener.</param>
    /// <returns>The tag in the current layout; 0 for a field that the layout does not have.</returns>
    public static uint Translate(uint tag, WireLayout layout)
    {
        uint field = tag >> 3;
        return layout switch
        {
            WireLayout.Current => field == Uuid ? 0 : tag,
            WireLayout.V03 => field switch
            {
                >= Binpath and <= Hostname => tag,
                // 0.3 has no command line, so that its repeated fields stand one lower.
                >= Cmdline and <= Arguments => tag + (1 << 3),
                _ => 0,
            },
            _ => field is >= Uuid and <= Cwd ? tag : 0,
        };
    }
}
