using Akka.Configuration;
using Ogrt.Sinks;
using Ogrt.Sinks.Splunk;

namespace Ogrt.Specs.Sinks.Splunk;

/// <summary>Sinks of this type, and what they are made of.</summary>
internal static class SplunkSinks
{
    public const string Token = "2f2ba1a9-1cbb-4e3f-9a53-6e3a4b5b9e6f";

    public const string Quick =
        """
        enabled = on, batch-linger = 5 ms, backoff-min = 1 ms, backoff-max = 20 ms, backoff-paused = 20 ms, stop-timeout = 5 s
        acknowledgement-poll-min = 2 ms, acknowledgement-poll-max = 10 ms, circuit.min = 1 ms, circuit.max = 5 ms
        """;

    /// <summary>The configuration of a server whose one sink, "hec", is of this type.</summary>
    public static string Config(string endpoints, string settings = "") =>
        $"ogrt.sinks {{ local.enabled = off, hec {{ type = splunk, {Quick}\n endpoints = [{endpoints}]\n{settings} }} }}";

    /// <summary>A journal with such a sink, whose token stands in its file.</summary>
    public static SinkServer Server(IEnumerable<string> endpoints, string settings = "", SinkFactories? factories = null)
    {
        var server = new SinkServer(Config(string.Join(',', endpoints.Select(e => $"\"{e}\"")), settings), factories);
        Directory.CreateDirectory(server.DataDirectory);
        File.WriteAllText(Path.Combine(server.DataDirectory, "splunk.token"), Token + "\n");
        return server;
    }

    public static SplunkSettings Settings(string settings = "") => SplunkSettings.Create(SinkSettings
        .Create(ConfigurationFactory.ParseString(Config("\"http://127.0.0.1:8088\"", settings)).WithFallback(SinksReference.Config))
        .Single(s => s.Name == "hec"));

    public static HecEncoder Encoder(string settings = "") => new(Settings(settings), "test");
}
