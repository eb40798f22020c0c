using Akka.Configuration;

namespace Ogrt.Sinks;

internal static class ConfigExtensions
{
    /// <summary>Akka answers null for a path that is not there, and refuses null as a fallback.</summary>
    public static Config SafeWithFallback(this Config config, Config? fallback) =>
        fallback is null || fallback.IsEmpty ? config : config.IsEmpty ? fallback : config.WithFallback(fallback);
}
