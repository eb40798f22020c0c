using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Ogrt.Specs.Server;
using Ogrt.Specs.Sinks.Http;

namespace Ogrt.Specs.Sinks.Splunk;

/// <summary>
/// A collector that is not of this project: the splunkhecreceiver of the OpenTelemetry Collector, from the folder of services
/// beside the repository. It writes what it takes into a file.
/// </summary>
internal sealed partial class RealCollector : IAsyncDisposable
{
    private const int Kill = 9, Terminate = 15;

    private static readonly string Start = Path.GetFullPath(Path.Combine(Repository.Root, "..", "shared", "services", "hec", "start.sh"));

    private readonly TempDirectory _directory = new();
    private readonly HttpClient _http;
    private readonly TestAuthority? _authority;
    private readonly int _port = FreePort();
    private readonly int _ackPort = FreePort();
    private Process? _process;

    private RealCollector(TestAuthority? authority)
    {
        _authority = authority;
        var handler = new HttpClientHandler { ServerCertificateCustomValidationCallback = (_, shown, _, _) => shown?.Issuer == authority?.Certificate.Subject };
        if (authority is not null)
            handler.ClientCertificates.Add(authority.Issue("the spec"));
        _http = new HttpClient(handler);
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Splunk", SplunkSinks.Token);
    }

    /// <summary>Where it takes events: with acknowledgement or without.</summary>
    public string Url(bool acknowledgement) => $"{(_authority is null ? "http" : "https")}://127.0.0.1:{(acknowledgement ? _ackPort : _port)}";

    /// <summary>Starts one; skips the spec, with the reason, where there is none.</summary>
    /// <param name="authority">Who has signed its certificate, and those of the clients that it wants; null for no TLS.</param>
    public static async Task<RealCollector> StartAsync(TestAuthority? authority = null)
    {
        Assert.SkipUnless(File.Exists(Start), $"There is no HEC receiver: {Start} is not there.");
        var collector = new RealCollector(authority);
        try
        {
            await collector.LaunchAsync();
            return collector;
        }
        catch
        {
            await collector.DisposeAsync();
            throw;
        }
    }

    /// <summary>Ends it in the middle of whatever it does, and starts it again over the same file.</summary>
    public async Task RestartAsync()
    {
        _ = Signal(_process!.Id, Kill);
        await _process.WaitForExitAsync();
        _process.Dispose();
        await LaunchAsync();
    }

    /// <summary>The events that it has taken; a line that a kill has torn is passed over.</summary>
    public List<(JsonElement Resource, JsonElement Record)> Taken()
    {
        var events = new List<(JsonElement, JsonElement)>();
        foreach (string line in File.ReadLines(OutFile))
        {
            JsonElement root;
            try
            {
                root = JsonDocument.Parse(line).RootElement;
            }
            catch (JsonException)
            {
                continue;
            }
            foreach (JsonElement resource in root.GetProperty("resourceLogs").EnumerateArray())
            {
                foreach (JsonElement scope in resource.GetProperty("scopeLogs").EnumerateArray())
                    events.AddRange(scope.GetProperty("logRecords").EnumerateArray().Select(r => (resource.GetProperty("resource"), r)));
            }
        }
        return events;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { } process)
        {
            _ = Signal(process.Id, Terminate);
            await process.WaitForExitAsync();
            process.Dispose();
        }
        _http.Dispose();
        _directory.Dispose();
    }

    private string OutFile => _directory.File("taken.jsonl");

    private async Task LaunchAsync()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(OutFile)!);
        // What it says goes to our own output: only a start that fails says much.
        var start = new ProcessStartInfo(Start);
        if (_authority is not null)
        {
            start.ArgumentList.Add("--config");
            start.ArgumentList.Add(WriteTls(_authority));
        }
        start.Environment["HEC_PORT"] = $"{_port}";
        start.Environment["HEC_ACK_PORT"] = $"{_ackPort}";
        start.Environment["HEC_TOKEN"] = SplunkSinks.Token;
        start.Environment["HEC_OUT"] = OutFile;
        _process = Process.Start(start)!;
        bool[] ready = [false, false];
        await SinkServer.UntilAsync(() =>
        {
            Assert.False(_process.HasExited, "The HEC receiver ended at its start; its words are in the output.");
            for (int n = 0; n < 2; n++)
                ready[n] = ready[n] || IsReady(Url(n == 1));
            return ready[0] && ready[1];
        });
    }

    private string WriteTls(TestAuthority authority)
    {
        using X509Certificate2 certificate = authority.Issue("127.0.0.1");
        using RSA key = certificate.GetRSAPrivateKey()!;
        File.WriteAllText(_directory.File("server.pem"), certificate.ExportCertificatePem());
        File.WriteAllText(_directory.File("server.key"), key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(_directory.File("ca.pem"), authority.Certificate.ExportCertificatePem());
        string tls = $"{{ cert_file: {_directory.File("server.pem")}, key_file: {_directory.File("server.key")}, client_ca_file: {_directory.File("ca.pem")} }}";
        File.WriteAllText(_directory.File("tls.yaml"), $"receivers:\n  splunk_hec:\n    tls: {tls}\n  splunk_hec/ack:\n    tls: {tls}\n");
        return _directory.File("tls.yaml");
    }

    private bool IsReady(string url)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, url + "/services/collector/health");
            using HttpResponseMessage answer = _http.Send(request);
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var socket = new System.Net.Sockets.Socket(System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Signal(int process, int signal);
}
