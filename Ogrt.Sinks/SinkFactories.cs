using Akka.Configuration;

namespace Ogrt.Sinks;

/// <summary>The registered types of sinks.</summary>
public sealed class SinkFactories
{
    private readonly Dictionary<string, ISinkFactory> _byType;

    /// <summary>Registers factories; a type has one.</summary>
    public SinkFactories(IEnumerable<ISinkFactory> factories) =>
        _byType = factories.ToDictionary(f => f.Type, StringComparer.Ordinal);

    /// <summary>The types of this project.</summary>
    public static SinkFactories Default { get; } = new([
        new Local.LocalSinkFactory(),
        new JsonFile.JsonFileSinkFactory(),
        new JsonTcp.JsonTcpSinkFactory(),
        new Elasticsearch.ElasticsearchSinkFactory(),
        new Splunk.SplunkSinkFactory(),
        new Null.NullSinkFactory(),
    ]);

    /// <summary>The names of the types, in alphabetical order.</summary>
    public IReadOnlyList<string> Types => [.. _byType.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Makes the sink that the settings name.</summary>
    /// <exception cref="ConfigurationException">There is no such type, or a setting of the sink is wrong.</exception>
    public ISink Create(SinkSettings settings, SinkContext context)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return _byType.TryGetValue(settings.Type, out ISinkFactory? factory)
            ? factory.Create(settings, context)
            : throw new ConfigurationException(
                $"ogrt.sinks.{settings.Name}.type is \"{settings.Type}\"; the types are {string.Join(", ", Types)}.");
    }
}
