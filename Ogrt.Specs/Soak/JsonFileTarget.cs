using System.Text.Json;

namespace Ogrt.Specs.Soak;

/// <summary>The files of JSON lines that the server writes. Every line has to be whole.</summary>
internal sealed class JsonFileTarget : SoakTarget
{
    /// <inheritdoc/>
    public override string Sink => "json";

    /// <inheritdoc/>
    public override IEnumerable<string> Settings => ["type=json-file", "rotate-size=1 MiB"];

    /// <inheritdoc/>
    public override async IAsyncEnumerable<Found> ReadAsync(string dataDirectory, NumberedFrames frames, Ledger ledger)
    {
        foreach (string file in Directory.EnumerateFiles(Path.Combine(dataDirectory, "json"), "*.jsonl"))
        {
            string text = await File.ReadAllTextAsync(file);
            string[] lines = text.Split('\n');
            if (lines[^1].Length > 0)
                yield return new Found(-1, Path.GetFileName(file), $"Half a line at its end: {lines[^1]}");
            foreach (string line in lines[..^1])
                yield return Look(file, line, frames);
        }
    }

    private static Found Look(string file, string line, NumberedFrames frames)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            JsonElement root = document.RootElement;
            return Found.Of(root, root.GetProperty("type").GetString(), root.GetProperty("event_id").GetString()!, 1_000_000_000, frames, "type", "event_id");
        }
        catch (JsonException e)
        {
            return new Found(-1, Path.GetFileName(file), $"No line of JSON ({e.Message}): {line}");
        }
    }
}
