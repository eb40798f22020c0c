using System.Text.Json.Nodes;

namespace Ogrt.Sinks.Elasticsearch.Setup;

/// <summary>The files of this folder that are embedded in the program.</summary>
internal static class Assets
{
    /// <summary>An object of a file.</summary>
    public static JsonObject Json(string name) => JsonNode.Parse(Text(name))!.AsObject();

    /// <summary>A file's text.</summary>
    public static string Text(string name)
    {
        using Stream stream = typeof(Assets).Assembly.GetManifestResourceStream("Ogrt.Sinks.Elasticsearch." + name)
            ?? throw new InvalidOperationException($"{name} is not embedded.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
