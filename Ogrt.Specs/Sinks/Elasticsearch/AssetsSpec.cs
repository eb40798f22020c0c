using System.Text.Json.Nodes;
using Ogrt.Sinks.Elasticsearch;
using Ogrt.Sinks.Elasticsearch.Setup;

namespace Ogrt.Specs.Sinks.Elasticsearch;

/// <summary>Mappings, templates and dashboards fit each other and what the sink writes.</summary>
public sealed class AssetsSpec
{
    private static readonly JsonObject[] Saved =
        [.. Dashboards.For(EsSinks.Create()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonNode.Parse(l)!.AsObject())];

    [Theory]
    [InlineData("ogrt-processes", "processes-mapping.json")]
    [InlineData("ogrt-jobs", "jobs-mapping.json")]
    public void Dashboards_use_only_fields_of_the_mapping_and_group_only_by_what_can_be_grouped_by(string pattern, string mapping)
    {
        JsonObject fields = Assets.Json(mapping)["properties"]!.AsObject();
        int used = 0;
        foreach (JsonObject visualization in OfType("visualization").Where(v => v["references"]![0]!["id"]!.GetValue<string>() == pattern))
        {
            JsonNode state = JsonNode.Parse(visualization["attributes"]!["visState"]!.GetValue<string>())!;
            foreach (JsonNode? aggregation in state["aggs"]!.AsArray())
            {
                if (aggregation!["params"]!["field"]?.GetValue<string>() is not { } field)
                    continue;
                used++;
                string? type = TypeOf(fields, field);
                string kind = aggregation["type"]!.GetValue<string>();
                string[] fitting = kind switch
                {
                    "date_histogram" => ["date"],
                    "terms" or "cardinality" => ["keyword"],
                    _ => ["long"],
                };
                Assert.True(fitting.Contains(type), $"{visualization["id"]}: {kind} of {field}, which is {type ?? "not there"}");
            }
        }
        Assert.True(used > 0);
    }

    [Fact]
    public void Every_reference_of_a_saved_object_leads_to_another_one()
    {
        var there = Saved.Select(s => (s["type"]!.GetValue<string>(), s["id"]!.GetValue<string>())).ToHashSet();
        Assert.Equal(Saved.Length, there.Count);
        foreach (JsonObject saved in Saved)
        {
            var names = new HashSet<string>();
            foreach (JsonNode? reference in saved["references"]!.AsArray())
            {
                Assert.Contains((reference!["type"]!.GetValue<string>(), reference["id"]!.GetValue<string>()), there);
                Assert.True(names.Add(reference["name"]!.GetValue<string>()));
            }
            string source = saved["attributes"]!["kibanaSavedObjectMeta"]?["searchSourceJSON"]?.GetValue<string>() ?? "{}";
            if (JsonNode.Parse(source)!["indexRefName"]?.GetValue<string>() is { } index)
                Assert.Contains(index, names);
            if (saved["attributes"]!["panelsJSON"]?.GetValue<string>() is { } panels)
                Assert.Equal(names.Order(), JsonNode.Parse(panels)!.AsArray().Select(p => p!["panelRefName"]!.GetValue<string>()).Order());
        }
    }

    [Fact]
    public void There_is_a_dashboard_of_jobs_executables_libraries_modules_and_users() => Assert.Equal(
        ["OGRT: executables", "OGRT: jobs", "OGRT: libraries", "OGRT: modules", "OGRT: users"],
        OfType("dashboard").Select(d => d["attributes"]!["title"]!.GetValue<string>()).Order());

    [Fact]
    public void Panels_do_not_lie_over_each_other()
    {
        foreach (JsonObject dashboard in OfType("dashboard"))
        {
            var taken = new HashSet<(int, int)>();
            foreach (JsonNode? panel in JsonNode.Parse(dashboard["attributes"]!["panelsJSON"]!.GetValue<string>())!.AsArray())
            {
                JsonNode grid = panel!["gridData"]!;
                (int x, int y, int w, int h) = (grid["x"]!.GetValue<int>(), grid["y"]!.GetValue<int>(), grid["w"]!.GetValue<int>(), grid["h"]!.GetValue<int>());
                Assert.InRange(x + w, 1, 48);
                for (int column = x; column < x + w; column++)
                {
                    for (int row = y; row < y + h; row++)
                        Assert.True(taken.Add((column, row)), $"{dashboard["id"]}: {column}, {row}");
                }
            }
        }
    }

    [Fact]
    public void Patterns_are_those_of_the_sinks_indices()
    {
        ElasticsearchSettings settings = EsSinks.Create("process-index = here, job-index = there, process-target = data-stream");
        string text = Dashboards.For(settings);
        Assert.Contains("\"title\":\"here\"", text, StringComparison.Ordinal);
        Assert.Contains("\"title\":\"there\"", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mapping_has_every_key_of_the_wire()
    {
        JsonObject fields = Assets.Json("processes-mapping.json")["properties"]!.AsObject();
        string[] keys =
        [
            .. global::Ogrt.Wire.Protocol.ProcessInfo.Descriptor.Fields.InFieldNumberOrder().Select(f => f.Name),
            .. global::Ogrt.Wire.Protocol.ProcessEnd.Descriptor.Fields.InFieldNumberOrder().Select(f => f.Name),
            .. global::Ogrt.Wire.Protocol.JobStart.Descriptor.Fields.InFieldNumberOrder().Select(f => f.Name),
            .. global::Ogrt.Wire.Protocol.JobEnd.Descriptor.Fields.InFieldNumberOrder().Select(f => f.Name),
            "@timestamp", "type", "end_time", "environment",
        ];
        Assert.Empty(keys.Except(fields.Select(f => f.Key)));
    }

    [Fact]
    public void Nothing_is_nested_or_dynamic()
    {
        foreach (string name in new[] { "processes-mapping.json", "jobs-mapping.json" })
        {
            JsonObject mapping = Assets.Json(name);
            Assert.False(mapping["dynamic"]!.GetValue<bool>());
            Assert.DoesNotContain("\"nested\"", mapping.ToJsonString(), StringComparison.Ordinal);
            Assert.All(Leaves(mapping), f => Assert.True(f["type"]!.GetValue<string>() != "keyword" || f.ContainsKey("ignore_above"), f.ToJsonString()));
            // 32766 bytes are the most that a term may have; a character has up to 3 of UTF-8 for each of Java's.
            Assert.All(Leaves(mapping).Where(f => f.ContainsKey("ignore_above")), f => Assert.InRange(f["ignore_above"]!.GetValue<int>(), 1, 32766 / 4));
        }
    }

    private static IEnumerable<JsonObject> OfType(string type) => Saved.Where(s => s["type"]!.GetValue<string>() == type);

    private static string? TypeOf(JsonObject fields, string path)
    {
        JsonNode? at = null;
        foreach (string part in path.Split('.'))
        {
            JsonObject within = at is null ? fields : (at["properties"] ?? at["fields"] ?? new JsonObject()).AsObject();
            at = within[part];
            if (at is null)
                return null;
        }
        return at!["type"]?.GetValue<string>();
    }

    private static IEnumerable<JsonObject> Leaves(JsonObject mapping)
    {
        foreach ((_, JsonNode? field) in mapping["properties"]!.AsObject())
        {
            JsonObject found = field!.AsObject();
            foreach (JsonObject leaf in found.ContainsKey("properties") ? Leaves(found) : [found])
                yield return leaf;
            foreach ((_, JsonNode? further) in found["fields"]?.AsObject() ?? [])
                yield return further!.AsObject();
        }
    }
}
