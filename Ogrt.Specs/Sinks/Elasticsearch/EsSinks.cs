using Akka.Configuration;
using Ogrt.Sinks;
using Ogrt.Sinks.Elasticsearch;

namespace Ogrt.Specs.Sinks.Elasticsearch;

/// <summary>Sinks of this type and what they are made of.</summary>
internal static class EsSinks
{
    public const string Quick =
        """
        enabled = on, batch-linger = 5 ms, backoff-min = 1 ms, backoff-max = 20 ms, backoff-paused = 20 ms, stop-timeout = 5 s
        """;

    /// <summary>The configuration of a server whose one sink, "es", is of this type.</summary>
    public static string Config(string endpoints, string settings = "") =>
        $"ogrt.sinks {{ local.enabled = off, es {{ type = elasticsearch, {Quick}, endpoints = [\"{endpoints}\"]\n{settings} }} }}";

    public static SinkSettings Settings(string settings = "") => SinkSettings
        .Create(ConfigurationFactory.ParseString(Config("http://127.0.0.1:9200", settings)).WithFallback(SinksReference.Config))
        .Single(s => s.Name == "es");

    public static ElasticsearchSettings Create(string settings = "") => ElasticsearchSettings.Create(Settings(settings));

    public static BulkEncoder Encoder(string settings = "") => new(Create(settings), "test");
}
