using System.Text.Json.Nodes;

namespace Ogrt.Sinks.Elasticsearch.Setup;

/// <summary>
/// The index templates. Mappings are bounded: what is not in them is kept and not indexed (<c>dynamic: false</c>), so that no
/// client can make fields; lists of objects are plain, not <c>nested</c>, as each nested object is a document of its own and
/// a process has dozens of shared objects. docs/sinks-elasticsearch.md says more.
/// </summary>
internal static class IndexTemplates
{
    // Above the templates that Elasticsearch brings (100) and below nothing: an operator's own may go higher.
    private const int Priority = 200;

    /// <summary>The template of processes, their ends, and starts and ends of jobs.</summary>
    /// <param name="settings">The sink's.</param>
    /// <param name="options">The operator's choices.</param>
    /// <param name="server">Whose template it is.</param>
    /// <param name="lifecycle">The ILM policy; null where there is none.</param>
    public static JsonObject Processes(ElasticsearchSettings settings, SetupOptions options, ServerInfo server, string? lifecycle)
    {
        JsonObject mapping = Assets.Json("processes-mapping.json");
        if (server.IsOpenSearch)
            mapping["properties"]!["environment"] = new JsonObject { ["type"] = "flat_object" };
        bool stream = settings.ProcessTarget == ProcessTarget.DataStream;
        JsonObject template = Template(stream ? settings.ProcessIndex : settings.ProcessIndex + "-*", mapping, options);
        if (stream)
            template["data_stream"] = new JsonObject();
        if (lifecycle is not null)
            template["template"]!["settings"]!["index"]!["lifecycle"] = new JsonObject { ["name"] = lifecycle };
        return template;
    }

    /// <summary>The template of job records.</summary>
    public static JsonObject Jobs(ElasticsearchSettings settings, SetupOptions options) =>
        Template(settings.JobIndex, Assets.Json("jobs-mapping.json"), options);

    private static JsonObject Template(string pattern, JsonObject mapping, SetupOptions options) => new()
    {
        ["index_patterns"] = new JsonArray(pattern),
        ["priority"] = Priority,
        ["template"] = new JsonObject
        {
            ["settings"] = new JsonObject
            {
                ["index"] = new JsonObject
                {
                    ["number_of_shards"] = options.Shards,
                    ["number_of_replicas"] = options.Replicas,
                    ["codec"] = "best_compression",
                    // A value that a field cannot hold (a client may send any number) costs that value and not the document.
                    ["mapping"] = new JsonObject { ["ignore_malformed"] = true },
                },
            },
            ["mappings"] = mapping,
        },
        ["_meta"] = new JsonObject { ["description"] = "Installed by ogrt-server setup elasticsearch" },
    };
}
