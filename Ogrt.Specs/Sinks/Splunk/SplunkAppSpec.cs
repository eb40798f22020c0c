using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Ogrt.Sinks;
using Ogrt.Specs.Server;
using Ogrt.Wire.Protocol;

namespace Ogrt.Specs.Sinks.Splunk;

/// <summary>The app for Splunk speaks of the events that the sink sends, and of nothing else.</summary>
public sealed partial class SplunkAppSpec
{
    private static readonly string App = Path.Combine(Repository.Root, "Ogrt.Sinks", "Splunk", "app", "ogrt");

    // What every event has in Splunk.
    private static readonly string[] Splunks = ["_time", "_raw", "host", "index", "source", "sourcetype"];

    private static readonly Dictionary<string, HashSet<string>> Events = SendAll();

    public static TheoryData<string> Confs => [.. Directory.EnumerateFiles(App, "*.conf", SearchOption.AllDirectories)
        .Append(Path.Combine(App, "metadata", "default.meta")).Select(f => Path.GetRelativePath(App, f))];

    public static TheoryData<string> Views => [.. Directory.EnumerateFiles(Path.Combine(App, "default", "data", "ui", "views")).Select(f => Path.GetRelativePath(App, f))];

    [Theory]
    [MemberData(nameof(Confs))]
    public void A_configuration_file_can_be_read(string file)
    {
        Dictionary<string, Dictionary<string, string>> conf = Read(file);
        Assert.NotEmpty(conf);
        Assert.All(conf, s => Assert.True(s.Value.Count > 0, $"{file}: [{s.Key}] is empty"));
    }

    [Fact]
    public void Each_source_type_has_its_section() =>
        Assert.Equal(Events.Keys.Order(), Read("default/props.conf").Keys.Order());

    [Fact]
    public void What_is_indexed_is_what_the_sink_gives_to_be_indexed()
    {
        var indexed = Events.Values.Select(e => e.Where(f => f.StartsWith("fields.", StringComparison.Ordinal)).Select(f => f["fields.".Length..]));
        var always = indexed.Aggregate((a, b) => a.Intersect(b)).Except(Events["ogrt:process"]);
        Assert.Equal(always.Order(), Read("default/fields.conf").Keys.Order());
        // What is in the event as well would be there twice.
        foreach ((string sourceType, Dictionary<string, string> keys) in Read("default/props.conf"))
        {
            var twice = Events[sourceType].Where(f => Events[sourceType].Contains("fields." + f));
            Assert.Equal(twice.Order(), keys.Keys.Where(k => k.StartsWith("EVAL-", StringComparison.Ordinal)).Select(k => k["EVAL-".Length..]).Order());
        }
    }

