using System.Text.Json;

namespace Ogrt.Sinks.Elasticsearch;

/// <summary>What a server says of itself.</summary>
/// <param name="IsOpenSearch">Whether it is OpenSearch.</param>
/// <param name="Version">Its version; empty where it has none, as a serverless project.</param>
public sealed record ServerInfo(bool IsOpenSearch, string Version)
{
    /// <summary>The product's name.</summary>
    public string Product => IsOpenSearch ? "OpenSearch" : "Elasticsearch";

    /// <summary>The first number of the version; 0 where there is none.</summary>
    public int Major => Number(0);

    /// <summary>The second.</summary>
    public int Minor => Number(1);

    /// <summary>Whether the sink was made for it: Elasticsearch 7.10 and later, each OpenSearch.</summary>
    public bool IsKnown => IsOpenSearch || Major == 0 || Major > 7 || (Major == 7 && Minor >= 10);

    /// <inheritdoc/>
    public override string ToString() => Version.Length == 0 ? Product : $"{Product} {Version}";

    /// <summary>Reads the answer to <c>GET /</c>; null when it is none of these servers'.</summary>
    public static ServerInfo? Read(ReadOnlySpan<byte> body)
    {
        try
        {
            var json = new Utf8JsonReader(body);
            using JsonDocument document = JsonDocument.ParseValue(ref json);
            if (document.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.TryGetProperty("version", out JsonElement version)
                || version.ValueKind != JsonValueKind.Object)
                return null;
            bool isOpenSearch = Text(version, "distribution") == "opensearch";
            // OpenSearch can be told to call itself 7.10.2; its tagline stays its own.
            isOpenSearch |= Text(document.RootElement, "tagline").Contains("OpenSearch", StringComparison.Ordinal);
            return new ServerInfo(isOpenSearch, Text(version, "number"));
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    private int Number(int place)
    {
        string[] parts = Version.Split('.');
        return parts.Length > place && int.TryParse(parts[place], System.Globalization.CultureInfo.InvariantCulture, out int number) ? number : 0;
    }
}
