using System.Net.Http.Headers;
using Ogrt.Sinks.Http;

namespace Ogrt.Specs.Sinks.Http;

/// <summary>Targets and requests for specs.</summary>
internal static class HttpTargets
{
    public static readonly MediaTypeHeaderValue Ndjson = new("application/x-ndjson");

    public static HttpTargetSettings Settings(params Uri[] endpoints) => new()
    {
        Endpoints = endpoints,
        Authentication = HttpAuthentication.None,
        Username = "",
        SecretFile = "",
        Tls = new HttpTlsSettings { CaFile = "", ClientCertificateFile = "", ClientKeyFile = "", Verify = true },
        Gzip = false,
        ConnectTimeout = TimeSpan.FromSeconds(5),
        ConnectionLifetime = TimeSpan.FromMinutes(3),
        ConnectionIdleTimeout = TimeSpan.FromMinutes(1),
        MaxAnswerBytes = 1 << 20,
        CircuitFailures = 2,
        CircuitMin = TimeSpan.FromSeconds(1),
        CircuitMax = TimeSpan.FromSeconds(8),
    };

    public static HttpTarget Target(HttpTargetSettings settings, TimeProvider? time = null) =>
        new("spec", settings, Path.GetFullPath, 8, time);

    public static HttpCall Get { get; } = new(HttpMethod.Get, "/");

    public static HttpCall Post(RequestBody body) => new(HttpMethod.Post, "/_bulk") { Body = body, ContentType = Ndjson };

    public static RequestBody Body(params ReadOnlySpan<byte[]> pieces)
    {
        var body = new RequestBody();
        foreach (byte[] piece in pieces)
            body.Add(piece);
        return body;
    }

    /// <summary>Bytes that differ at each place.</summary>
    public static byte[] Bytes(int count, int seed = 1)
    {
        byte[] bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
