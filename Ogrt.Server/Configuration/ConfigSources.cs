namespace Ogrt.Server.Configuration;

/// <summary>What a configuration is read from, weakest first: the built-in defaults, a file, variables, options.</summary>
public sealed record ConfigSources
{
    /// <summary>The file that is read when none is named and it exists.</summary>
    public const string UsualFile = "/etc/ogrt/ogrt.hocon";

    /// <summary>The operator's file; null for the built-in defaults alone.</summary>
    public string? File { get; init; }

    /// <summary>The variables of the environment; those that do not begin with <c>OGRT__</c> are not looked at.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; init; } = new Dictionary<string, string>();

    /// <summary>The options <c>--set path=value</c>, in their order.</summary>
    public IReadOnlyList<string> Settings { get; init; } = [];

    /// <summary>The sources of a command: the named file or else the usual one, and this process's environment.</summary>
    public static ConfigSources Of(string? file, IReadOnlyList<string> settings)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (System.Collections.DictionaryEntry variable in Environment.GetEnvironmentVariables())
            variables[(string)variable.Key] = (string?)variable.Value ?? "";
        return new ConfigSources
        {
            File = file ?? (System.IO.File.Exists(UsualFile) ? UsualFile : null),
            Variables = variables,
            Settings = settings,
        };
    }
}
