using System.Text.Json.Nodes;

namespace Ogrt.Sinks.Elasticsearch.Setup;

/// <summary>
/// Compares what should be with what a server shows: it adds members of its own, and writes numbers and truth values of
/// settings as texts.
/// </summary>
internal static class JsonSubset
{
    /// <summary>The path of the first member that is not there or another one; null when all of them are.</summary>
    public static string? FirstDifference(JsonNode? wanted, JsonNode? there, string path = "")
    {
        switch (wanted)
        {
            case JsonObject members:
                if (there is not JsonObject others)
                    return Name(path);
                foreach ((string key, JsonNode? value) in members)
                {
                    if (!others.TryGetPropertyValue(key, out JsonNode? other))
                        return Name(path + "." + key);
                    if (FirstDifference(value, other, path + "." + key) is { } found)
                        return found;
                }
                return null;
            case JsonArray items:
                if (there is not JsonArray array || array.Count != items.Count)
                    return Name(path);
                for (int n = 0; n < items.Count; n++)
                {
                    if (FirstDifference(items[n], array[n], $"{path}[{n}]") is { } found)
                        return found;
                }
                return null;
            default:
                return Text(wanted) == Text(there) ? null : Name(path);
        }
    }

    private static string Name(string path) => path.Length == 0 ? "all of it" : path.TrimStart('.');

    private static string? Text(JsonNode? value) => value is null ? null : value is JsonValue ? value.ToString() : null;
}
