namespace Ogrt.Sinks.Local;

/// <summary>Makes the embedded store's sink: type <c>local</c>.</summary>
public sealed class LocalSinkFactory : ISinkFactory
{
    /// <summary>The type.</summary>
    public const string TypeName = "local";

    /// <inheritdoc/>
    public string Type => TypeName;

    /// <inheritdoc/>
    public ISink Create(SinkSettings settings, SinkContext context)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(context);
        return new LocalSink(settings.Name, LocalStoreSettings.Create(settings), context);
    }
}
