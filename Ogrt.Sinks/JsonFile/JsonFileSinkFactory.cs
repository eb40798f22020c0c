namespace Ogrt.Sinks.JsonFile;

/// <summary>Makes sinks of JSON Lines files: type <c>json-file</c>.</summary>
public sealed class JsonFileSinkFactory : ISinkFactory
{
    /// <summary>The type.</summary>
    public const string TypeName = "json-file";

    /// <inheritdoc/>
    public string Type => TypeName;

    /// <inheritdoc/>
    public ISink Create(SinkSettings settings, SinkContext context)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(context);
        return new JsonFileSink(JsonFileSettings.Create(settings), context);
    }
}
