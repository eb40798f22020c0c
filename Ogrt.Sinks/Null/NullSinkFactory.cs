namespace Ogrt.Sinks.Null;

/// <summary>Makes sinks that take everything and keep nothing: type <c>null</c>.</summary>
public sealed class NullSinkFactory : ISinkFactory
{
    /// <summary>The type.</summary>
    public const string TypeName = "null";

    /// <inheritdoc/>
    public string Type => TypeName;

    /// <inheritdoc/>
    public ISink Create(SinkSettings settings, SinkContext context) => new NullSink();
}
