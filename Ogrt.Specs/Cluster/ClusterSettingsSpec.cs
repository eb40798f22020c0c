using Akka.Configuration;
using Ogrt.Actors.Cluster;

namespace Ogrt.Specs.Cluster;

public class ClusterSettingsSpec
{
    private const string TwoNodes = "ogrt.cluster-node { host = a, port = 7972, seeds = [\"a:7972\", \"b:7972\"] }\n";

    private static Config Parse(string hocon) => ConfigurationFactory.ParseString(hocon);

    [Fact]
    public void The_defaults_are_a_single_node_on_the_loopback()
    {
        ClusterSettings settings = ClusterSettings.Create(OgrtCluster.Reference());
        Assert.Equal(("127.0.0.1", "", 0), (settings.Host, settings.BindHost, settings.Port));
        Assert.Empty(settings.Seeds);
        Assert.False(settings.AllowLocalSnapshots);
        Assert.False(settings.IsMultiNode);
    }

    [Fact]
    public void Several_nodes_with_snapshots_of_their_own_are_refused()
    {
        var e = Assert.Throws<ConfigurationException>(() => OgrtCluster.Config(Parse(TwoNodes)));
        Assert.Contains("ogrt.jobs.snapshots.shared", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ogrt.jobs.snapshots.shared = on")]
    [InlineData("ogrt.cluster-node.allow-local-snapshots = on")]
    [InlineData("akka.persistence.snapshot-store.plugin = elsewhere")]
    public void Several_nodes_are_accepted_when_snapshots_are_shared_or_the_loss_is(string hocon)
    {
        Config config = OgrtCluster.Config(Parse(TwoNodes + hocon));
        Assert.Equal("a", config.GetString("akka.remote.dot-netty.tcp.public-hostname"));
        Assert.Equal(7972, config.GetInt("akka.remote.dot-netty.tcp.port"));
    }

    [Theory]
    [InlineData("ogrt.cluster-node { host = a, port = 1, seeds = [\"a\"] }", "seeds")]
    [InlineData("ogrt.cluster-node { host = a, port = 0, seeds = [\"a:1\"] }", "port")]
    [InlineData("ogrt.cluster-node.port = 70000", "port")]
    public void An_impossible_value_is_named(string hocon, string key)
    {
        var e = Assert.Throws<ConfigurationException>(() => OgrtCluster.Config(Parse(hocon)));
        Assert.Contains("ogrt.cluster-node." + key, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_actor_system_is_a_strict_cluster_node()
    {
        Config config = OgrtCluster.Config(Parse(""));
        Assert.Equal("cluster", config.GetString("akka.actor.provider"));
        Assert.False(config.GetBoolean("akka.actor.serialization-settings.allow-unregistered-types"));
        Assert.Equal("ddata", config.GetString("akka.cluster.sharding.state-store-mode"));
        Assert.Equal(TimeSpan.FromSeconds(10), config.GetTimeSpan("akka.cluster.failure-detector.acceptable-heartbeat-pause"));
        Assert.Empty(config.GetStringList("akka.cluster.sharding.distributed-data.durable.keys"));
    }
}
