using System.Net;
using System.Net.Sockets;
using Akka.Configuration;

namespace Ogrt.Actors.Cluster;

/// <summary>The block <c>ogrt.cluster-node</c>; reference.conf says what each key means.</summary>
public sealed record ClusterSettings
{
    /// <summary>The role of nodes that host jobs.</summary>
    public const string JobsRole = "jobs";

    /// <summary>What an operator writes to have nodes talk without TLS on a network.</summary>
    public const string PlaintextAccepted = "yes, only servers can reach this network";

    private const string PlaintextRefused = "refuse";

    /// <summary>The name by which other nodes reach this one; without others the loopback address.</summary>
    public required string Host { get; init; }

    /// <summary>Where to listen; empty for <see cref="Host"/>.</summary>
    public required string BindHost { get; init; }

    /// <summary>The port; 0 for any, which only a single node can use.</summary>
    public required int Port { get; init; }

    /// <summary>Nodes to join, the same list in the same order on every node; empty for a single node, or with <see cref="Dns"/>.</summary>
    public required IReadOnlyList<NodeAddress> Seeds { get; init; }

    /// <summary>Where the nodes are looked up instead.</summary>
    public required DnsSettings Dns { get; init; }

    /// <summary>How many nodes the cluster is to have.</summary>
    public required int ExpectedNodes { get; init; }

    /// <summary>How many nodes have to be there to found a cluster, and to let it come up.</summary>
    public required int RequiredNodes { get; init; }

    /// <summary>How long nothing may have changed before a cluster is founded.</summary>
    public required TimeSpan StableMargin { get; init; }

    /// <summary>How often a node that is in no cluster looks for the others.</summary>
    public required TimeSpan ProbeInterval { get; init; }

    /// <summary>What this node does: <see cref="JobsRole"/>, and names of the operator's own.</summary>
    public required IReadOnlyList<string> Roles { get; init; }

    /// <summary>TLS between nodes.</summary>
    public required ClusterTlsSettings Tls { get; init; }

    /// <summary>Whether nodes may talk over a network without it.</summary>
    public required bool AllowPlaintext { get; init; }

    /// <summary>Whether jobs may lose their trees when they move, because snapshots stay on the node that wrote them.</summary>
    public required bool AllowLocalSnapshots { get; init; }

    /// <summary>Whether there are other nodes.</summary>
    public bool IsMultiNode => Seeds.Count > 0 || Dns.Alias.Length > 0;

    /// <summary>Whether jobs live on this node.</summary>
    public bool HostsJobs => Roles.Contains(JobsRole);

    /// <summary>This node's address as others have it.</summary>
    public NodeAddress Self => new(NodeAddress.Normal(Host), Port);

    /// <summary>Whether <see cref="Host"/> is an IPv6 address: Akka's transport then speaks that alone.</summary>
    public bool UsesIPv6 => IPAddress.TryParse(Host, out IPAddress? ip) && ip.AddressFamily == AddressFamily.InterNetworkV6;

