using Akka.Configuration;
using Ogrt.Actors.Cluster;
using Ogrt.Server.Configuration;

namespace Ogrt.Specs.Cluster;

public class ClusterSettingsSpec
{
    private const string TwoNodes = "ogrt.cluster-node { host = a, port = 7972, plaintext = \"yes, only servers can reach this network\", seeds = [\"a:7972\", \"b:7972\"] }\n";

    private static Config Parse(string hocon) => ConfigurationFactory.ParseString(hocon);

    [Fact]
    public void The_defaults_are_a_single_node_on_the_loopback()
    {
        ClusterSettings settings = ClusterSettings.Create(OgrtCluster.Reference());
        Assert.Equal(("127.0.0.1", "", 0), (settings.Host, settings.BindHost, settings.Port));
        Assert.Empty(settings.Seeds);
        Assert.False(settings.AllowLocalSnapshots);
        Assert.False(settings.IsMultiNode);
        Assert.Equal((1, 1), (settings.ExpectedNodes, settings.RequiredNodes));
        Assert.Equal((TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(1)), (settings.StableMargin, settings.ProbeInterval));
        Assert.Equal([ClusterSettings.JobsRole], settings.Roles);
        Assert.False(settings.Tls.IsOn || settings.AllowPlaintext);
        Assert.True(settings.Tls.VerifyHost);
        Assert.Equal(("", false, TimeSpan.FromSeconds(2)), (settings.Dns.Alias, settings.Dns.UsesSrv, settings.Dns.Timeout));
    }

