namespace Ogrt.Sinks.Elasticsearch;

/// <summary>Makes sinks for Elasticsearch and OpenSearch: type <c>elasticsearch</c>.</summary>
public sealed class ElasticsearchSinkFactory : ISinkFactory
{
    /// <summary>The type.</summary>
    public const string TypeName = "elasticsearch";

    /// <inheritdoc/>
    public string Type => TypeName;

    /// <inheritdoc/>
    public ISink Create(SinkSettings settings, SinkContext context)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(context);
        return new ElasticsearchSink(settings, ElasticsearchSettings.Create(settings), context);
    }
}
