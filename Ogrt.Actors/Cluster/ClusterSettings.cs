using Akka.Configuration;

namespace Ogrt.Actors.Cluster;

/// <summary>The block <c>ogrt.cluster-node</c>; reference.conf says what each key means.</summary>
public sealed record ClusterSettings
{
    /// <summary>The name by which other nodes reach this one; without others the loopback address.</summary>
    public required string Host { get; init; }

    /// <summary>Where to listen; empty for <see cref="Host"/>.</summary>
    public required string BindHost { get; init; }

    /// <summary>The port; 0 for any, which only a single node can use.</summary>
    public required int Port { get; init; }

    /// <summary>Nodes to join, as <c>HOST:PORT</c>, the same list in the same order on every node; empty for a single node.</summary>
    public required IReadOnlyList<string> Seeds { get; init; }

    /// <summary>Whether jobs may lose their trees when they move, because snapshots stay on the node that wrote them.</summary>
    public required bool AllowLocalSnapshots { get; init; }

    /// <summary>Whether there are other nodes.</summary>
    public bool IsMultiNode => Seeds.Count > 0;

    /// <summary>Reads the settings.</summary>
    /// <param name="config">The whole configuration, with reference.conf behind it.</param>
    /// <exception cref="ConfigurationException">A value is impossible; the message names it.</exception>
    public static ClusterSettings Create(Config config)
    {
        ArgumentNullException.ThrowIfNull(config);
        Config node = config.GetConfig("ogrt.cluster-node")
            ?? throw new ConfigurationException("The block ogrt.cluster-node is missing.");
        var settings = new ClusterSettings
        {
            Host = node.GetString("host"),
            BindHost = node.GetString("bind-host", ""),
            Port = node.GetInt("port"),
            Seeds = [.. node.GetStringList("seeds")],
            AllowLocalSnapshots = node.GetBoolean("allow-local-snapshots"),
        };
        if (settings.Host.Length == 0)
            throw new ConfigurationException("ogrt.cluster-node.host must not be empty.");
        if (settings.Port is < 0 or > 65_535)
            throw new ConfigurationException("ogrt.cluster-node.port must be between 0 and 65535.");
        foreach (string seed in settings.Seeds)
        {
            int colon = seed.LastIndexOf(':');
            if (colon < 1 || !ushort.TryParse(seed.AsSpan(colon + 1), out ushort port) || port == 0)
                throw new ConfigurationException($"ogrt.cluster-node.seeds has '{seed}'; it must be HOST:PORT.");
        }
        if (settings.IsMultiNode && settings.Port == 0)
            throw new ConfigurationException("ogrt.cluster-node.port must be set when there are seeds: others have to know it.");
        return settings;
    }
}
