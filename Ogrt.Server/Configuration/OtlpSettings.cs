using Akka.Configuration;

namespace Ogrt.Server.Configuration;

/// <summary>The block <c>ogrt.metrics.otlp</c>; reference.conf says what each key means.</summary>
/// <param name="Endpoint">Where metrics are sent; null for nowhere.</param>
/// <param name="Grpc">Whether over gRPC rather than HTTP.</param>
/// <param name="Interval">How often.</param>
/// <param name="Timeout">How long an export may take.</param>
/// <param name="HeadersFile">A file of headers; null for none.</param>
public sealed record OtlpSettings(Uri? Endpoint, bool Grpc, TimeSpan Interval, TimeSpan Timeout, string? HeadersFile)
{
    /// <summary>Reads the settings.</summary>
    /// <exception cref="ConfigurationException">A value is impossible; the message names its path.</exception>
    public static OtlpSettings Create(Config config)
    {
        const string block = "ogrt.metrics.otlp";
        string endpoint = config.GetString(block + ".endpoint"), protocol = config.GetString(block + ".protocol"), headers = config.GetString(block + ".headers-file");
        Uri? uri = null;
        if (endpoint.Length > 0 && (!Uri.TryCreate(endpoint, UriKind.Absolute, out uri) || uri.Scheme is not ("http" or "https")))
            throw new ConfigurationException($"{block}.endpoint: \"{endpoint}\" is no URL that begins with http:// or https://.");
        if (uri is { UserInfo.Length: > 0 })
            throw new ConfigurationException($"{block}.endpoint: a URL with a password stands in the configuration for everybody to read; use headers-file.");
        TimeSpan interval = config.GetTimeSpan(block + ".interval", allowInfinite: false), timeout = config.GetTimeSpan(block + ".timeout", allowInfinite: false);
        if (interval < TimeSpan.FromMilliseconds(100)) throw new ConfigurationException($"{block}.interval: at least 100 ms are needed.");
        if (timeout < TimeSpan.FromMilliseconds(100)) throw new ConfigurationException($"{block}.timeout: at least 100 ms are needed.");
        return new OtlpSettings(
            uri,
            protocol switch
            {
                "http" => false,
                "grpc" => true,
                _ => throw new ConfigurationException($"{block}.protocol: \"{protocol}\" is not one of http, grpc."),
            },
            interval, timeout, headers.Length > 0 ? headers : null);
    }
}
