using System.Text.Json.Nodes;

namespace Ogrt.Sinks.Elasticsearch.Setup;

/// <summary>
/// Policies that delete old indices of processes, and give a data stream a new index each day or at 50 GB. Indices are
/// never made read-only: a late record would pause the sink.
/// </summary>
internal static class LifecyclePolicies
{
    private const string RolloverAge = "1d";
    private const string RolloverSize = "50gb";

    /// <summary>The policy of Elasticsearch's ILM.</summary>
    public static JsonObject Ilm(ElasticsearchSettings settings, SetupOptions options)
    {
        var hot = new JsonObject { ["set_priority"] = new JsonObject { ["priority"] = 100 } };
        if (settings.ProcessTarget == ProcessTarget.DataStream)
            hot["rollover"] = new JsonObject { ["max_age"] = RolloverAge, ["max_size"] = RolloverSize };
        var phases = new JsonObject { ["hot"] = new JsonObject { ["min_age"] = "0ms", ["actions"] = hot } };
        if (options.KeepDays > 0)
        {
            phases["delete"] = new JsonObject
            {
                ["min_age"] = $"{options.KeepDays}d",
                ["actions"] = new JsonObject { ["delete"] = new JsonObject() },
            };
        }
        return new JsonObject { ["policy"] = new JsonObject { ["phases"] = phases } };
    }

    /// <summary>The policy of OpenSearch's index state management, which names its indices itself.</summary>
    public static JsonObject Ism(ElasticsearchSettings settings, SetupOptions options)
    {
        bool stream = settings.ProcessTarget == ProcessTarget.DataStream;
        var actions = new JsonArray();
        if (stream)
            actions.Add(new JsonObject { ["rollover"] = new JsonObject { ["min_index_age"] = RolloverAge, ["min_size"] = RolloverSize } });
        var transitions = new JsonArray();
        var states = new JsonArray(new JsonObject { ["name"] = "hot", ["actions"] = actions, ["transitions"] = transitions });
        if (options.KeepDays > 0)
        {
            transitions.Add(new JsonObject
            {
                ["state_name"] = "delete",
                ["conditions"] = new JsonObject { ["min_index_age"] = $"{options.KeepDays}d" },
            });
            states.Add(new JsonObject
            {
                ["name"] = "delete",
                ["actions"] = new JsonArray(new JsonObject { ["delete"] = new JsonObject() }),
                ["transitions"] = new JsonArray(),
            });
        }
        return new JsonObject
        {
            ["policy"] = new JsonObject
            {
                ["description"] = "Installed by ogrt-server setup elasticsearch",
                ["default_state"] = "hot",
                ["states"] = states,
                ["ism_template"] = new JsonArray(new JsonObject
                {
                    ["index_patterns"] = new JsonArray(stream ? settings.ProcessIndex : settings.ProcessIndex + "-*"),
                    ["priority"] = 200,
                }),
            },
        };
    }
}
