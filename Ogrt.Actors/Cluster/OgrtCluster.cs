using System.Globalization;
using Akka.Actor;
using Akka.Configuration;
using Ogrt.Actors.Jobs;
using AkkaCluster = Akka.Cluster.Cluster;

namespace Ogrt.Actors.Cluster;

/// <summary>
/// The actor system of a server: a cluster node from the start, also when it is alone, so that one node and many are the
/// same program.
/// </summary>
public static class OgrtCluster
{
    /// <summary>The name of the actor system, which is part of each node's address.</summary>
    public const string SystemName = "ogrt";

    /// <summary>The defaults of this assembly.</summary>
    public static Config Reference() => ConfigurationFactory.FromResource<JobSettings>("Ogrt.Actors.reference.conf");

    /// <summary>The configuration of the actor system.</summary>
    /// <param name="config">The whole configuration; where it lacks this assembly's defaults, they are put behind it.</param>
    /// <exception cref="ConfigurationException">A value is impossible, or several nodes would have snapshots that only one
    /// of them can read.</exception>
    public static Config Config(Config config)
    {
        ArgumentNullException.ThrowIfNull(config);
        Config whole = config.WithFallback(Reference());
        ClusterSettings node = ClusterSettings.Create(whole);
        JobSettings jobs = JobSettings.Create(whole);
        if (node.IsMultiNode && UsesFiles(whole) && !jobs.SnapshotsShared && !node.AllowLocalSnapshots)
        {
            throw new ConfigurationException(
                "ogrt.cluster-node.seeds names other nodes, but snapshots of jobs are kept in a directory of this node: a job "
                + "that moves to another node would lose its tree. Put ogrt.jobs.snapshots.directory on a file system that all "
                + "nodes share and set ogrt.jobs.snapshots.shared = on, use another snapshot store "
                + "(akka.persistence.snapshot-store.plugin), or accept it with ogrt.cluster-node.allow-local-snapshots = on.");
        }
        string hocon = string.Create(CultureInfo.InvariantCulture, $$"""
            akka.remote.dot-netty.tcp {
              hostname = {{Quote(node.BindHost.Length > 0 ? node.BindHost : node.Host)}}
              public-hostname = {{Quote(node.Host)}}
              port = {{node.Port}}
            }
            akka.persistence.snapshot-store.ogrt-files {
              directory = {{Quote(jobs.SnapshotDirectory)}}
              sync = {{(jobs.SnapshotSync ? "on" : "off")}}
            }
            """);
        return ConfigurationFactory.ParseString(hocon).WithFallback(whole);
    }

    /// <summary>Joins the cluster: the seeds, or itself where there are none. Completes when this node is up.</summary>
    /// <param name="system">A system with the configuration that <see cref="Config"/> made.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task JoinAsync(ActorSystem system, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(system);
        AkkaCluster cluster = AkkaCluster.Get(system);
        ClusterSettings settings = ClusterSettings.Create(system.Settings.Config);
        if (!settings.IsMultiNode)
        {
            await cluster.JoinAsync(cluster.SelfAddress, cancellationToken).ConfigureAwait(false);
            return;
        }
        Address self = cluster.SelfAddress;
        IEnumerable<Address> seeds = settings.Seeds.Select(seed =>
        {
            int colon = seed.LastIndexOf(':');
            return new Address(self.Protocol, self.System, seed[..colon], int.Parse(seed.AsSpan(colon + 1), CultureInfo.InvariantCulture));
        });
        await cluster.JoinSeedNodesAsync(seeds, cancellationToken).ConfigureAwait(false);
    }

    private static bool UsesFiles(Config config) =>
        config.GetString("akka.persistence.snapshot-store.plugin", "") == "akka.persistence.snapshot-store.ogrt-files";

    private static string Quote(string value) =>
        "\"" + value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + "\"";
}
