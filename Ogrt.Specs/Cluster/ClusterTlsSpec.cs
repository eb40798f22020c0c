using System.Security.Cryptography.X509Certificates;
using Akka.Actor;
using Akka.Configuration;
using Ogrt.Actors.Cluster;
using Ogrt.Specs.Sinks.Http;

namespace Ogrt.Specs.Cluster;

/// <summary>Nodes of one authority make a cluster over TLS; whoever has no certificate of it, or none for its name, stays out.</summary>
public sealed class ClusterTlsSpec : IDisposable
{
    private const string Quick = """
        akka { loglevel = WARNING
          stdout-loglevel = OFF
          loggers = []
          remote.retry-gate-closed-for = 200 ms
          cluster { gossip-interval = 100 ms
            leader-actions-interval = 100 ms
            periodic-tasks-initial-delay = 100 ms
          }
          coordinated-shutdown.run-by-clr-shutdown-hook = off
        }
        ogrt.cluster-node { stable-margin = 500 ms
          probe-interval = 100 ms
          allow-local-snapshots = on
        }
        """;

    private readonly Jobs.TempDirectory _directory = new();
    private readonly TestAuthority _authority = new("servers"), _other = new("others");
    private readonly List<ActorSystem> _systems = [];

    public void Dispose()
    {
        foreach (ActorSystem system in _systems)
            system.Terminate().Wait(TimeSpan.FromSeconds(20));
        _authority.Dispose();
        _other.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task Two_nodes_with_certificates_of_one_authority_make_one_cluster()
    {
        (int a, int b) = (EndToEnd.ServerProcess.FreePort(), EndToEnd.ServerProcess.FreePort());
        Task<ActorSystem> first = UpAsync(Node(a, b, a, Tls("a", _authority, "127.0.0.1")));
        Task<ActorSystem> second = UpAsync(Node(a, b, b, Tls("b", _authority, "127.0.0.1")));
        Assert.Equal("akka.ssl.tcp", Akka.Cluster.Cluster.Get(await first).SelfAddress.Protocol);
        Assert.Equal(2, Akka.Cluster.Cluster.Get(await second).State.Members.Count);
    }

    [Theory]
    [InlineData("authority", "PartialChain|UntrustedRoot|self.signed|unable to get|Untrusted")]
    [InlineData("name", "verify-host")]
    [InlineData("peer", "peer-names")]
    [InlineData("usage", "usage|purpose|NotValidForUsage|requested")]
    [InlineData("ended", "expired|NotTimeValid|validity|not within")]
    public void What_is_not_a_certificate_of_a_server_of_this_cluster_is_refused(string fault, string said)
    {
        string peerNames = fault == "peer" ? "tls.peer-names = [\"ogrt-cluster\"]\n" : "";
        ClusterTls tls = ClusterTls.Load(Settings(Tls("own", _authority, fault == "peer" ? "ogrt-cluster" : "127.0.0.1") + peerNames).Tls);
        using X509Certificate2 peer = fault switch
        {
            "authority" => _other.Issue("127.0.0.1"),
            "name" => _authority.Issue("node9"),
            "usage" => Issue(usage: "1.3.6.1.5.5.7.3.4", ends: DateTimeOffset.UtcNow.AddDays(1)),
            "ended" => Issue(usage: null, ends: DateTimeOffset.UtcNow.AddMinutes(-1)),
            _ => _authority.Issue("127.0.0.1"),
        };
        var log = new Recorder();
        Assert.False(tls.IsAccepted(peer, null, "akka.ssl.tcp://ogrt@127.0.0.1:7972", default, log));
        Assert.Matches("(?i)" + said, log.Text);
        Assert.Equal(fault == "name", tls.IsAccepted(peer, null, "[::ffff:127.0.0.1]:4711", default, log));
        Assert.False(tls.IsAccepted(null, null, "[::ffff:127.0.0.1]:4711", default, log));
    }

    [Fact]
    public void A_new_authority_in_the_file_counts_without_a_restart()
    {
        ClusterTls tls = ClusterTls.Load(Settings(Tls("own", _authority, "127.0.0.1")).Tls);
        using X509Certificate2 peer = _other.Issue("127.0.0.1");
        var log = new Recorder();
        Assert.False(tls.IsAccepted(peer, null, "akka.ssl.tcp://ogrt@127.0.0.1:1", default, log));
        File.AppendAllText(_directory["own.ca"], "\n" + _other.Certificate.ExportCertificatePem());
        Assert.True(tls.IsAccepted(peer, null, "akka.ssl.tcp://ogrt@127.0.0.1:1", default, log));
        File.WriteAllText(_directory["own.ca"], "half written");
        Assert.True(tls.IsAccepted(peer, null, "akka.ssl.tcp://ogrt@127.0.0.1:1", default, log));
    }

    [Fact]
    public void A_file_that_cannot_be_used_is_named_with_its_key()
    {
        string sound = Tls("own", _authority, "127.0.0.1");
        Assert.Contains("tls.ca-file", Refusal(sound.Replace("own.ca", "none", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Contains("tls.certificate-file", Refusal(sound.Replace("own.crt", "none", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Contains("tls.key-file", Refusal(sound.Replace("own.key", "none", StringComparison.Ordinal)), StringComparison.Ordinal);
        Tls("foreign", _other, "127.0.0.1");
        Assert.Contains("would refuse", Refusal(sound.Replace("own.ca", "foreign.ca", StringComparison.Ordinal)), StringComparison.Ordinal);
        string Refusal(string tls) => Assert.Throws<ConfigurationException>(() => ClusterTls.Load(Settings(tls).Tls)).Message;
    }

    [Fact]
    public async Task A_node_without_a_certificate_of_the_authority_gets_no_answer()
    {
        (int a, int b) = (EndToEnd.ServerProcess.FreePort(), EndToEnd.ServerProcess.FreePort());
        ActorSystem inside = OgrtCluster.CreateSystem(Node(a, b, a, Tls("a", _authority, "127.0.0.1")));
        // It trusts this cluster's authority, so that the refusal is the cluster's.
        ActorSystem outside = OgrtCluster.CreateSystem(Node(a, b, b, Tls("b", _other, "127.0.0.1", trusts: _authority)));
        _systems.AddRange([inside, outside]);
        var probe = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        inside.EventStream.Subscribe(inside.ActorOf(Props.Create(() => new Listener(probe))), typeof(Akka.Event.Warning));
        OgrtCluster.Start(inside);
        var node = OgrtCluster.Start(outside);
        Assert.Contains("is refused", await probe.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.False(node.Up.IsCompleted);
    }

    private async Task<ActorSystem> UpAsync(Config config)
    {
        ActorSystem system = OgrtCluster.CreateSystem(config);
        _systems.Add(system);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(40));
        await OgrtCluster.UpAsync(system, OgrtCluster.Start(system), limit.Token);
        return system;
    }

    private static Config Node(int a, int b, int port, string tls) => OgrtCluster.Config(ConfigurationFactory.ParseString($$"""
        ogrt.cluster-node {
          port = {{port}}
          seeds = ["127.0.0.1:{{a}}", "127.0.0.1:{{b}}"]
          {{tls}}
        }
        """).WithFallback(ConfigurationFactory.ParseString(Quick)));

    private static ClusterSettings Settings(string tls) =>
        ClusterSettings.Create(ConfigurationFactory.ParseString($"ogrt.cluster-node {{\n{tls}\n}}").WithFallback(OgrtCluster.Reference()));

    private string Tls(string name, TestAuthority authority, string host, TestAuthority? trusts = null)
    {
        using X509Certificate2 certificate = authority.Issue(host);
        File.WriteAllText(_directory[name + ".crt"], certificate.ExportCertificatePem());
        using (System.Security.Cryptography.RSA key = certificate.GetRSAPrivateKey()!)
            File.WriteAllText(_directory[name + ".key"], key.ExportPkcs8PrivateKeyPem());
        // Its own authority as well: a node whose certificate it would refuse itself does not start.
        File.WriteAllText(_directory[name + ".ca"], authority.Certificate.ExportCertificatePem() + "\n" + trusts?.Certificate.ExportCertificatePem());
        return $"tls.certificate-file = \"{_directory[name + ".crt"]}\"\ntls.key-file = \"{_directory[name + ".key"]}\"\ntls.ca-file = \"{_directory[name + ".ca"]}\"\n"
            .TrimEnd() + "\n";
    }

    private X509Certificate2 Issue(string? usage, DateTimeOffset ends) => _authority.Issue("127.0.0.1", usage, ends);

    private sealed class Listener(TaskCompletionSource<string> heard) : UntypedActor
    {
        protected override void OnReceive(object message)
        {
            if (message is Akka.Event.Warning warning && warning.Message.ToString()!.Contains("certificate of", StringComparison.Ordinal))
                heard.TrySetResult(warning.Message.ToString()!);
        }
    }

    private sealed class Recorder : Akka.Event.LoggingAdapterBase
    {
        private readonly List<string> _said = [];

        public Recorder()
            : base(Akka.Event.SemanticLogMessageFormatter.Instance)
        {
        }

        public string Text => string.Join('\n', _said);

        public override bool IsDebugEnabled => false;

        public override bool IsErrorEnabled => true;

        public override bool IsInfoEnabled => true;

        public override bool IsWarningEnabled => true;

        protected override void NotifyLog(Akka.Event.LogLevel logLevel, object message, Exception? cause = null) => _said.Add(message.ToString()!);
    }
}
