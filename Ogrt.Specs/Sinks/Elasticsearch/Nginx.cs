using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Ogrt.Specs.Sinks.Http;

namespace Ogrt.Specs.Sinks.Elasticsearch;

/// <summary>
/// nginx before a server: TLS by a private authority, client certificates that are asked for, and basic authentication. It
/// runs in the foreground as one process and ends by its id.
/// </summary>
internal sealed partial class Nginx : IAsyncDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly TestAuthority _authority = new("nginx");
    private readonly Process _process;

    private Nginx(string program, Uri upstream)
    {
        Port = RealServer.FreePort();
        File.WriteAllText(In("ca.pem"), _authority.Certificate.ExportCertificatePem());
        Write("server", "127.0.0.1");
        Write("client", "ogrt");
        // {SHA} is one of the forms that nginx reads: https://nginx.org/en/docs/http/ngx_http_auth_basic_module.html
#pragma warning disable CA5350 // It is nginx's form, and protects nothing here.
        string hash = Convert.ToBase64String(SHA1.HashData(Encoding.UTF8.GetBytes("geheim")));
#pragma warning restore CA5350
        File.WriteAllText(In("users"), $"alice:{{SHA}}{hash}\n");
        File.WriteAllText(In("password"), "geheim\n");
        File.WriteAllText(In("nginx.conf"), $$"""
            daemon off;
            master_process off;
            pid {{In("pid")}};
            error_log {{In("error.log")}};
            events { worker_connections 64; }
            http {
              access_log off;
              client_body_temp_path {{In("body")}};
              proxy_temp_path {{In("proxy")}};
              fastcgi_temp_path {{In("fastcgi")}};
              uwsgi_temp_path {{In("uwsgi")}};
              scgi_temp_path {{In("scgi")}};
              client_max_body_size 2m;
              server {
                listen 127.0.0.1:{{Port}} ssl;
                ssl_certificate {{In("server.pem")}};
                ssl_certificate_key {{In("server.key")}};
                ssl_client_certificate {{In("ca.pem")}};
                ssl_verify_client on;
                auth_basic "es";
                auth_basic_user_file {{In("users")}};
                location / { proxy_pass {{upstream}}; proxy_http_version 1.1; proxy_set_header Connection ""; }
              }
            }
            """);
        _process = Process.Start(new ProcessStartInfo(program, ["-p", _directory.Path, "-c", In("nginx.conf")]) { RedirectStandardError = true })!;
    }

    public int Port { get; }

    /// <summary>The settings of a sink that may pass.</summary>
    public string Settings => $$"""
        authentication = basic, username = alice, secret-file = "{{In("password")}}"
        tls { ca-file = "{{In("ca.pem")}}", client-certificate-file = "{{In("client.pem")}}", client-key-file = "{{In("client.key")}}" }
        """;

    public string PasswordFile => In("password");

    public string Url => $"https://127.0.0.1:{Port}";

    public static async Task<Nginx> StartAsync(Uri upstream)
    {
        string? program = new[] { "/usr/sbin/nginx", "/usr/bin/nginx" }.FirstOrDefault(File.Exists);
        Assert.SkipWhen(program is null, "nginx is not installed (Debian: nginx-light).");
        var nginx = new Nginx(program!, upstream);
        try
        {
            await SinkServer.UntilAsync(() => nginx.Accepts(), () => nginx._process.HasExited ? nginx._process.StandardError.ReadToEnd() : "nginx does not listen");
        }
        catch
        {
            await nginx.DisposeAsync();
            throw;
        }
        return nginx;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _ = Signal(_process.Id, 15);
        await _process.WaitForExitAsync();
        _process.Dispose();
        _authority.Dispose();
        _directory.Dispose();
    }

    private bool Accepts()
    {
        try
        {
            using var client = new TcpClient("127.0.0.1", Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private void Write(string file, string name)
    {
        using X509Certificate2 certificate = _authority.Issue(name);
        using RSA key = certificate.GetRSAPrivateKey()!;
        File.WriteAllText(In(file + ".pem"), certificate.ExportCertificatePem());
        File.WriteAllText(In(file + ".key"), key.ExportPkcs8PrivateKeyPem());
    }

    private string In(string name) => _directory.File(name);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Signal(int process, int signal);
}
