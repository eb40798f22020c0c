using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Ogrt.Specs.EndToEnd;

namespace Ogrt.Bench.WholeSystem;

/// <summary>The Elasticsearch end in a process of its own, so that its work is not counted as the server's.</summary>
internal sealed class BulkEndProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly HttpClient _http;

    private BulkEndProcess(Process process, int port)
    {
        _process = process;
        Url = $"http://127.0.0.1:{port.ToString(CultureInfo.InvariantCulture)}";
        _http = new HttpClient { BaseAddress = new Uri(Url) };
    }

    /// <summary>Where it is.</summary>
    public string Url { get; }

    /// <summary>Starts it and waits until it accepts connections.</summary>
    public static Task<BulkEndProcess> StartAsync(CancellationToken cancellation) => StartAsync(ServerProcess.FreePort(), cancellation);

    /// <summary>Starts it on a port and waits until it accepts connections.</summary>
    public static async Task<BulkEndProcess> StartAsync(int port, CancellationToken cancellation)
    {
        Process process = Process.Start(new ProcessStartInfo(
            "dotnet", [typeof(BulkEndProcess).Assembly.Location, "bulk", port.ToString(CultureInfo.InvariantCulture)]) { RedirectStandardOutput = true })!;
        string? said = await process.StandardOutput.ReadLineAsync(cancellation);
        return said == "ready" ? new BulkEndProcess(process, port) : throw new InvalidOperationException($"The bulk end does not start: {said}");
    }

    /// <summary>Documents that it has accepted.</summary>
    public async Task<long> DocumentsAsync(CancellationToken cancellation)
    {
        using JsonDocument counts = JsonDocument.Parse(await _http.GetStringAsync("/counts", cancellation));
        return counts.RootElement.GetProperty("documents").GetInt64();
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