    [Fact]
    public void Extractions_read_fields_that_events_have()
    {
        var transforms = Read("default/transforms.conf");
        foreach ((string sourceType, Dictionary<string, string> keys) in Read("default/props.conf"))
        {
            foreach ((string key, string value) in keys)
            {
                switch (key.Split('-')[0])
                {
                    case "FIELDALIAS":
                        Assert.Contains(value.Split(" AS ")[0].Trim('"'), Events[sourceType]);
                        break;
                    case "EXTRACT":
                        string[] parts = value.Split(" in ");
                        _ = new Regex(parts[0]);
                        if (parts.Length == 2)
                            Assert.Contains(parts[1], Events[sourceType]);
                        break;
                    case "REPORT":
                        _ = new Regex(transforms[value]["REGEX"]);
                        Assert.Contains(transforms[value]["SOURCE_KEY"], Events[sourceType]);
                        break;
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Views))]
    public void A_dashboard_searches_for_fields_and_by_macros_that_there_are(string view)
    {
        XDocument xml = XDocument.Load(Path.Combine(App, view));
        string[] tokens = [.. xml.Descendants("input").Select(i => i.Attribute("token")!.Value)];
        string[] queries = [.. xml.Descendants("query").Select(q => q.Value)];
        Assert.NotEmpty(queries);
        foreach (string query in queries)
        {
            CheckSearch(query);
            Assert.All(Token().Matches(query), t => Assert.Contains(t.Groups[1].Value, tokens));
        }
        Assert.All(tokens, t => Assert.Contains($"${t}", string.Concat(xml.Descendants("search").Select(s => s.Value)), StringComparison.Ordinal));
    }

    [Fact]
    public void Macros_and_event_types_search_for_what_there_is()
    {
        foreach (Dictionary<string, string> macro in Read("default/macros.conf").Values)
            CheckSearch(macro["definition"]);
        foreach (Dictionary<string, string> type in Read("default/eventtypes.conf").Values)
            CheckSearch(type["search"]);
    }

    [Fact]
    public void The_menu_names_the_dashboards()
    {
        XDocument nav = XDocument.Load(Path.Combine(App, "default", "data", "ui", "nav", "default.xml"));
        string[] named = [.. nav.Descendants("view").Select(v => v.Attribute("name")!.Value).Where(v => v != "search")];
        Assert.Equal(Directory.EnumerateFiles(Path.Combine(App, "default", "data", "ui", "views")).Select(f => Path.GetFileNameWithoutExtension(f)).Order(), named.Order());
    }

    // Names in a search: arguments of functions, what is grouped by, listed or compared. What a search names itself is known behind it.
    private static void CheckSearch(string search)
    {
        HashSet<string> known = [.. Splunks, .. Events.Values.SelectMany(f => f).Select(f => f.StartsWith("fields.", StringComparison.Ordinal) ? f["fields.".Length..] : f)];
        foreach (Dictionary<string, string> keys in Read("default/props.conf").Values)
        {
            known.UnionWith(keys.Where(k => k.Key.StartsWith("FIELDALIAS-", StringComparison.Ordinal)).Select(k => k.Value.Split(" AS ")[1]));
            known.UnionWith(keys.Where(k => k.Key.StartsWith("EXTRACT-", StringComparison.Ordinal)).SelectMany(k => Group().Matches(k.Value)).Select(m => m.Groups[1].Value));
        }
        known.UnionWith(Read("default/transforms.conf").Values.SelectMany(t => Group().Matches(t["REGEX"])).Select(m => m.Groups[1].Value));
        known.UnionWith(NamedHere().Matches(search).Select(m => m.Groups[1].Value));
        var used = Argument().Matches(search).Select(m => m.Groups[1].Value)
            .Concat(Compared().Matches(search).Select(m => m.Groups[1].Value).Where(n => n is not "value"))
            .Concat(Listed().Matches(search).SelectMany(m => m.Groups[1].Value.Split(',', StringSplitOptions.TrimEntries)));
        Assert.All(used, u => Assert.True(known.Contains(u), $"{u} in: {search}"));
        Assert.All(Macro().Matches(search), m => Assert.Contains(m.Groups[1].Value, Read("default/macros.conf").Keys));
        Assert.All(SourceType().Matches(search), m => Assert.Contains(m.Groups[1].Value, Events.Keys));
    }

    private static Dictionary<string, Dictionary<string, string>> Read(string file)
    {
        var sections = new Dictionary<string, Dictionary<string, string>>();
        Dictionary<string, string>? section = null;
        foreach (string line in File.ReadLines(Path.Combine(App, file)).Where(l => l.Length > 0 && l[0] != '#'))
        {
            if (line[0] == '[' && line[^1] == ']')
            {
                sections.Add(line[1..^1], section = []);
                continue;
            }
            int equals = line.IndexOf(" = ", StringComparison.Ordinal);
            Assert.True(equals > 0 && section is not null, $"{file}: {line}");
            section.Add(line[..equals], line[(equals + 3)..]);
        }
        // [] holds for all others in a .meta file.
        return sections;
    }

    /// <summary>The fields of events of each source type, as Splunk names them; those to be indexed begin with "fields.".</summary>
    private static Dictionary<string, HashSet<string>> SendAll()
    {
        var events = new Dictionary<string, HashSet<string>>();
        foreach (IMessage message in new IMessage[] { new ProcessInfo(), new ProcessEnd(), new JobStart(), new JobEnd(), new JobRecord() })
        {
            Fill(message);
            var output = new BatchBuffer();
            Assert.Equal(EncodeKind.Encoded, SplunkSinks.Encoder().Encode(Frames.Record(message), output).Kind);
            using JsonDocument json = JsonDocument.Parse(output.Written);
            var fields = new HashSet<string>();
            Gather(json.RootElement.GetProperty("event"), "", fields);
            fields.UnionWith(json.RootElement.GetProperty("fields").EnumerateObject().Select(f => "fields." + f.Name));
            events.Add(json.RootElement.GetProperty("sourcetype").GetString()!, fields);
        }
        return events;
    }

    private static void Gather(JsonElement json, string name, HashSet<string> fields)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (JsonProperty property in json.EnumerateObject())
                    Gather(property.Value, name.Length == 0 ? property.Name : name + "." + property.Name, fields);
                break;
            case JsonValueKind.Array:
                foreach (JsonElement element in json.EnumerateArray())
                    Gather(element, name + "{}", fields);
                break;
            default:
                fields.Add(name);
                break;
        }
    }

    private static void Fill(IMessage message)
    {
        foreach (FieldDescriptor field in message.Descriptor.Fields.InFieldNumberOrder())
        {
            if (field.IsMap)
                continue;
            object value = Value(field);
            if (field.IsRepeated)
                ((System.Collections.IList)field.Accessor.GetValue(message)).Add(value);
            else
                field.Accessor.SetValue(message, value);
        }
    }

    private static object Value(FieldDescriptor field)
    {
        switch (field.FieldType)
        {
            case FieldType.Message:
                IMessage message = field.MessageType.Parser.ParseFrom(ByteString.Empty);
                Fill(message);
                return message;
            case FieldType.String: return "text";
            case FieldType.Bytes: return ByteString.CopyFromUtf8("0123456789abcdef");
            case FieldType.Bool: return true;
            case FieldType.Enum: return Enum.ToObject(field.EnumType.ClrType, 1);
            case FieldType.UInt32 or FieldType.Fixed32: return 1u;
            case FieldType.UInt64 or FieldType.Fixed64: return 1ul;
            case FieldType.Int32 or FieldType.SInt32 or FieldType.SFixed32: return 1;
            default: return 1L;
        }
    }

    [GeneratedRegex(@"\(\?<(\w+)>")]
    private static partial Regex Group();

    [GeneratedRegex(@"\bAS (\w+)")]
    private static partial Regex NamedHere();

    [GeneratedRegex(@"\b(?:dc|max|min|sum|avg|latest|values|strftime)\(([\w.{}]+)")]
    private static partial Regex Argument();

    [GeneratedRegex(@"([\w.{}]+)(?:=|>|<)")]
    private static partial Regex Compared();

    [GeneratedRegex(@"(?:\bBY|\| fields|\| table|\| mvexpand|\| sort(?: 0)? -|\| dedup|fillnull value=0) ([\w.{}]+(?:, [\w.{}]+)*)")]
    private static partial Regex Listed();

    [GeneratedRegex("`(\\w+)`")]
    private static partial Regex Macro();

    [GeneratedRegex("sourcetype=\"([^\"]+)\"")]
    private static partial Regex SourceType();

    [GeneratedRegex(@"\$(\w+)")]
    private static partial Regex Token();
}
