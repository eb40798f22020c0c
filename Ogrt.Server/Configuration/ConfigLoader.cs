using System.Text;
using Akka.Configuration;

namespace Ogrt.Server.Configuration;

/// <summary>
/// Lays the sources of a configuration over each other and checks what can be checked without looking at the machine:
/// unknown keys, wrong types, references to keys that do not exist.
/// </summary>
public sealed class ConfigLoader
{
    private readonly ConfigSchema _schema = ConfigSchema.Current;
    private readonly Dictionary<string, ConfigEntry> _entries = new(StringComparer.Ordinal);
    private readonly HashSet<string> _inherited = new(StringComparer.Ordinal);
    private readonly List<ConfigProblem> _problems = [];

    private ConfigLoader()
    {
    }

    /// <summary>Reads a configuration. Never throws for what is written in it: that is in <see cref="LoadedConfig.Problems"/>.</summary>
    public static LoadedConfig Load(ConfigSources sources)
    {
        var loader = new ConfigLoader();
        loader.Lay(sources);
        return loader.Finish(sources.File);
    }

    private void Lay(ConfigSources sources)
    {
        foreach (ConfigKey key in _schema.Keys) Put(new ConfigEntry(key.Path, key.Default, key.Origin));
        PutBlockDefaults();
        if (sources.File is not null)
        {
            IReadOnlyList<ConfigEntry> written = new ConfigFileReader(_problems).Read(sources.File);
            // The sorts first: which keys a block may have depends on its sort, which may be written below them.
            foreach (ConfigEntry entry in written.Where(e => IsSortKey(e.Path))) Put(entry);
            foreach (ConfigEntry entry in written) PutChecked(entry);
            PutBlockDefaults();
        }
        foreach ((string name, string value) in sources.Variables.OrderBy(v => v.Key, StringComparer.Ordinal))
            if (name.StartsWith(OverrideNames.Prefix, StringComparison.Ordinal)) PutVariable(name, value);
        foreach (string setting in sources.Settings.OrderBy(s => !IsSortKey(PathOf(s)))) PutSetting(setting);
        PutBlockDefaults();
    }

    // What a named block does not say refers to the defaults of its sort: so it shows in the effective configuration, has a
    // variable, and follows when the operator changes the defaults themselves.
    private void PutBlockDefaults()
    {
        foreach (NamedBlocks blocks in NamedBlocks.All)
        {
            foreach (ConfigEntry sort in _entries.Values.Where(e => blocks.TrySplit(e.Path, out _, out string key) && key == blocks.SortKey).ToList())
            {
                string block = sort.Path[..(sort.Path.Length - blocks.SortKey.Length)];
                foreach (string stale in _inherited.Where(p => p.StartsWith(block, StringComparison.Ordinal)).ToList())
                {
                    _inherited.Remove(stale);
                    _entries.Remove(stale);
                }
                foreach ((string key, ConfigKey definition) in _schema.KeysOf(blocks, PlainText(sort.Value)))
                {
                    string path = block + key;
                    if (_entries.ContainsKey(path)) continue;
                    _entries[path] = new ConfigEntry(path, new ConfigValue([new ConfigValuePart(definition.Path, true)]), definition.Origin);
                    _inherited.Add(path);
                }
            }
        }
    }

    private static bool IsSortKey(string path) =>
        NamedBlocks.All.Any(b => b.TrySplit(path, out _, out string key) && key == b.SortKey);

    private void PutVariable(string name, string value)
    {
        var origin = new ConfigOrigin(ConfigOriginKind.Variable, name);
        string? path = _entries.Keys.FirstOrDefault(p => OverrideNames.Variable(p) == name);
        if (path is null)
        {
            _problems.Add(new ConfigProblem(origin, "No key has this variable." +
                Suggestion.Clause(name, _entries.Keys.Select(OverrideNames.Variable))));
            return;
        }
        PutText(path, value, origin);
    }

