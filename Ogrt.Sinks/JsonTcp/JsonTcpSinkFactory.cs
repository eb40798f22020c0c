namespace Ogrt.Sinks.JsonTcp;

/// <summary>Makes sinks of JSON lines over TCP: type <c>json-tcp</c>.</summary>
public sealed class JsonTcpSinkFactory : ISinkFactory
{
    /// <summary>The type.</summary>
    public const string TypeName = "json-tcp";

    /// <inheritdoc/>
    public string Type => TypeName;

    /// <inheritdoc/>
    public ISink Create(SinkSettings settings, SinkContext context)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(context);
        return new JsonTcpSink(settings.Name, JsonTcpSettings.Create(settings), context);
    }
}
