using System.Net;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;
using Ogrt.Sinks;
using Ogrt.Sinks.Http;

namespace Ogrt.Specs.Sinks.Http;

/// <summary>TLS with a private authority and client certificates.</summary>
public sealed class HttpTlsSpec : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly TestAuthority _authority = new("ours");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _authority.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task A_server_of_a_private_authority_is_trusted_by_its_file_and_not_without_it()
    {
        await using WebApplication server = await StartAsync(ClientCertificateMode.NoCertificate);
        string ca = _directory.File("ca.pem");
        await File.WriteAllTextAsync(ca, _authority.Certificate.ExportCertificatePem(), Cancellation);

        Assert.Equal(200, await StatusAsync(server, tls => tls with { CaFile = ca }));
        Assert.Equal(200, await StatusAsync(server, tls => tls with { Verify = false }));
        await RefusedAsync(server, tls => tls);
        using var other = new TestAuthority("another");
        await File.WriteAllTextAsync(ca, other.Certificate.ExportCertificatePem(), Cancellation);
        await RefusedAsync(server, tls => tls with { CaFile = ca });
    }

    [Fact]
    public async Task The_name_in_the_certificate_must_be_that_of_the_endpoint()
    {
        await using WebApplication server = await StartAsync(ClientCertificateMode.NoCertificate, "elsewhere.example");
        await File.WriteAllTextAsync(_directory.File("ca.pem"), _authority.Certificate.ExportCertificatePem(), Cancellation);
        await RefusedAsync(server, tls => tls with { CaFile = _directory.File("ca.pem") });
    }

    [Fact]
    public async Task A_client_certificate_is_shown_and_a_new_one_is_used_when_the_file_changes()
    {
        await using WebApplication server = await StartAsync(ClientCertificateMode.RequireCertificate);
        await File.WriteAllTextAsync(_directory.File("ca.pem"), _authority.Certificate.ExportCertificatePem(), Cancellation);
        WriteClient("first");
        HttpTargetSettings settings = Settings(server, tls => tls with
        {
            CaFile = _directory.File("ca.pem"),
            ClientCertificateFile = _directory.File("client.pem"),
            ClientKeyFile = _directory.File("client.key"),
        });
        using HttpTarget target = HttpTargets.Target(settings);
        Assert.Equal("CN=first", await BodyAsync(target));
        WriteClient("the second");
        Assert.Equal("CN=the second", await BodyAsync(target));
    }

    [Fact]
    public async Task A_file_that_is_no_certificate_is_a_pause_that_names_it()
    {
        await using WebApplication server = await StartAsync(ClientCertificateMode.NoCertificate);
        await File.WriteAllTextAsync(_directory.File("ca.pem"), "nothing", Cancellation);
        using HttpTarget target = HttpTargets.Target(Settings(server, tls => tls with { CaFile = _directory.File("ca.pem") }));
        using HttpAnswer answer = await target.SendAsync(HttpTargets.Get, Cancellation).InTime();
        Assert.Equal((HttpAnswerKind.Misconfigured, "certificate_unreadable"), (answer.Kind, answer.Reason));
        Assert.Contains("ca.pem", answer.Detail, StringComparison.Ordinal);
    }

    private async Task RefusedAsync(WebApplication server, Func<HttpTlsSettings, HttpTlsSettings> change)
    {
        using HttpTarget target = HttpTargets.Target(Settings(server, change));
        using HttpAnswer answer = await target.SendAsync(HttpTargets.Get, Cancellation).InTime();
        Assert.Equal((HttpAnswerKind.Misconfigured, "tls_failed"), (answer.Kind, answer.Reason));
        Assert.Equal(SinkVerdictKind.Pause, HttpVerdicts.Of(answer).Kind);
    }

    private static async Task<int> StatusAsync(WebApplication server, Func<HttpTlsSettings, HttpTlsSettings> change)
    {
        using HttpTarget target = HttpTargets.Target(Settings(server, change));
        using HttpAnswer answer = await target.SendAsync(HttpTargets.Get, Cancellation).InTime();
        return answer.Status;
    }

    private static async Task<string> BodyAsync(HttpTarget target)
    {
        using HttpAnswer answer = await target.SendAsync(HttpTargets.Get, Cancellation).InTime();
        Assert.True(answer.IsSuccess, answer.Describe());
        return System.Text.Encoding.UTF8.GetString(answer.Body.Span);
    }

    private static HttpTargetSettings Settings(WebApplication server, Func<HttpTlsSettings, HttpTlsSettings> change)
    {
        HttpTargetSettings settings = HttpTargets.Settings(new Uri(server.Urls.Single()));
        return settings with { Tls = change(settings.Tls) };
    }

    private void WriteClient(string name)
    {
        using X509Certificate2 client = _authority.Issue(name);
        using RSA key = client.GetRSAPrivateKey()!;
        File.WriteAllText(_directory.File("client.pem"), client.ExportCertificatePem());
        File.WriteAllText(_directory.File("client.key"), key.ExportPkcs8PrivateKeyPem());
    }

    private async Task<WebApplication> StartAsync(ClientCertificateMode mode, string name = "127.0.0.1")
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        X509Certificate2 certificate = _authority.Issue(name);
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(https =>
        {
            https.ServerCertificate = certificate;
            https.ClientCertificateMode = mode;
            https.SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13;
            https.ClientCertificateValidation = (shown, _, _) => shown.Issuer == _authority.Certificate.Subject;
        })));
        WebApplication server = builder.Build();
        server.MapGet("/", (HttpContext context) => context.Connection.ClientCertificate?.Subject ?? "");
        await server.StartAsync(Cancellation);
        return server;
    }
}
