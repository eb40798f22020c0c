using System.Globalization;

namespace Ogrt.Server.Cli;

/// <summary>Names of Linux signals (signal(7), x86 and ARM numbering).</summary>
public static class Signals
{
    private static readonly string[] Names =
    [
        "", "SIGHUP", "SIGINT", "SIGQUIT", "SIGILL", "SIGTRAP", "SIGABRT", "SIGBUS", "SIGFPE", "SIGKILL", "SIGUSR1", "SIGSEGV",
        "SIGUSR2", "SIGPIPE", "SIGALRM", "SIGTERM", "SIGSTKFLT", "SIGCHLD", "SIGCONT", "SIGSTOP", "SIGTSTP", "SIGTTIN", "SIGTTOU",
        "SIGURG", "SIGXCPU", "SIGXFSZ", "SIGVTALRM", "SIGPROF", "SIGWINCH", "SIGIO", "SIGPWR", "SIGSYS",
    ];

    /// <summary>The name of a signal, or "signal N".</summary>
    public static string Name(uint signal) => signal > 0 && signal < Names.Length
        ? Names[signal]
        : string.Create(CultureInfo.InvariantCulture, $"signal {signal}");
}