    private void PutSetting(string setting)
    {
        int equals = setting.IndexOf('=', StringComparison.Ordinal);
        string path = PathOf(setting);
        var origin = new ConfigOrigin(ConfigOriginKind.CommandLine, path);
        if (equals < 0)
        {
            _problems.Add(new ConfigProblem(origin, "A value is missing: --set a.b=value."));
            return;
        }
        string text = setting[(equals + 1)..];
        // As in a file: a sort makes a block of a new name, whose other keys can only then be looked up.
        if (IsSortKey(path)) Put(new ConfigEntry(path, ConfigValue.OfText(text), origin));
        PutText(path, text, origin);
    }

    private static string PathOf(string setting)
    {
        string path = setting.Split('=')[0].Trim();
        bool isFull = path.StartsWith(OverrideNames.Root, StringComparison.Ordinal) || path.StartsWith("akka.", StringComparison.Ordinal);
        return isFull ? path : OverrideNames.Root + path;
    }

    // Overrides are plain texts; only a list has a form of its own, that of the file or just its values with commas.
    private void PutText(string path, string text, ConfigOrigin origin)
    {
        ConfigValue value = ConfigValue.OfText(text);
        if (Find(path)?.Type == ConfigKeyType.List)
        {
            if (!text.TrimStart().StartsWith('['))
            {
                value = new ConfigValue(text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
                    .Select(ConfigValue.OfText).ToList());
            }
            else
            {
                try
                {
                    value = HoconScanner.Scan("list = " + text, origin.Name)[0].Value;
                }
                catch (HoconSyntaxException e)
                {
                    _problems.Add(new ConfigProblem(origin, $"This is not a list: {e.Message}."));
                    return;
                }
            }
        }
        PutChecked(new ConfigEntry(path, value, origin));
    }

    private void PutChecked(ConfigEntry entry)
    {
        if (entry.Path.StartsWith("akka.", StringComparison.Ordinal))
        {
            Put(entry);
            return;
        }
        if (Find(entry.Path) is null)
        {
            _problems.Add(new ConfigProblem(entry.Origin, UnknownKey(entry.Path)));
            return;
        }
        Put(entry);
    }

    private string UnknownKey(string path)
    {
        foreach (NamedBlocks blocks in NamedBlocks.All)
        {
            if (!blocks.TrySplit(path, out string name, out string key)) continue;
            string sortPath = blocks.SortPath(name);
            string sorts = string.Join(", ", _schema.Sorts(blocks));
            if (Sort(sortPath) is not { } sort) return $"The {blocks.What} '{name}' has no {blocks.SortKey}: add {sortPath}, one of {sorts}.";
            if (!_schema.Sorts(blocks).Contains(sort))
                return $"'{sort}' is not a {blocks.SortKey} of a {blocks.What}: it is one of {sorts}." + Suggestion.Clause(sort, _schema.Sorts(blocks));
            return $"A {blocks.What} of {blocks.SortKey} {sort} has no key '{key}'." + Suggestion.Clause(key, _schema.KeysOf(blocks, sort).Select(k => k.Key));
        }
        string under = _entries.Keys.FirstOrDefault(p => p.StartsWith(path + ".", StringComparison.Ordinal)) is { } inner
            ? $" It is a group of keys, such as {inner}."
            : "";
        return $"There is no key '{path}'." + (under.Length > 0 ? under : Suggestion.Clause(path, _schema.Keys.Select(k => k.Path)));
    }

    private ConfigKey? Find(string path) => _schema.Find(path, Sort);

    private string? Sort(string path) => _entries.TryGetValue(path, out ConfigEntry? entry) ? PlainText(entry.Value) : null;

    private void Put(ConfigEntry entry)
    {
        // Of a leaf and an object of the same name the later one is meant; only under akka can that come about.
        foreach (string covered in _entries.Keys.Where(p =>
            p.StartsWith(entry.Path + ".", StringComparison.Ordinal) || entry.Path.StartsWith(p + ".", StringComparison.Ordinal)).ToList())
            _entries.Remove(covered);
        _entries[entry.Path] = entry;
        _inherited.Remove(entry.Path);
    }

