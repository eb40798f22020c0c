using Akka.Configuration;

namespace Ogrt.Server.Configuration;

/// <summary>A configuration with all of its sources laid over each other.</summary>
public sealed class LoadedConfig
{
    private readonly Dictionary<string, ConfigEntry> _entries;

    internal LoadedConfig(string? file, Config values, Dictionary<string, ConfigEntry> entries, IReadOnlyList<ConfigProblem> problems)
    {
        File = file;
        Values = values;
        _entries = entries;
        Problems = problems;
    }

    /// <summary>The operator's file, or null without one.</summary>
    public string? File { get; }

    /// <summary>The values, read by Akka's parser, substitutions resolved. Empty when the problems do not let it be read.</summary>
    public Config Values { get; }

    /// <summary>The leaves, sorted by path.</summary>
    public IEnumerable<ConfigEntry> Entries => _entries.Values.OrderBy(e => e.Path, StringComparer.Ordinal);

    /// <summary>What is wrong with keys, types and files.</summary>
    public IReadOnlyList<ConfigProblem> Problems { get; }

    /// <summary>True when nothing in the problems keeps the server from running.</summary>
    public bool IsUsable => Problems.All(p => p.IsWarning);

    /// <summary>The place of the value of a key, or null when the key has none.</summary>
    public ConfigOrigin? Origin(string path) => _entries.GetValueOrDefault(path)?.Origin;

    /// <summary>The paths of all leaves of an object, and of the leaf itself when it is one.</summary>
    public bool Has(string path) => _entries.ContainsKey(path);

    /// <summary>A value after substitution, as one text; a list in brackets.</summary>
    public string Text(string path) => _entries.TryGetValue(path, out ConfigEntry? entry) && IsList(entry.Value, _entries)
        ? "[" + string.Join(", ", Values.GetStringList(path)) + "]"
        : Values.GetString(path) ?? "";

    /// <summary>Whether a value is a list, or refers to one.</summary>
    internal static bool IsList(ConfigValue value, IReadOnlyDictionary<string, ConfigEntry> entries) => value switch
    {
        { Items: not null } => true,
        { Parts: [{ IsSubstitution: true } part] } => entries.TryGetValue(part.Text, out ConfigEntry? target) && IsList(target.Value, entries),
        _ => false,
    };

    /// <summary>What the operator has written below a path, and nothing else, as a configuration of its own.</summary>
    public Config Operators(string path) => ConfigurationFactory.ParseString(ConfigLoader.Canonical(_entries.Values
        .Where(e => e.Origin.Kind != ConfigOriginKind.Default && e.Path.StartsWith(path + ".", StringComparison.Ordinal))));
}
