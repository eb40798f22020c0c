namespace Ogrt.Specs.Soak;

/// <summary>What goes wrong in a run.</summary>
internal enum FaultKind
{
    /// <summary>SIGKILL of the server, and a start.</summary>
    KillServer,

    /// <summary>SIGTERM of the server, and a start.</summary>
    StopServer,

    /// <summary>No room is left on the file system of all of the server's files.</summary>
    DiskFull,

    /// <summary>The server's clock goes forward at once.</summary>
    ClockForward,

    /// <summary>The server's clock goes back at once.</summary>
    ClockBack,

    /// <summary>The target is killed, and started again at the end.</summary>
    TargetKilled,

    /// <summary>The target answers each request with 429, or 503.</summary>
    Full,

    /// <summary>The target answers 429 for many items of a request and takes the others.</summary>
    FullForItems,

    /// <summary>The target refuses every item with 403 for a block, or every request for its token.</summary>
    ReadOnly,

    /// <summary>The target answers late.</summary>
    Slow,

    /// <summary>The target accepts connections and never reads or answers.</summary>
    BlackHole,

    /// <summary>The target breaks connections off, before or after it has taken what came.</summary>
    Resets,

    /// <summary>The target takes what came and answers with something that cannot be read.</summary>
    Garbage,
}