    [Fact]
    public void Several_nodes_with_snapshots_of_their_own_are_refused()
    {
        var e = Assert.Throws<ConfigurationException>(() => OgrtCluster.Config(Parse(TwoNodes)));
        Assert.Contains("ogrt.jobs.snapshots.store", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ogrt.jobs.snapshots.store = shared-directory")]
    [InlineData("ogrt.cluster-node.allow-local-snapshots = on")]
    [InlineData("ogrt.jobs.snapshots.store = postgresql\n ogrt.jobs.snapshots.postgresql.connection = \"Host=db;Database=ogrt\"")]
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
    [InlineData("ogrt.cluster-node { port = 1, seeds = [\"a:1\"], dns.alias = x }", "seeds")]
    [InlineData("ogrt.cluster-node { port = 1, seeds = [\"a:1\", \"A:1\"] }", "seeds")]
    [InlineData("ogrt.cluster-node { port = 1, dns.alias = x }", "expected-nodes")]
    [InlineData("ogrt.cluster-node { port = 1, dns.alias = x, expected-nodes = 3, host = localhost }", "host")]
    [InlineData("ogrt.cluster-node { dns.records = mx }", "dns.records")]
    [InlineData("ogrt.cluster-node { dns.servers = [\"ns1\"] }", "dns.servers")]
    [InlineData("ogrt.cluster-node { port = 1, seeds = [\"a:1\"], expected-nodes = 3, required-nodes = 4 }", "required-nodes")]
    [InlineData("ogrt.cluster-node { expected-nodes = 1 }", "expected-nodes")]
    [InlineData("ogrt.cluster-node { required-nodes = 1 }", "required-nodes")]
    [InlineData("ogrt.cluster-node { probe-interval = 9 s }", "probe-interval")]
    [InlineData("ogrt.cluster-node { tls.certificate-file = a }", "tls.ca-file")]
    [InlineData("ogrt.cluster-node { tls.ca-file = a }", "tls.certificate-file")]
    [InlineData("ogrt.cluster-node { plaintext = yes }", "plaintext")]
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
        Assert.Equal(TimeSpan.FromSeconds(8), config.GetTimeSpan("akka.cluster.failure-detector.acceptable-heartbeat-pause"));
        Assert.Empty(config.GetStringList("akka.cluster.sharding.distributed-data.durable.keys"));
    }

    [Theory]
    [InlineData("host = 10.0.0.1", "host is 10.0.0.1")]
    [InlineData("host = node1", "host is node1")]
    [InlineData("bind-host = \"0.0.0.0\"", "bind-host is 0.0.0.0")]
    [InlineData("bind-host = \"::\"", "bind-host is ::")]
    public void Without_TLS_the_port_between_nodes_is_for_this_machine_alone(string hocon, string said)
    {
        var e = Assert.Throws<ConfigurationException>(() => OgrtCluster.Config(Parse($"ogrt.cluster-node {{ {hocon} }}")));
        Assert.Contains(said, e.Message, StringComparison.Ordinal);
        Assert.Contains(ClusterSettings.PlaintextAccepted, e.Message, StringComparison.Ordinal);
        OgrtCluster.Config(Parse($"ogrt.cluster-node {{ {hocon}\n plaintext = \"{ClusterSettings.PlaintextAccepted}\" }}"));
        OgrtCluster.Config(Parse($"ogrt.cluster-node {{ {hocon}\n tls {{ certificate-file = c\n ca-file = a }} }}"));
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("127.0.0.3")]
    [InlineData("\"::1\"")]
    public void A_loopback_address_needs_no_TLS(string host) => OgrtCluster.Config(Parse($"ogrt.cluster-node.host = {host}"));

    [Theory]
    [InlineData(1, 1, "keep-majority")]
    [InlineData(2, 2, "keep-oldest")]
    [InlineData(3, 2, "keep-majority")]
    [InlineData(4, 3, "keep-majority")]
    [InlineData(5, 3, "keep-majority")]
    public void The_expected_size_tells_how_many_found_a_cluster_and_what_goes_on_after_a_split(int expected, int required, string strategy)
    {
        Config config = OgrtCluster.Config(Parse(
            $"ogrt.cluster-node {{ port = 1\n dns.alias = x\n expected-nodes = {expected} }}\nogrt.cluster-node.allow-local-snapshots = on"));
        Assert.Equal(required, config.GetInt("akka.cluster.min-nr-of-members"));
        Assert.Equal(strategy, config.GetString("akka.cluster.split-brain-resolver.active-strategy"));
        Assert.True(config.GetBoolean("akka.cluster.split-brain-resolver.keep-oldest.down-if-alone"));
        ClusterSettings settings = ClusterSettings.Create(config);
        Assert.StartsWith(strategy, SplitBrainStrategy.Explain(settings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("expected-nodes = 3", 7)]
    [InlineData("expected-nodes = 12", 13)]
    [InlineData("expected-nodes = 3 }\nakka.cluster.split-brain-resolver { stable-after = 4 s", 4)]
    public void The_larger_the_cluster_the_longer_it_waits_until_it_puts_a_node_out_unless_told_otherwise(string hocon, int seconds)
    {
        Config config = OgrtCluster.Config(Parse($"ogrt.cluster-node.allow-local-snapshots = on\nogrt.cluster-node {{ port = 1\n dns.alias = x\n {hocon} }}"));
        Assert.Equal(TimeSpan.FromSeconds(seconds), config.GetTimeSpan("akka.cluster.split-brain-resolver.stable-after"));
    }

    [Theory]
    [InlineData("seeds = [\"127.0.0.2:1\", \"127.0.0.3:1\"]", "is not among the seeds")]
    [InlineData("seeds = [\"127.0.0.1:1\", \"127.0.0.2:1\"]\n required-nodes = 1", "can make two")]
    [InlineData("seeds = [\"127.0.0.1:1\", \"127.0.0.2:1\", \"127.0.0.3:1\"]\n expected-nodes = 2", "are expected")]
    [InlineData("seeds = [\"127.0.0.1:1\", \"127.0.0.2:1\"]\n plaintext = \"yes, only servers can reach this network\"", "without TLS")]
    public void What_is_probably_not_meant_is_a_warning_of_check(string hocon, string said)
    {
        ClusterSettings settings = ClusterSettings.Create(Parse($"ogrt.cluster-node {{ port = 1\n {hocon} }}").WithFallback(OgrtCluster.Reference()));
        Assert.Contains(ClusterAdvice.Warnings(settings), w => w.Message.Contains(said, StringComparison.Ordinal));
    }

    [Fact]
    public void Check_says_who_founds_the_cluster_and_what_a_network_split_does()
    {
        ClusterSettings settings = ClusterSettings.Create(Parse(
            "ogrt.cluster-node { port = 1\n roles = []\n seeds = [\"127.0.0.1:1\", \"127.0.0.2:1\", \"127.0.0.3:1\"] }").WithFallback(OgrtCluster.Reference()));
        Assert.Empty(ClusterAdvice.Warnings(settings));
        string notes = string.Join('\n', ClusterAdvice.Notes(settings));
        Assert.Contains("once 2 of 3 nodes agree", notes, StringComparison.Ordinal);
        Assert.Contains("keep-majority", notes, StringComparison.Ordinal);
        Assert.Contains("a store of type local has what came to its node", notes, StringComparison.Ordinal);
        Assert.Contains("jobs live on nodes with the role", notes, StringComparison.Ordinal);
    }
}
