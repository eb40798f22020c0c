namespace Ogrt.Sinks.Splunk;

/// <summary>Makes sinks for Splunk's HTTP event collector: type <c>splunk</c>.</summary>
public sealed class SplunkSinkFactory : ISinkFactory
{
    /// <summary>The type.</summary>
    public const string TypeName = "splunk";

    /// <inheritdoc/>
    public string Type => TypeName;

    /// <inheritdoc/>
    public ISink Create(SinkSettings settings, SinkContext context)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(context);
        return new SplunkSink(settings, SplunkSettings.Create(settings), context);
    }
}
