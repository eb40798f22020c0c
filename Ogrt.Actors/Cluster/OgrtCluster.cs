using System.Globalization;
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;
using Ogrt.Actors.Cluster.Formation;
using Ogrt.Actors.Jobs;

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
        if (node.IsMultiNode && jobs.SnapshotStore == SnapshotStoreKind.Local && !node.AllowLocalSnapshots)
        {
            throw new ConfigurationException(
                "ogrt.cluster-node.seeds names other nodes, but snapshots of jobs are kept in a directory of this node: a job "
                + "that moves to another node would lose its tree. Set ogrt.jobs.snapshots.store = postgresql, or put "
                + "ogrt.jobs.snapshots.directory on a file system that all nodes share and set ogrt.jobs.snapshots.store = "
                + "shared-directory, or accept it with ogrt.cluster-node.allow-local-snapshots = on.");
        }
        bool keepsOldest = SplitBrainStrategy.Of(node) == SplitBrainStrategy.KeepOldest;
        string hocon = string.Create(CultureInfo.InvariantCulture, $$"""
            akka.remote.dot-netty.tcp {
              hostname = {{Quote(node.BindHost.Length > 0 ? node.BindHost : node.Host)}}
              public-hostname = {{Quote(node.Self.Host)}}
              port = {{node.Port}}
              enable-ssl = {{(node.Tls.IsOn ? "on" : "off")}}
              dns-use-ipv6 = {{(node.UsesIPv6 ? "on" : "off")}}
              enforce-ip-family = {{(node.UsesIPv6 ? "on" : "off")}}
            }
            akka.cluster {
              roles = [{{string.Join(", ", node.Roles.Select(Quote))}}]
              min-nr-of-members = {{(node.IsMultiNode ? node.RequiredNodes : 1)}}
              split-brain-resolver.active-strategy = {{(keepsOldest ? SplitBrainStrategy.KeepOldest : SplitBrainStrategy.KeepMajority)}}
              split-brain-resolver.keep-oldest.down-if-alone = on
            }
            akka.persistence.snapshot-store.ogrt-files {
              directory = {{Quote(jobs.SnapshotDirectory)}}
              sync = {{(jobs.SnapshotSync ? "on" : "off")}}
            }
            """);
        // Whoever has set it knows better.
        string stable = string.Create(CultureInfo.InvariantCulture, $"akka.cluster.split-brain-resolver.stable-after = {SplitBrainStrategy.StableAfter(node).TotalSeconds} s");
        // Without the serializers of these, which they bring along only when they start, a node that has joined and does not host
        // jobs yet could not read what others send to it, and would say so each time.
        Config made = ConfigurationFactory.ParseString(hocon).WithFallback(whole)
            .WithFallback(ConfigurationFactory.ParseString(stable))
            .WithFallback(Akka.Cluster.Sharding.ClusterSharding.DefaultConfig())
            .WithFallback(Akka.Cluster.Tools.Singleton.ClusterSingleton.DefaultConfig())
            .WithFallback(Akka.DistributedData.DistributedData.DefaultConfig());
        return jobs.PostgreSql is { } database ? Database(database).WithFallback(made) : made;
    }

    /// <summary>Makes the actor system, which listens for other nodes from then on but is in no cluster yet.</summary>
    /// <param name="config">What <see cref="Config"/> made, with what else the actor system is to have in front of it.</param>
    /// <exception cref="ConfigurationException">A certificate or key cannot be read or used.</exception>
    public static ActorSystem CreateSystem(Config config)
    {
        ClusterSettings settings = ClusterSettings.Create(config);
        ActorSystemSetup setup = ActorSystemSetup.Create(BootstrapSetup.Create().WithConfig(config));
        if (settings.Tls.IsOn)
            setup = setup.And(ClusterTls.Load(settings.Tls).Setup());
        return ActorSystem.Create(SystemName, setup);
    }

    /// <summary>Begins to look for the cluster; a node without others makes one of itself.</summary>
    /// <param name="system">What <see cref="CreateSystem"/> made.</param>
    public static ClusterNode Start(ActorSystem system)
    {
        ArgumentNullException.ThrowIfNull(system);
        ClusterSettings settings = ClusterSettings.Create(system.Settings.Config);
        NodeAddress self = NodeAddress.Of(Akka.Cluster.Cluster.Get(system).SelfAddress);
        IContactSource? source =
            settings.Dns.Alias.Length > 0 ? new DnsContacts(settings.Dns, self)
            : settings.Seeds.Count > 0 && !(settings.Seeds.Count == 1 && settings.Seeds[0] == self) ? new SeedContacts(settings.Seeds)
            : null;
        var rules = new FormationRules
        {
            Cluster = system.Settings.Config.GetString("ogrt.cluster", "default"),
            Required = settings.RequiredNodes,
            Margin = (long)settings.StableMargin.TotalMilliseconds,
            VoteLife = 2 * (long)settings.StableMargin.TotalMilliseconds,
            AnswerLife = 3 * (long)settings.ProbeInterval.TotalMilliseconds + 500,
            Seeds = string.Join(' ', settings.Seeds),
            Shards = system.Settings.Config.GetInt("ogrt.jobs.shards"),
        };
        var node = new ClusterNode();
        system.ActorOf(ClusterActor.Props(node, source, rules, settings.ProbeInterval), ClusterActor.Name);
        return node;
    }

    /// <summary>Waits until the node is up.</summary>
    /// <param name="system">The actor system.</param>
    /// <param name="node">What <see cref="Start"/> gave.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ClusterWithdrawnException">This process has to be started again to get into the right cluster.</exception>
    /// <exception cref="ConfigurationException">The cluster has another name or number of shards.</exception>
    public static async Task UpAsync(ActorSystem system, ClusterNode node, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(system);
        ArgumentNullException.ThrowIfNull(node);
        Task first = await Task.WhenAny(node.Up, node.Withdrawn, node.Refused, node.LeaveAsked, system.WhenTerminated)
            .WaitAsync(cancellationToken).ConfigureAwait(false);
        if (first == node.Withdrawn)
            throw new ClusterWithdrawnException(await node.Withdrawn.ConfigureAwait(false));
        if (first == node.Refused)
            throw new ConfigurationException($"This node does not fit the cluster that it found: {await node.Refused.ConfigureAwait(false)}.");
        if (first == node.LeaveAsked)
            throw new ClusterWithdrawnException($"the operator of {await node.LeaveAsked.ConfigureAwait(false)} asks this node to leave");
        if (first == system.WhenTerminated)
            throw new ClusterWithdrawnException("the actor system has ended before the node was up");
    }

    /// <summary>Asks another node to stop in order and leave the cluster.</summary>
    /// <param name="system">The actor system.</param>
    /// <param name="node">The node.</param>
    /// <param name="timeout">How long it has for its answer, which says that it has begun to.</param>
    /// <exception cref="TimeoutException">It did not answer.</exception>
    public static async Task AskToLeaveAsync(ActorSystem system, NodeAddress node, TimeSpan timeout)
    {
        ArgumentNullException.ThrowIfNull(system);
        Address self = Akka.Cluster.Cluster.Get(system).SelfAddress;
        try
        {
            await system.ActorSelection(new RootActorPath(node.ToAkka(self)) / "user" / ClusterActor.Name)
                .Ask<LeaveStarted>(new LeaveRequest(NodeAddress.Of(self).ToString()), timeout).ConfigureAwait(false);
        }
        catch (AskTimeoutException e)
        {
            throw new TimeoutException($"{node} did not answer within {timeout.TotalSeconds:0.#} s.", e);
        }
    }

    // The tables are made with the claims (PostgreSqlClaims). Times are numbers, so that no clock's zone is in them. There is no
    // circuit breaker: one that is half open throws in the store's own actor, which then answers nothing at all
    // (github.com/akkadotnet/akka.net/issues/5117), and jobs try again by themselves, later and later.
    private static Config Database(PostgreSqlSettings database) => ConfigurationFactory.ParseString(string.Create(CultureInfo.InvariantCulture, $$"""
        akka.persistence.snapshot-store {
          plugin = akka.persistence.snapshot-store.sql
          sql {
            class = "Akka.Persistence.Sql.Snapshot.SqlSnapshotStore, Akka.Persistence.Sql"
            connection-string = {{Quote(database.ConnectionString)}}
            provider-name = "PostgreSQL.15"
            auto-initialize = off
            table-mapping = default
            default.schema-name = {{Quote(database.Schema)}}
            circuit-breaker {
              call-timeout = {{2 * (int)database.Timeout.TotalSeconds}} s
              max-failures = {{int.MaxValue}}
            }
          }
        }
        """)).WithFallback(Akka.Persistence.Sql.SqlPersistence.DefaultConfiguration);

    private static string Quote(string value) =>
        "\"" + value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + "\"";
}
