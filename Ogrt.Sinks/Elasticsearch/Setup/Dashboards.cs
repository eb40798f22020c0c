using System.Text.Json.Nodes;

namespace Ogrt.Sinks.Elasticsearch.Setup;

/// <summary>
/// The dashboards (jobs, executables, libraries, modules, users) as saved objects, one JSON object a line, in the form of
/// version 7.10, which Kibana and OpenSearch Dashboards both import.
/// </summary>
public static class Dashboards
{
    /// <summary>What the file is called.</summary>
    public const string FileName = "ogrt-dashboards.ndjson";

    /// <summary>The saved objects for a sink's indices.</summary>
    public static string For(ElasticsearchSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var lines = new List<string>();
        foreach (string line in Assets.Text("dashboards.ndjson").Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            JsonNode saved = JsonNode.Parse(line)!;
            // The ids stay, whatever the indices are called: so an import replaces an earlier one.
            if (saved["type"]!.GetValue<string>() == "index-pattern")
                saved["attributes"]!["title"] = saved["id"]!.GetValue<string>() == "ogrt-jobs" ? settings.JobIndex : Pattern(settings);
            lines.Add(saved.ToJsonString());
        }
        return string.Join('\n', lines) + "\n";
    }

    private static string Pattern(ElasticsearchSettings settings) =>
        settings.ProcessTarget == ProcessTarget.DataStream ? settings.ProcessIndex : settings.ProcessIndex + "-*";
}
