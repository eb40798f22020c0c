namespace Ogrt.Specs.Sinks.Elasticsearch;

/// <summary>Specs that change settings of a whole server: one after the other.</summary>
[CollectionDefinition(Name, DisableParallelization = false)]
public sealed class RealServerCollection
{
    public const string Name = "Real Elasticsearch and OpenSearch";
}
