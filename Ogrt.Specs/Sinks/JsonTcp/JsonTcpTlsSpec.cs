using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Ogrt.Sinks;
using Ogrt.Specs.Sinks.Http;

namespace Ogrt.Specs.Sinks.JsonTcp;

/// <summary>Lines over TLS with a private authority, client certificates and names.</summary>
public sealed class JsonTcpTlsSpec : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly TestAuthority _authority = new("ours");

    public JsonTcpTlsSpec() => File.WriteAllText(_directory.File("ca.pem"), _authority.Certificate.ExportCertificatePem());

    private string Tls => $"tls {{ enabled = on, ca-file = \"{_directory.File("ca.pem")}\" }}\n";

    private string ClientFiles => $"tls {{ client-certificate-file = \"{_directory.File("client.pem")}\", client-key-file = \"{_directory.File("client.key")}\" }}\n";

    public void Dispose()
    {
        _authority.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task An_end_of_a_private_authority_gets_lines_over_TLS()
    {
        await using var end = new LineServer(tls: LineServer.Tls(_authority.Issue("127.0.0.1")));
        await using SinkServer server = TcpSinks.Server(end, Tls + "batch-count = 50");
        server.AppendProcesses(0, 1000);
        await server.StartAsync();
        await server.DeliveredAsync("tcp");
        await end.HasAsync(1000);
        Assert.Equal(Enumerable.Range(0, 1000), TcpSinks.Numbers(end));
        Assert.Equal(1, end.Connections);
    }

    [Theory]
    [InlineData("tls.enabled = on")]
    [InlineData("tls { enabled = on, ca-file = \"OTHER\" }")]
    [InlineData("tls { enabled = on, ca-file = \"CA\", server-name = \"elsewhere.example\" }")]
    public async Task An_end_that_is_not_trusted_gets_nothing_and_the_sink_says_why(string tls)
    {
        using var other = new TestAuthority("another");
        await File.WriteAllTextAsync(_directory.File("other.pem"), other.Certificate.ExportCertificatePem(), TestContext.Current.CancellationToken);
        await using var end = new LineServer(tls: LineServer.Tls(_authority.Issue("127.0.0.1")));
        tls = tls.Replace("OTHER", _directory.File("other.pem"), StringComparison.Ordinal).Replace("CA", _directory.File("ca.pem"), StringComparison.Ordinal);
        await using SinkServer server = TcpSinks.Server(end, tls);
        server.AppendProcesses(0, 10);
        await server.StartAsync();
        await server.UntilAsync(s => s is { Phase: SinkPhase.Paused, Reason: "tls_failed" });
        Assert.Empty(end.Lines);
    }

    [Fact]
    public async Task The_name_in_the_certificate_can_be_told()
    {
        await using var end = new LineServer(tls: LineServer.Tls(_authority.Issue("log.example")));
        await using SinkServer server = TcpSinks.Server(end, Tls + "tls.server-name = \"log.example\"");
        server.AppendProcesses(0, 10);
        await server.StartAsync();
        await server.DeliveredAsync("tcp");
        await end.HasAsync(10);
    }

    [Fact]
    public async Task A_client_certificate_that_is_refused_has_nothing_counted_until_another_one_is_there()
    {
        // With TLS 1.3 the server refuses when the client thinks that the handshake is over: lines written then are lost.
        await using var end = new LineServer(tls: LineServer.Tls(_authority.Issue("127.0.0.1"), _authority.Certificate));
        using var stranger = new TestAuthority("a stranger");
        WriteClient(stranger);
        await using SinkServer server = TcpSinks.Server(end, Tls + ClientFiles + "settle-time = 0 s");
        server.AppendProcesses(0, 100);
        await server.StartAsync();
        await server.UntilAsync(s => s.Reason == "tls_failed" && end.Refused.Count >= 3);
        Assert.Equal(0, server.Sink("tcp").Metrics.Counts.Delivered);
        WriteClient(_authority);
        await server.DeliveredAsync("tcp");
        await end.HasAsync(100);
        Assert.Equal(Enumerable.Range(0, 100), TcpSinks.Numbers(end));
    }

    [Fact]
    public async Task Without_a_client_certificate_that_is_asked_for_nothing_counts_either()
    {
        await using var end = new LineServer(tls: LineServer.Tls(_authority.Issue("127.0.0.1"), _authority.Certificate));
        await using SinkServer server = TcpSinks.Server(end, Tls + "settle-time = 0 s");
        server.AppendProcesses(0, 100);
        await server.StartAsync();
        await server.UntilAsync(s => s.Reason == "tls_failed" && end.Refused.Count >= 3);
        Assert.Equal((0, 100), (server.Sink("tcp").Metrics.Counts.Delivered, server.Sink("tcp").LagRecords));
    }

    [Fact]
    public async Task A_file_that_is_no_certificate_is_a_pause_that_names_it()
    {
        await File.WriteAllTextAsync(_directory.File("ca.pem"), "nothing", TestContext.Current.CancellationToken);
        await using var end = new LineServer(tls: LineServer.Tls(_authority.Issue("127.0.0.1")));
        await using SinkServer server = TcpSinks.Server(end, Tls);
        server.AppendProcesses(0, 10);
        await server.StartAsync();
        await server.UntilAsync(s => s is { Phase: SinkPhase.Paused, Reason: "certificate_unreadable" });
        Assert.Contains("ca.pem", server.State().Detail, StringComparison.Ordinal);
        await File.WriteAllTextAsync(_directory.File("ca.pem"), _authority.Certificate.ExportCertificatePem(), TestContext.Current.CancellationToken);
        await server.DeliveredAsync("tcp");
    }

    [Fact]
    public async Task An_end_that_speaks_no_TLS_is_said_to_be_one()
    {
        await using var end = new LineServer(async (_, _, stream, _) => await stream.WriteAsync("220 hello\r\n"u8.ToArray()));
        await using SinkServer server = TcpSinks.Server(end, Tls);
        server.AppendProcesses(0, 10);
        await server.StartAsync();
        await server.UntilAsync(s => s.Reason == "tls_failed");
        Assert.Equal(0, server.Sink("tcp").Metrics.Counts.Delivered);
    }

    private void WriteClient(TestAuthority authority)
    {
        using X509Certificate2 client = authority.Issue("a client");
        using RSA key = client.GetRSAPrivateKey()!;
        File.WriteAllText(_directory.File("client.key"), key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(_directory.File("client.pem"), client.ExportCertificatePem());
    }
}