    /// <summary>Reads the settings.</summary>
    /// <param name="config">The whole configuration, with reference.conf behind it.</param>
    /// <exception cref="ConfigurationException">A value is impossible; the message names it.</exception>
    public static ClusterSettings Create(Config config)
    {
        ArgumentNullException.ThrowIfNull(config);
        Config node = config.GetConfig("ogrt.cluster-node")
            ?? throw new ConfigurationException("The block ogrt.cluster-node is missing.");
        NodeAddress[] seeds = [.. node.GetStringList("seeds").Select(Seed)];
        DnsSettings dns = DnsSettings.Create(node);
        int expected = node.GetInt("expected-nodes");
        foreach (string key in new[] { "expected-nodes", "required-nodes" })
            Check(node.GetInt(key) == 0 || seeds.Length > 0 || dns.Alias.Length > 0, key, "means something only with seeds or dns.alias; without them this node is alone");
        if (expected == 0 && dns.Alias.Length == 0)
            expected = Math.Max(1, seeds.Length);
        int required = node.GetInt("required-nodes");
        var settings = new ClusterSettings
        {
            Host = node.GetString("host"),
            BindHost = node.GetString("bind-host", ""),
            Port = node.GetInt("port"),
            Seeds = seeds,
            Dns = dns,
            ExpectedNodes = expected,
            RequiredNodes = required == 0 ? (expected / 2) + 1 : required,
            StableMargin = node.GetTimeSpan("stable-margin", allowInfinite: false),
            ProbeInterval = node.GetTimeSpan("probe-interval", allowInfinite: false),
            Roles = [.. node.GetStringList("roles")],
            Tls = ClusterTlsSettings.Create(node),
            AllowPlaintext = node.GetString("plaintext") switch
            {
                PlaintextRefused => false,
                PlaintextAccepted => true,
                string other => throw new ConfigurationException(
                    $"ogrt.cluster-node.plaintext is '{other}'; it must be {PlaintextRefused} or \"{PlaintextAccepted}\"."),
            },
            AllowLocalSnapshots = node.GetBoolean("allow-local-snapshots"),
        };
        settings.Validate();
        return settings;
    }

    private void Validate()
    {
        Check(Host.Length > 0, "host", "must not be empty");
        Check(Port is >= 0 and <= 65_535, "port", "must be between 0 and 65535");
        Check(!IsMultiNode || Port != 0, "port", "must be set when there are other nodes: they have to know it");
        Check(Seeds.Count == 0 || Dns.Alias.Length == 0, "seeds", "must be empty when dns.alias names the nodes: one of the two");
        Check(Seeds.Distinct().Count() == Seeds.Count, "seeds", "has a node twice");
        Check(ExpectedNodes is >= 1 and <= 1_000, "expected-nodes",
            Dns.Alias.Length > 0 ? "must be set with dns.alias, from 1 to 1000: how many of the nodes are enough to found a cluster follows from it" : "must be between 0 and 1000");
        Check(RequiredNodes >= 1 && RequiredNodes <= ExpectedNodes, "required-nodes", "must be between 0 and expected-nodes");
        Check(StableMargin >= TimeSpan.FromMilliseconds(500), "stable-margin", "must be at least 500 ms");
        Check(ProbeInterval >= TimeSpan.FromMilliseconds(50) && ProbeInterval <= StableMargin, "probe-interval", "must be between 50 ms and stable-margin");
        Check(Dns.Alias.Length == 0 || Dns.UsesSrv || IPAddress.TryParse(Host, out _), "host",
            "must be an IP address when dns.alias names the nodes by their addresses: the one by which it names this node");
        Check(Dns.Timeout >= TimeSpan.FromMilliseconds(10), "dns.timeout", "must be at least 10 ms");
        Check(Roles.All(r => r.Length > 0), "roles", "must not have an empty name");
        string listens = BindHost.Length > 0 ? BindHost : Host;
        if (!Tls.IsOn && !AllowPlaintext && !IsLoopback(listens))
        {
            throw new ConfigurationException(
                $"ogrt.cluster-node.{(BindHost.Length > 0 ? "bind-host" : "host")} is {listens}, which others can reach, and whoever reaches the port between nodes controls the server. "
                + "Set ogrt.cluster-node.tls.certificate-file, key-file and ca-file; or, on a network that nobody else reaches, "
                + $"ogrt.cluster-node.plaintext = \"{PlaintextAccepted}\".");
        }
    }

    private static NodeAddress Seed(string text) => NodeAddress.TryParse(text, out NodeAddress? seed)
        ? seed.Value
        : throw new ConfigurationException($"ogrt.cluster-node.seeds has '{text}'; it must be HOST:PORT, an IPv6 address in brackets.");

    private static bool IsLoopback(string host) =>
        IPAddress.TryParse(host, out IPAddress? ip) ? IPAddress.IsLoopback(ip) : host.Equals("localhost", StringComparison.OrdinalIgnoreCase);

    private static void Check(bool holds, string key, string rule)
    {
        if (!holds)
            throw new ConfigurationException($"ogrt.cluster-node.{key} {rule}.");
    }
}
