using Akka.Configuration;

namespace Ogrt.Sinks.Http;

/// <summary>What every sink that speaks HTTP has beside the settings of every sink: see docs/sinks-http.md.</summary>
public sealed record HttpTargetSettings
{
    /// <summary>Where requests go: http or https, host, port and perhaps a path that all requests have in front.</summary>
    public required IReadOnlyList<Uri> Endpoints { get; init; }

    /// <summary>How requests say who sends them.</summary>
    public required HttpAuthentication Authentication { get; init; }

    /// <summary>The user of <see cref="HttpAuthentication.Basic"/>.</summary>
    public required string Username { get; init; }

    /// <summary>The file with the password, key or token; below the data directory unless it is absolute. Empty without one.</summary>
    public required string SecretFile { get; init; }

    /// <summary>What is trusted, and what is shown to the server.</summary>
    public required HttpTlsSettings Tls { get; init; }

    /// <summary>Whether bodies are sent compressed (gzip, level 1).</summary>
    public required bool Gzip { get; init; }

    /// <summary>How long a connection may take to come about.</summary>
    public required TimeSpan ConnectTimeout { get; init; }

    /// <summary>How long a connection is used before a new one looks the name up again.</summary>
    public required TimeSpan ConnectionLifetime { get; init; }

    /// <summary>How long a connection without a request is kept.</summary>
    public required TimeSpan ConnectionIdleTimeout { get; init; }

    /// <summary>Bytes of an answer that are read; a longer one counts as none.</summary>
    public required int MaxAnswerBytes { get; init; }

    /// <summary>Failures in a row after which an endpoint is left alone for a while.</summary>
    public required int CircuitFailures { get; init; }

    /// <summary>How long it is left alone at first.</summary>
    public required TimeSpan CircuitMin { get; init; }

    /// <summary>How long at most.</summary>
    public required TimeSpan CircuitMax { get; init; }

    /// <summary>Whether cookies are kept, for a load balancer that ties a session to a server by one.</summary>
    public bool UseCookies { get; init; }

    /// <summary>Reads the settings from a sink's configuration.</summary>
    /// <param name="sink">The sink's settings.</param>
    /// <param name="known">What the type of sink can say who it is by; one that is not among them is a mistake.</param>
    /// <exception cref="ConfigurationException">A value is missing, of the wrong type or impossible.</exception>
    public static HttpTargetSettings Create(SinkSettings sink, params ReadOnlySpan<HttpAuthentication> known)
    {
        ArgumentNullException.ThrowIfNull(sink);
        var read = new SettingReader(sink.Config, "ogrt.sinks." + sink.Name);
        HttpAuthentication authentication = read.Choice("authentication", known);
        return Create(
            read,
            authentication,
            authentication == HttpAuthentication.Basic ? read.Text("username") : read.OptionalText("username"),
            authentication == HttpAuthentication.None ? read.OptionalText("secret-file") : read.Text("secret-file"));
    }

    /// <summary>Reads the settings of a sink whose type has one way to say who it is.</summary>
    /// <param name="sink">The sink's settings.</param>
    /// <param name="authentication">That way.</param>
    /// <param name="secretKey">The key with the file of the secret.</param>
    /// <exception cref="ConfigurationException">A value is missing, of the wrong type or impossible.</exception>
    public static HttpTargetSettings CreateWith(SinkSettings sink, HttpAuthentication authentication, string secretKey)
    {
        ArgumentNullException.ThrowIfNull(sink);
        var read = new SettingReader(sink.Config, "ogrt.sinks." + sink.Name);
        return Create(read, authentication, "", read.Text(secretKey));
    }

    private static HttpTargetSettings Create(SettingReader read, HttpAuthentication authentication, string username, string secretFile)
    {
        return new HttpTargetSettings
        {
            Endpoints = ReadEndpoints(read),
            Authentication = authentication,
            Username = username,
            SecretFile = secretFile,
            Tls = HttpTlsSettings.Create(read),
            Gzip = read.Choice<BodyEncoding>("compression") == BodyEncoding.Gzip,
            ConnectTimeout = read.Duration("connect-timeout", TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1)),
            ConnectionLifetime = read.Duration("connection-lifetime", TimeSpan.FromSeconds(1), TimeSpan.FromDays(1)),
            ConnectionIdleTimeout = read.Duration("connection-idle-timeout", TimeSpan.FromSeconds(1), TimeSpan.FromDays(1)),
            MaxAnswerBytes = (int)read.Bytes("max-answer-bytes", 4096, 1 << 30),
            CircuitFailures = (int)read.Number("circuit.failures", 1, 1_000_000),
            CircuitMin = read.Duration("circuit.min", TimeSpan.FromMilliseconds(1), TimeSpan.FromDays(1)),
            CircuitMax = read.Duration("circuit.max", TimeSpan.FromMilliseconds(1), TimeSpan.FromDays(1)),
        };
    }

    private static List<Uri> ReadEndpoints(SettingReader read)
    {
        const string key = "endpoints";
        var endpoints = new List<Uri>();
        foreach (string text in read.Texts(key))
        {
            if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) || uri.Scheme is not ("http" or "https") || uri.Host.Length == 0)
                throw read.Fail(key, $"has \"{text}\"; an endpoint is like https://host:9200");
            if (uri.UserInfo.Length > 0)
                throw read.Fail(key, $"has a user in {uri.Scheme}://…@{uri.Authority}; the user is username, and the password stands in secret-file");
            if (uri.Query.Length > 0 || uri.Fragment.Length > 0)
                throw read.Fail(key, $"has \"{text}\"; an endpoint ends with its path");
            endpoints.Add(uri);
        }
        if (endpoints.Count == 0)
            throw read.Fail(key, "has none; at least one is needed");
        return endpoints;
    }

    private enum BodyEncoding
    {
        None = 0,
        Gzip,
    }
}
