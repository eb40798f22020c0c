namespace Ogrt.Server.Cli;

/// <summary>A command cannot go on. It becomes one line on standard error and an exit code.</summary>
public sealed class CliException : Exception
{
    /// <summary>Makes one.</summary>
    /// <param name="exitCode">One of <see cref="ExitCode"/>.</param>
    /// <param name="message">What is wrong.</param>
    /// <param name="hint">What to do about it; empty when the message says it.</param>
    /// <param name="inner">What it came from, for <c>--debug</c>.</param>
    public CliException(int exitCode, string message, string hint = "", Exception? inner = null)
        : base(message, inner)
    {
        ExitCode = exitCode;
        Hint = hint;
    }

    /// <summary>The exit code.</summary>
    public int ExitCode { get; }

    /// <summary>What to do.</summary>
    public string Hint { get; }
}
