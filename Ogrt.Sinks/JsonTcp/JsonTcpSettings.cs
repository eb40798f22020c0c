using Akka.Configuration;
using Ogrt.Sinks.Http;
using Ogrt.Sinks.JsonLines;

namespace Ogrt.Sinks.JsonTcp;

/// <summary>What a sink of type <c>json-tcp</c> has beside the settings of every sink: see docs/sinks-json.md.</summary>
public sealed record JsonTcpSettings
{
    /// <summary>Where lines go.</summary>
    public required IReadOnlyList<HostPort> Endpoints { get; init; }

    /// <summary>Whether connections are encrypted.</summary>
    public required bool UseTls { get; init; }

    /// <summary>The name that the server's certificate must bear; empty for the host of the endpoint.</summary>
    public required string ServerName { get; init; }

    /// <summary>What is trusted, and what is shown to the server.</summary>
    public required HttpTlsSettings Tls { get; init; }

    /// <summary>How long a connection may take to come about, TLS included, for each address of a name.</summary>
    public required TimeSpan ConnectTimeout { get; init; }

    /// <summary>How long a connection is used before a new one looks the name up again.</summary>
    public required TimeSpan ConnectionLifetime { get; init; }

    /// <summary>How long a connection is silent before the system asks whether the other end is still there.</summary>
    public required TimeSpan Keepalive { get; init; }

    /// <summary>Whether a batch counts as delivered only when the other end's system has acknowledged its bytes.</summary>
    public required bool Acknowledged { get; init; }

    /// <summary>How long the other end may take or acknowledge no byte at all before the connection is given up.</summary>
    public required TimeSpan StallTimeout { get; init; }

    /// <summary>How long a connection must still be there behind a batch for the batch to count as delivered.</summary>
    public required TimeSpan SettleTime { get; init; }

    /// <summary>The longest line in bytes; 0 for no limit. A longer one becomes a dead letter.</summary>
    public required long MaxLineBytes { get; init; }

    /// <summary>Failures in a row after which an endpoint is left alone for a while.</summary>
    public required int CircuitFailures { get; init; }

    /// <summary>How long it is left alone at first.</summary>
    public required TimeSpan CircuitMin { get; init; }

    /// <summary>How long at most.</summary>
    public required TimeSpan CircuitMax { get; init; }

    /// <summary>What is sent.</summary>
    public required JsonLineSettings Lines { get; init; }

    /// <summary>Reads the settings from a sink's configuration.</summary>
    /// <param name="sink">The sink's settings.</param>
    /// <exception cref="ConfigurationException">A value is missing, of the wrong type or impossible.</exception>
    public static JsonTcpSettings Create(SinkSettings sink)
    {
        ArgumentNullException.ThrowIfNull(sink);
        var read = new SettingReader(sink.Config, "ogrt.sinks." + sink.Name);
        var settings = new JsonTcpSettings
        {
            Endpoints = ReadEndpoints(read),
            UseTls = read.Flag("tls.enabled"),
            ServerName = read.OptionalText("tls.server-name"),
            Tls = HttpTlsSettings.Create(read),
            ConnectTimeout = read.Duration("connect-timeout", TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1)),
            ConnectionLifetime = read.Duration("connection-lifetime", TimeSpan.FromSeconds(1), TimeSpan.FromDays(365)),
            Keepalive = read.Duration("keepalive", TimeSpan.FromSeconds(1), TimeSpan.FromHours(9)),
            Acknowledged = read.Flag("acknowledged"),
            StallTimeout = read.Duration("stall-timeout", TimeSpan.FromMilliseconds(10), TimeSpan.FromDays(1)),
            SettleTime = read.Duration("settle-time", TimeSpan.Zero, TimeSpan.FromHours(1)),
            MaxLineBytes = read.Bytes("max-line-bytes", 0, int.MaxValue),
            CircuitFailures = (int)read.Number("circuit.failures", 1, 1_000_000),
            CircuitMin = read.Duration("circuit.min", TimeSpan.FromMilliseconds(1), TimeSpan.FromDays(1)),
            CircuitMax = read.Duration("circuit.max", TimeSpan.FromMilliseconds(1), TimeSpan.FromDays(1)),
            Lines = JsonLineSettings.Create(read),
        };
        if (!settings.UseTls && (settings.ServerName.Length > 0 || settings.Tls.CaFile.Length > 0 || settings.Tls.ClientCertificateFile.Length > 0))
            throw read.Fail("tls.enabled", "is off, and other keys of tls are set: lines would be sent in the clear");
        if (sink.SendTimeout < settings.StallTimeout + settings.SettleTime)
            throw read.Fail("send-timeout", $"is {sink.SendTimeout}; a batch may take {settings.StallTimeout + settings.SettleTime} (stall-timeout and settle-time) and more on a slow line");
        return settings;
    }

    private static List<HostPort> ReadEndpoints(SettingReader read)
    {
        const string key = "endpoints";
        var endpoints = new List<HostPort>();
        foreach (string text in read.Texts(key))
        {
            if (!HostPort.TryParse(text, out HostPort endpoint))
                throw read.Fail(key, $"has \"{text}\"; an endpoint is like host:5170, 192.0.2.7:5170 or [2001:db8::7]:5170");
            endpoints.Add(endpoint);
        }
        return endpoints.Count > 0 ? endpoints : throw read.Fail(key, "has none; at least one is needed");
    }
}
