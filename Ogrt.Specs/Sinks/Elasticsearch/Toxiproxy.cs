using System.Diagnostics;
using System.Net.Http.Json;
using System.Runtime.InteropServices;
using Ogrt.Specs.Server;

namespace Ogrt.Specs.Sinks.Elasticsearch;

/// <summary>A proxy whose faults are set while a spec runs: ../shared/services/toxiproxy.</summary>
internal sealed partial class Toxiproxy : IAsyncDisposable
{
    private readonly Process _process;
    private readonly HttpClient _http;

    private Toxiproxy(Process process, int port)
    {
        _process = process;
        _http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
    }

    /// <summary>Where a sink is to send.</summary>
    public string Url { get; private set; } = "";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<Toxiproxy> StartAsync(Uri upstream)
    {
        string program = Path.GetFullPath(Path.Combine(Repository.Root, "..", "shared", "services", "toxiproxy", "toxiproxy-server"));
        Assert.SkipUnless(File.Exists(program), $"There is no {program}.");
        int port = RealServer.FreePort();
        Process process = Process.Start(new ProcessStartInfo(program, ["-host", "127.0.0.1", "-port", $"{port}"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var proxy = new Toxiproxy(process, port);
        int listen = RealServer.FreePort();
        proxy.Url = $"http://127.0.0.1:{listen}";
        bool made = false;
        for (long begin = Stopwatch.GetTimestamp(); !made && Stopwatch.GetElapsedTime(begin) < TimeSpan.FromSeconds(30);)
        {
            try
            {
                using HttpResponseMessage answer = await proxy._http.PostAsJsonAsync(
                    "/proxies", new { name = "es", listen = $"127.0.0.1:{listen}", upstream = upstream.Authority, enabled = true }, Cancellation);
                made = answer.IsSuccessStatusCode;
            }
            catch (HttpRequestException)
            {
                await Task.Delay(20, Cancellation);
            }
        }
        Assert.True(made, "Toxiproxy does not start.");
        return proxy;
    }

    /// <summary>Adds a fault.</summary>
    public async Task AddAsync(string type, string stream, object attributes)
    {
        using HttpResponseMessage answer = await _http.PostAsJsonAsync("/proxies/es/toxics", new { name = type, type, stream, toxicity = 1.0, attributes }, Cancellation);
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>Cuts the line, or mends it.</summary>
    public async Task EnableAsync(bool enabled)
    {
        using HttpResponseMessage answer = await _http.PostAsJsonAsync("/proxies/es", new { enabled }, Cancellation);
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>Takes all faults away.</summary>
    public async Task ResetAsync()
    {
        using HttpResponseMessage answer = await _http.PostAsync("/reset", null, Cancellation);
        answer.EnsureSuccessStatusCode();
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        _ = Signal(_process.Id, 15);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Signal(int process, int signal);
}