    private LoadedConfig Finish(string? file)
    {
        CheckSorts();
        Config values = Config.Empty;
        if (CheckSubstitutions())
        {
            values = ConfigurationFactory.ParseString(Canonical(_entries.Values));
            foreach (ConfigEntry entry in _entries.Values) CheckType(entry, values);
        }
        // The place of an inherited value is that of the default it refers to.
        foreach (string path in _inherited)
            if (_entries.TryGetValue(_entries[path].Value.Parts[0].Text, out ConfigEntry? source))
                _entries[path] = _entries[path] with { Origin = source.Origin };
        return new LoadedConfig(file, values, _entries, _problems);
    }

    private void CheckSorts()
    {
        foreach (ConfigEntry entry in _entries.Values)
            if (IsSortKey(entry.Path) && Find(entry.Path) is null && _problems.All(p => p.Origin != entry.Origin))
                _problems.Add(new ConfigProblem(entry.Origin, UnknownKey(entry.Path)));
    }

    private bool CheckSubstitutions()
    {
        bool sound = true;
        foreach (ConfigEntry entry in _entries.Values)
        {
            foreach (string target in entry.Value.Substitutions)
            {
                string? fault = !_entries.TryGetValue(target, out ConfigEntry? other)
                    ? $"'${{{target}}}' refers to a key that does not exist." + Suggestion.Clause(target, _entries.Keys)
                    : RefersTo(other, entry.Path, []) ? $"'${{{target}}}' refers back to '{entry.Path}' itself." : null;
                if (fault is null) continue;
                _problems.Add(new ConfigProblem(entry.Origin, fault));
                sound = false;
            }
        }
        return sound;
    }

    private bool RefersTo(ConfigEntry entry, string path, HashSet<string> seen) => entry.Path == path || (seen.Add(entry.Path)
        && entry.Value.Substitutions.Any(s => _entries.TryGetValue(s, out ConfigEntry? next) && RefersTo(next, path, seen)));

    private void CheckType(ConfigEntry entry, Config values)
    {
        if (Find(entry.Path) is not { } key) return;
        bool isList = LoadedConfig.IsList(entry.Value, _entries);
        string text = isList ? "" : values.GetString(entry.Path) ?? "";
        if (isList != (key.Type == ConfigKeyType.List) || (!isList && !ConfigTypes.Accepts(key.Type, text)))
        {
            string shown = isList ? "a list" : $"'{text}'";
            _problems.Add(new ConfigProblem(entry.Origin, $"{entry.Path} is {shown}, but must be {ConfigTypes.Describe(key.Type)}."));
        }
    }

    private static string PlainText(ConfigValue value) => string.Concat(value.Parts.Select(p => p.Text)).Trim();

    /// <summary>The entries as one text in which Akka's parser has nothing to interpret: quoted keys, quoted values.</summary>
    internal static string Canonical(IEnumerable<ConfigEntry> entries)
    {
        var text = new StringBuilder();
        foreach (ConfigEntry entry in entries)
        {
            bool first = true;
            foreach (string segment in Segments(entry.Path))
            {
                if (!first) text.Append('.');
                first = false;
                ConfigValue.Quote(text, segment);
            }
            text.Append(" = ");
            entry.Value.Render(text);
            text.Append('\n');
        }
        return text.ToString();
    }

    private static IEnumerable<string> Segments(string path)
    {
        for (int start = 0; start < path.Length;)
        {
            bool quoted = path[start] == '"';
            int end = quoted ? path.IndexOf('"', start + 1) : path.IndexOf('.', start);
            if (end < 0) end = path.Length;
            yield return path[(quoted ? start + 1 : start)..end];
            start = end + (quoted ? 2 : 1);
        }
    }
}
