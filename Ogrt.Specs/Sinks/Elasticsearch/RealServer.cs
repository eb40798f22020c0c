using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Ogrt.Specs.Server;

namespace Ogrt.Specs.Sinks.Elasticsearch;

/// <summary>
/// A real Elasticsearch or OpenSearch on a free port, from the folder of services beside the repository; or one that
/// somebody else runs, where a variable names it. It has little room, so that it says 413 and 429 when it is asked for much.
/// </summary>
internal sealed partial class RealServer : IAsyncDisposable
{
    /// <summary>Bytes of a request above which a server of ours says 413.</summary>
    public const int MaxRequestBytes = 1 << 20;

    private const int Kill = 9, Terminate = 15, Continue = 18, Stop = 19;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(300);

    private readonly string? _start;
    private readonly DirectoryInfo? _data;
    private readonly int _port;
    private readonly int _transportPort;
    private readonly HttpClient _http;
    private readonly StringBuilder _said = new();
    private string[] _settings = [];
    private Process? _process;

    private RealServer(string product, string? start, Uri? url)
    {
        Product = product;
        _start = start;
        _port = FreePort();
        _transportPort = FreePort();
        Url = url ?? new Uri($"http://127.0.0.1:{_port}");
        _data = start is null ? null : Directory.CreateTempSubdirectory("ogrt-" + product + "-");
        _http = new HttpClient { BaseAddress = Url };
    }

    public string Product { get; }

    public Uri Url { get; }

    /// <summary>Whether it is ours: it can be killed and its limits are known.</summary>
    public bool IsOurs => _start is not null;

