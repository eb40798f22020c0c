using System.CommandLine;

namespace Ogrt.Server.Cli;

/// <summary>The options that every command has.</summary>
public sealed class GlobalOptions
{
    /// <summary>The configuration file.</summary>
    public Option<string?> Config { get; } = new("--config", "-c")
    {
        Description = "The configuration file. Without it, OGRT_CONFIG's or /etc/ogrt/ogrt.hocon if there is one, else the defaults.",
        HelpName = "FILE",
        Recursive = true,
    };

    /// <summary>Overrides.</summary>
    public Option<string[]> Set { get; } = new("--set")
    {
        Description = "Override a key: --set journal.max-size=1GiB. Can be given several times.",
        HelpName = "KEY=VALUE",
        Recursive = true,
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = false,
    };

    /// <summary>Traces.</summary>
    public Option<bool> Debug { get; } = new("--debug") { Description = "Show the trace of an error.", Recursive = true };

    /// <summary>More messages.</summary>
    public Option<bool> Verbose { get; } = new("--verbose", "-v") { Description = "Say where answers come from.", Recursive = true };
}
