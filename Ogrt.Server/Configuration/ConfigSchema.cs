using System.Reflection;

namespace Ogrt.Server.Configuration;

/// <summary>
/// Every key that exists: the union of the <c>reference.conf</c> files of all projects. A key's default gives its type.
/// </summary>
public sealed class ConfigSchema
{
    private readonly Dictionary<string, ConfigKey> _keys = new(StringComparer.Ordinal);

    private ConfigSchema()
    {
    }

    /// <summary>The schema of this build.</summary>
    public static ConfigSchema Current { get; } = Load();

    /// <summary>The keys, in the order of the files.</summary>
    public IEnumerable<ConfigKey> Keys => _keys.Values;

    /// <summary>The built-in key of exactly this path, or null.</summary>
    public ConfigKey? this[string path] => _keys.GetValueOrDefault(path);

    /// <summary>Finds what is known about a key.</summary>
    /// <param name="path">The key's full path.</param>
    /// <param name="sort">Tells the sort of a named block: its transport or its type.</param>
    /// <returns>The key, that of the built-in block of the same sort for a block with a name of its own, or null.</returns>
    public ConfigKey? Find(string path, Func<string, string?> sort)
    {
        if (_keys.TryGetValue(path, out ConfigKey? key)) return key;
        foreach (NamedBlocks blocks in NamedBlocks.All)
        {
            if (!blocks.TrySplit(path, out string name, out string within) || within.Length == 0) continue;
            string? model = Model(blocks, sort($"{blocks.Prefix}.{name}.{blocks.SortKey}"));
            if (model is not null) return _keys.GetValueOrDefault($"{blocks.Prefix}.{model}.{within}");
        }
        return null;
    }

    /// <summary>The name of the first built-in block of a sort, or null.</summary>
    public string? Model(NamedBlocks blocks, string? sort) => sort is null ? null : BuiltInBlocks(blocks)
        .FirstOrDefault(name => DefaultText($"{blocks.Prefix}.{name}.{blocks.SortKey}") == sort);

    /// <summary>The sorts that a place knows.</summary>
    public IEnumerable<string> Sorts(NamedBlocks blocks) => BuiltInBlocks(blocks)
        .Select(name => DefaultText($"{blocks.Prefix}.{name}.{blocks.SortKey}")).OfType<string>().Distinct();

    /// <summary>The keys of one built-in block, their paths relative to the block.</summary>
    public IEnumerable<(string Key, ConfigKey Definition)> KeysOf(NamedBlocks blocks, string block)
    {
        string prefix = $"{blocks.Prefix}.{block}.";
        return _keys.Values.Where(k => k.Path.StartsWith(prefix, StringComparison.Ordinal)).Select(k => (k.Path[prefix.Length..], k));
    }

    private IEnumerable<string> BuiltInBlocks(NamedBlocks blocks) => _keys.Keys
        .Select(path => blocks.TrySplit(path, out string name, out string within) && within.Length > 0 ? name : null)
        .OfType<string>().Distinct();

    private string? DefaultText(string path) =>
        _keys.TryGetValue(path, out ConfigKey? key) && key.Default.Items is null
            ? string.Concat(key.Default.Parts.Select(p => p.Text))
            : null;

    private static ConfigSchema Load()
    {
        var schema = new ConfigSchema();
        foreach (string project in new[] { "Ogrt.Journal", "Ogrt.Actors", "Ogrt.Sinks", "ogrt-server" })
        {
            Assembly assembly = Assembly.Load(project);
            foreach (string resource in assembly.GetManifestResourceNames().Where(n => n.EndsWith("reference.conf", StringComparison.Ordinal)))
            {
                using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
                string shown = resource.Replace(".reference.conf", "/reference.conf", StringComparison.Ordinal);
                foreach (HoconAssignment found in HoconScanner.Scan(reader.ReadToEnd(), shown))
                {
                    schema._keys[found.Path] = new ConfigKey(
                        found.Path,
                        ConfigTypes.Of(found.Value),
                        found.Value,
                        new ConfigOrigin(ConfigOriginKind.Default, shown, found.Line),
                        found.Comment);
                }
            }
        }
        return schema;
    }
}