    /// <summary>Starts one, or says why there is none.</summary>
    public static async Task<(RealServer? Server, string Reason)> StartAsync(string product)
    {
        string start = StartOf(product);
        string variable = $"OGRT_TEST_{product.ToUpperInvariant()}_URL";
        if (!File.Exists(start))
        {
            return Environment.GetEnvironmentVariable(variable) is { Length: > 0 } url
                ? (new RealServer(product, null, new Uri(url)), "")
                : (null, $"There is no {product}: neither {start} nor {variable}.");
        }
        if (!HasJava)
            return (null, $"{product} needs a Java runtime, version 17 (Debian: openjdk-17-jre-headless).");
        var server = new RealServer(product, start, null);
        try
        {
            server.Launch();
            await server.UntilReadyAsync();
            return (server, "");
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts a cluster of two nodes; skips the spec where there is none. The second holds data and decides nothing, so that it can be killed.</summary>
    public static async Task<(RealServer First, RealServer Second)> StartPairAsync(string product)
    {
        string start = StartOf(product);
        Assert.SkipUnless(File.Exists(start) && HasJava, $"There is no {product} to start: {start} and a Java runtime are needed.");
        RealServer first = new(product, start, null), second = new(product, start, null);
        string seeds = $"discovery.seed_hosts=127.0.0.1:{first._transportPort},127.0.0.1:{second._transportPort}";
        string deciding = product == "opensearch" ? "cluster_manager" : "master";
        first._settings = [seeds, $"cluster.initial_{deciding}_nodes=node-{first._port}"];
        second._settings = [seeds, "node.roles=data"];
        try
        {
            first.Launch();
            second.Launch();
            await Task.WhenAll(first.UntilReadyAsync(), second.UntilReadyAsync());
            await first.GetAsync("/_cluster/health?wait_for_nodes=2&timeout=120s");
            return (first, second);
        }
        catch
        {
            await first.DisposeAsync();
            await second.DisposeAsync();
            throw;
        }
    }

    /// <summary>Ends it in the middle of whatever it does.</summary>
    public void KillNow()
    {
        _ = Signal(_process!.Id, Kill);
        _process.WaitForExit();
        _process.Dispose();
        _process = null;
    }

    /// <summary>Stops its threads where they are: connections stay, and nothing is read or answered.</summary>
    public void Freeze() => _ = Signal(_process!.Id, Stop);

    /// <summary>Lets them go on.</summary>
    public void Thaw() => _ = Signal(_process!.Id, Continue);

    /// <summary>Starts it again on the same port with the same data.</summary>
    public async Task RestartAsync()
    {
        Launch();
        await UntilReadyAsync();
    }

    public async Task<JsonNode> SendAsync(HttpMethod method, string path, string? body = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        using HttpResponseMessage answer = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        string text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, $"{method} {path}: {(int)answer.StatusCode} {text}");
        return JsonNode.Parse(text.Length == 0 ? "{}" : text)!;
    }

    public async Task<bool> ExistsAsync(string path)
    {
        using HttpResponseMessage answer = await _http.GetAsync(path, TestContext.Current.CancellationToken);
        return answer.IsSuccessStatusCode;
    }

    public Task<JsonNode> GetAsync(string path) => SendAsync(HttpMethod.Get, path);

    public Task<JsonNode> PutAsync(string path, string body) => SendAsync(HttpMethod.Put, path, body);

    /// <summary>What is found, as documents by id; refreshed before.</summary>
    public async Task<IReadOnlyDictionary<string, JsonElement>> DocumentsAsync(string index, string query = """{"match_all":{}}""")
    {
        await SendAsync(HttpMethod.Post, $"/{index}/_refresh");
        JsonNode answer = await SendAsync(HttpMethod.Post, $"/{index}/_search?size=10000", "{\"query\":" + query + "}");
        return answer["hits"]!["hits"]!.AsArray().ToDictionary(
            h => h!["_id"]!.GetValue<string>(), h => JsonSerializer.SerializeToElement(h!["_source"]));
    }

    public async Task<long> CountAsync(string index)
    {
        await SendAsync(HttpMethod.Post, $"/{index}/_refresh");
        return (await GetAsync($"/{index}/_count"))["count"]!.GetValue<long>();
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (_process is { } process)
        {
            _ = Signal(process.Id, Terminate);
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
            try
            {
                await process.WaitForExitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                _ = Signal(process.Id, Kill);
                process.WaitForExit();
            }
            process.Dispose();
        }
        _data?.Delete(recursive: true);
    }

    private static bool HasJava => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(d => File.Exists(Path.Combine(d, "java")));

    private static string StartOf(string product) =>
        Path.GetFullPath(Path.Combine(Repository.Root, "..", "shared", "services", product, "start.sh"));

    private void Launch()
    {
        var start = new ProcessStartInfo(_start!,
        [
            "--http-port", $"{_port}", "--transport-port", $"{_transportPort}", "--data", _data!.FullName,
            $"http.max_content_length={MaxRequestBytes}b", "thread_pool.write.size=1", "thread_pool.write.queue_size=1",
            .. _settings,
        ])
        { RedirectStandardError = true, RedirectStandardOutput = true };
        _process = Process.Start(start)!;
        DataReceivedEventHandler keep = (_, line) =>
        {
            lock (_said)
                _said.AppendLine(line.Data);
        };
        _process.ErrorDataReceived += keep;
        _process.OutputDataReceived += keep;
        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();
    }

    private async Task UntilReadyAsync()
    {
        long begin = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                using HttpResponseMessage answer = await _http.GetAsync("/");
                if (answer.StatusCode == HttpStatusCode.OK)
                    return;
            }
            catch (HttpRequestException)
            {
                // Not there yet.
            }
            if (_process!.HasExited || Stopwatch.GetElapsedTime(begin) > Patience)
                throw new InvalidOperationException($"{Product} does not start:\n{_said}");
            await Task.Delay(100);
        }
    }

    /// <summary>Waits until the sink "es" has nothing left to deliver; a real server on a busy machine takes its time.</summary>
    public static Task DeliveredAsync(SinkServer sinks) => UntilAsync(() => sinks.Sink("es") is { LagRecords: 0, BatchesOutside: 0 }, sinks);

    /// <summary>Waits until something holds of the sink "es".</summary>
    public static async Task UntilAsync(Func<bool> holds, SinkServer sinks)
    {
        for (long begin = Stopwatch.GetTimestamp(); !holds(); await Task.Delay(5, TestContext.Current.CancellationToken))
            Assert.True(Stopwatch.GetElapsedTime(begin) < Patience, $"Still not so: {sinks.Sink("es").State}");
    }

    public static int FreePort()
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Signal(int process, int signal);
}
