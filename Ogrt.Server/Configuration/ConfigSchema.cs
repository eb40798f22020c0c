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
    /// <param name="sort">Tells the sort of a named block by the path of its sort key.</param>
    /// <returns>The key; in a named block the one that has its default; or null when there is none.</returns>
    public ConfigKey? Find(string path, Func<string, string?> sort)
    {
        if (_keys.TryGetValue(path, out ConfigKey? key)) return key;
        foreach (NamedBlocks blocks in NamedBlocks.All)
        {
            if (!blocks.TrySplit(path, out string name, out string within) || within.Length == 0) continue;
            string? blockSort = sort(blocks.SortPath(name));
            if (blockSort is null || !Sorts(blocks).Contains(blockSort)) return null;
            if (within == blocks.SortKey) return SortKey(blocks);
            return KeysOf(blocks, blockSort).FirstOrDefault(k => k.Key == within).Definition;
        }
        return null;
    }

    /// <summary>The sorts that a place knows.</summary>
    public IEnumerable<string> Sorts(NamedBlocks blocks) => Below(blocks.SortDefaults)
        .Select(k => k.Key.Split('.')[0]).Distinct();

    /// <summary>The keys that a block of a sort has besides its sort key, relative to the block, with where their default is.</summary>
    public IEnumerable<(string Key, ConfigKey Definition)> KeysOf(NamedBlocks blocks, string sort)
    {
        List<(string Key, ConfigKey Definition)> own = Below($"{blocks.SortDefaults}.{sort}").ToList();
        return blocks.CommonDefaults is null ? own : own.Concat(Below(blocks.CommonDefaults).Where(c => own.All(o => o.Key != c.Key)));
    }

    private IEnumerable<(string Key, ConfigKey Definition)> Below(string prefix) => _keys.Values
        .Where(k => k.Path.StartsWith(prefix + ".", StringComparison.Ordinal))
        .Select(k => (k.Path[(prefix.Length + 1)..], k));

    private ConfigKey? SortKey(NamedBlocks blocks) => _keys.Values
        .FirstOrDefault(k => blocks.TrySplit(k.Path, out _, out string key) && key == blocks.SortKey);

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
                    // What a project sets for Akka is not this program's schema; the actor system takes it from there itself.
                    if (!found.Path.StartsWith(OverrideNames.Root, StringComparison.Ordinal)) continue;
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
