using System.Collections;
using System.Reflection;
using System.Text;
using Akka.Configuration;
using Ogrt.Server.Configuration;
using Ogrt.Sinks;
using Ogrt.Sinks.Elasticsearch;
using Ogrt.Sinks.JsonFile;
using Ogrt.Sinks.JsonTcp;
using Ogrt.Sinks.Local;
using Ogrt.Sinks.Null;
using Ogrt.Sinks.Splunk;

namespace Ogrt.Specs.Server;

public class ReferenceConfSpec
{
    // What is off by default must be on to be read; a sink that says nothing of its own reads the defaults.
    private static readonly string[] Everything = ["sinks.json-file.enabled=on", "sinks.another.type=json-file", "sinks.es.type=elasticsearch", "sinks.es.enabled=on",
        "sinks.splunk.type=splunk", "sinks.splunk.enabled=on", "sinks.tcp.type=json-tcp", "sinks.tcp.enabled=on", "sinks.nothing.type=null",
        "jobs.snapshots.store=postgresql", "jobs.snapshots.postgresql.connection=Host=db;Database=ogrt"];

    [Fact]
    public void Every_key_is_explained()
    {
        string? previous = null;
        int previousLine = 0;
        bool explained = false;
        var missing = new List<string>();
        foreach (ConfigKey key in ConfigSchema.Current.Keys)
        {
            // Keys that follow each other without a gap share the comment above the first.
            bool together = previous == key.Origin.Name && key.Origin.Line == previousLine + 1;
            explained = key.Comment.Length > 0 || (together && explained);
            (previous, previousLine) = (key.Origin.Name, key.Origin.Line);
            // The blocks of listeners and sinks are explained as a whole.
            if (!explained && !NamedBlocks.All.Any(b => b.TrySplit(key.Path, out _, out _))) missing.Add(key.ToString());
        }
        Assert.Empty(missing);
    }

    [Fact]
    public void Every_key_is_read_by_a_settings_class()
    {
        LoadedConfig unchanged = Load([]);
        Assert.Empty(unchanged.Problems);
        string baseline = Dump(unchanged);
        var unread = new List<string>();
        foreach (ConfigKey key in ConfigSchema.Current.Keys)
        {
            if (EverySinkHasItsOwn(key.Path)) continue;
            LoadedConfig changed = Load([$"{key.Path}={Other(key, unchanged.Text(key.Path))}"]);
            if (!changed.IsUsable || Dump(changed) != baseline) continue;
            unread.Add(key.Path);
        }
        Assert.Empty(unread);
    }

    private static LoadedConfig Load(string[] settings) => ConfigLoader.Load(new ConfigSources { Settings = [.. Everything, .. settings] });

    private static bool EverySinkHasItsOwn(string path)
    {
        const string defaults = "ogrt.sink-defaults.";
        NamedBlocks sinks = NamedBlocks.All.Single(b => b.CommonDefaults is not null);
        return path.StartsWith(defaults, StringComparison.Ordinal)
            && ConfigSchema.Current.Sorts(sinks).All(s => ConfigSchema.Current[$"{sinks.SortDefaults}.{s}.{path[defaults.Length..]}"] is not null);
    }

    private static string Other(ConfigKey key, string text)
    {
        return key.Type switch
        {
            ConfigKeyType.Switch => text is "on" or "true" ? "off" : "on",
            ConfigKeyType.Integer => (long.Parse(text, System.Globalization.CultureInfo.InvariantCulture) + 1).ToString(System.Globalization.CultureInfo.InvariantCulture),
            ConfigKeyType.Number => "0.123",
            ConfigKeyType.Duration => "12345 ms",
            ConfigKeyType.Size => "12345678",
            ConfigKeyType.List => "[\"something\"]",
            _ => "other",
        };
    }

    // All that the settings classes made of the configuration, or what they refused.
    private static string Dump(LoadedConfig config)
    {
        var problems = new List<ConfigProblem>();
        RuntimeSettings? settings = RuntimeSettings.Create(config, problems);
        var text = new StringBuilder();
        foreach (ConfigProblem problem in problems) text.AppendLine(problem.Message);
        if (settings is null) return text.ToString();
        Dump(text, "", settings, 0);
        foreach (SinkSettings sink in settings.Sinks)
        {
            object own = sink.Type switch
            {
                LocalSinkFactory.TypeName => LocalStoreSettings.Create(sink),
                ElasticsearchSinkFactory.TypeName => ElasticsearchSettings.Create(sink),
                SplunkSinkFactory.TypeName => SplunkSettings.Create(sink),
                JsonTcpSinkFactory.TypeName => JsonTcpSettings.Create(sink),
                NullSinkFactory.TypeName => sink,
                _ => JsonFileSettings.Create(sink),
            };
            Dump(text, sink.Name, own, 0);
        }
        return text.ToString();
    }

    private static void Dump(StringBuilder text, string path, object? value, int depth)
    {
        // A Config holds whatever was written, read or not.
        if (value is Config) return;
        if (value is null or string or IFormattable or bool || depth > 6)
        {
            text.Append(path).Append('=').Append(value).AppendLine();
            return;
        }
        if (value is IEnumerable items)
        {
            int i = 0;
            foreach (object? item in items) Dump(text, $"{path}[{i++}]", item, depth + 1);
            return;
        }
        foreach (PropertyInfo property in value.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.GetIndexParameters().Length == 0))
            Dump(text, $"{path}.{property.Name}", property.GetValue(value), depth + 1);
    }
}
