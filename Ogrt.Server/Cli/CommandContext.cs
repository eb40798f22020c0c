using System.CommandLine;
using Ogrt.Server.Configuration;

namespace Ogrt.Server.Cli;

/// <summary>What the commands share: the terminal, the options that all of them have, their examples.</summary>
public sealed class CommandContext(Terminal terminal)
{
    /// <summary>The variable that names the configuration file where no option does.</summary>
    public const string FileVariable = "OGRT_CONFIG";

    /// <summary>Where results and messages go.</summary>
    public Terminal Terminal { get; } = terminal;

    /// <summary>The options of every command.</summary>
    public GlobalOptions Options { get; } = new();

    /// <summary>The examples of the help texts.</summary>
    public Dictionary<Command, IReadOnlyList<(string Line, string What)>> Examples { get; } = [];

    /// <summary>What the configuration of this call is read from.</summary>
    public ConfigSources Sources(ParseResult parse)
    {
        string? file = parse.GetValue(Options.Config) ?? Environment.GetEnvironmentVariable(FileVariable);
        return ConfigSources.Of(string.IsNullOrEmpty(file) ? null : file, parse.GetValue(Options.Set) ?? []);
    }

    /// <summary>Reads the configuration for a command that needs a sound one.</summary>
    /// <exception cref="CliException">Something is wrong with it.</exception>
    public LoadedConfig LoadConfig(ParseResult parse)
    {
        LoadedConfig config = ConfigLoader.Load(Sources(parse));
        return config.IsUsable ? config : throw Faults(config.Problems);
    }

    /// <summary>Reads the typed settings for a command that needs sound ones.</summary>
    /// <exception cref="CliException">Something is wrong with the configuration.</exception>
    public RuntimeSettings LoadSettings(ParseResult parse) => LoadSettings(LoadConfig(parse));

    /// <summary>The typed settings of a configuration.</summary>
    /// <exception cref="CliException">Something is wrong with it.</exception>
    public static RuntimeSettings LoadSettings(LoadedConfig config)
    {
        var problems = new List<ConfigProblem>();
        return RuntimeSettings.Create(config, problems) ?? throw Faults(problems);
    }

    private static CliException Faults(IEnumerable<ConfigProblem> problems)
    {
        ConfigProblem[] faults = problems.Where(p => !p.IsWarning).ToArray();
        string more = faults.Length > 1 ? $" ({faults.Length - 1} more)" : "";
        return new CliException(ExitCode.Configuration, $"{faults[0]}{more}", "ogrt-server check shows everything that is wrong with the configuration.");
    }

    /// <summary>Writes a message where <c>--verbose</c> asks for it.</summary>
    public void Say(ParseResult parse, string message)
    {
        if (parse.GetValue(Options.Verbose)) Terminal.Error.WriteLine(message);
    }
}
