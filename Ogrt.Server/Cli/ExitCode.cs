namespace Ogrt.Server.Cli;

/// <summary>
/// How the commands end. The numbers from 64 on are those of BSD's <c>sysexits.h</c>, which service managers and scripts know.
/// </summary>
public static class ExitCode
{
    /// <summary>It worked.</summary>
    public const int Ok = 0;

    /// <summary>A check found problems, or nothing matched.</summary>
    public const int Found = 1;

    /// <summary>The command line is wrong.</summary>
    public const int Usage = 64;

    /// <summary>The job or the file does not exist.</summary>
    public const int NoInput = 66;

    /// <summary>The server cannot be reached, or a port cannot be had.</summary>
    public const int Unavailable = 69;

    /// <summary>A mistake in the program.</summary>
    public const int Software = 70;

    /// <summary>Reading or writing failed.</summary>
    public const int Io = 74;

    /// <summary>It may work later.</summary>
    public const int TryLater = 75;

    /// <summary>This user may not do it.</summary>
    public const int NotPermitted = 77;

    /// <summary>The configuration is wrong.</summary>
    public const int Configuration = 78;

    /// <summary>Stopped by SIGINT.</summary>
    public const int Interrupted = 130;

    /// <summary>Stopped by SIGTERM.</summary>
    public const int Terminated = 143;

    /// <summary>The table of <c>ogrt-server help exit-codes</c>.</summary>
    public static IReadOnlyList<(int Code, string Meaning)> All { get; } =
    [
        (Ok, "It worked."),
        (Found, "A check found problems, or nothing matched."),
        (Usage, "The command line is wrong."),
        (NoInput, "The job or the file does not exist."),
        (Unavailable, "The server cannot be reached, or a port or a journal that it needs is in use."),
        (Software, "A mistake in the program. --debug shows the trace; please report it."),
        (Io, "Reading or writing failed: a directory that cannot be written, a disk that is full."),
        (TryLater, "It may work later: the server is starting or stopping."),
        (NotPermitted, "This user may not do it."),
        (Configuration, "The configuration is wrong. ogrt-server check says where."),
        (Interrupted, "Stopped by SIGINT (Ctrl-C)."),
        (Terminated, "Stopped by SIGTERM before the command was done."),
    ];
}
