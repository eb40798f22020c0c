using System.Net;
using Akka.Configuration;

namespace Ogrt.Actors.Cluster;

/// <summary>The block <c>ogrt.cluster-node.dns</c>.</summary>
public sealed record DnsSettings
{
    /// <summary>The name whose records are the nodes, complete; empty where the seeds are configured.</summary>
    public required string Alias { get; init; }

    /// <summary>Whether SRV records are asked for rather than addresses.</summary>
    public required bool UsesSrv { get; init; }

    /// <summary>The name servers; none for those of the system.</summary>
    public required IReadOnlyList<IPEndPoint> Servers { get; init; }

    /// <summary>How long a server has for its answer.</summary>
    public required TimeSpan Timeout { get; init; }

    internal static DnsSettings Create(Config node) => new()
    {
        Alias = node.GetString("dns.alias", "").TrimEnd('.'),
        UsesSrv = node.GetString("dns.records") switch
        {
            "address" => false,
            "srv" => true,
            string other => throw new ConfigurationException($"ogrt.cluster-node.dns.records is '{other}'; it must be address or srv."),
        },
        Servers = [.. node.GetStringList("dns.servers").Select(Server)],
        Timeout = node.GetTimeSpan("dns.timeout", allowInfinite: false),
    };

    private static IPEndPoint Server(string text)
    {
        if (!IPEndPoint.TryParse(text, out IPEndPoint? server))
            throw new ConfigurationException($"ogrt.cluster-node.dns.servers has '{text}'; it must be ADDRESS or ADDRESS:PORT, an IPv6 address with a port in brackets.");
        return server.Port == 0 ? new IPEndPoint(server.Address, 53) : server;
    }
}
