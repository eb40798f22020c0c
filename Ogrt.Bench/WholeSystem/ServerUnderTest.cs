using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Ogrt.Bench.WholeSystem;

/// <summary>A real <c>ogrt-server run</c> in a process and a data directory of its own, with what the kernel and its own
/// metrics say of it.</summary>
internal sealed class ServerUnderTest : IAsyncDisposable
{
    private const int Terminate = 15;
    private readonly Process _process;
    private readonly DirectoryInfo _data;
    private readonly HttpClient _http;

    private ServerUnderTest(Process process, DirectoryInfo data, int port, int httpPort)
    {
        _process = process;
        _data = data;
        Port = port;
        _http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{httpPort}/") };
    }

    /// <summary>The port of its listeners, TCP and UDP.</summary>
    public int Port { get; }

    /// <summary>Starts a server and waits until it is ready.</summary>
    /// <exception cref="InvalidOperationException">It ended before it was ready, with what it had said.</exception>
    public static async Task<ServerUnderTest> StartAsync(IEnumerable<string> settings, CancellationToken cancellation)
    {
        DirectoryInfo data = Directory.CreateTempSubdirectory("ogrt-bench-");
        int port = FreePort(), http = FreePort();
        List<string> arguments = [Path.Combine(AppContext.BaseDirectory, "ogrt-server.dll"), "run"];
        foreach (string setting in (string[])[$"ogrt.data-directory={data.FullName}", $"ogrt.http.port={http}",
            $"ogrt.ingest.listeners.tcp.port={port}", $"ogrt.ingest.listeners.udp.port={port}", .. settings])
            arguments.AddRange(["--set", setting]);
        ProcessStartInfo start = new(Environment.ProcessPath!.EndsWith("dotnet", StringComparison.Ordinal) ? Environment.ProcessPath : "dotnet", arguments)
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            WorkingDirectory = data.FullName,
        };
        Process process = Process.Start(start)!;
        List<string> said = [];
        process.ErrorDataReceived += (_, line) => Keep(said, line.Data);
        process.OutputDataReceived += (_, line) => Keep(said, line.Data);
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        ServerUnderTest server = new(process, data, port, http);
        while (!await server.IsReadyAsync(cancellation))
        {
            if (process.HasExited)
                throw new InvalidOperationException("The server ended before it was ready:\n" + string.Join('\n', said));
            await Task.Delay(50, cancellation);
        }
        return server;
    }

    /// <summary>Processor time of all its threads so far, user and system, in seconds.</summary>
    public double ProcessorSeconds()
    {
        _process.Refresh();
        return _process.TotalProcessorTime.TotalSeconds;
    }

    /// <summary>The largest resident set so far, in MiB (<c>VmHWM</c>).</summary>
    public double PeakMemoryMiB()
    {
        string line = File.ReadLines($"/proc/{_process.Id}/status").First(l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024.0;
    }

    /// <summary>The sum over all labels of each metric.</summary>
    public async Task<IReadOnlyDictionary<string, double>> MetricsAsync(CancellationToken cancellation)
    {
        Dictionary<string, double> sums = [];
        foreach (string line in (await _http.GetStringAsync("metrics", cancellation)).Split('\n'))
        {
            int end = line.IndexOfAny(['{', ' ']);
            int value = line.LastIndexOf(' ');
            if (end <= 0 || line[0] == '#' || !double.TryParse(line[(value + 1)..], CultureInfo.InvariantCulture, out double number))
                continue;
            sums[line[..end]] = sums.GetValueOrDefault(line[..end]) + number;
        }
        return sums;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (!_process.HasExited)
        {
            _ = Libc.Kill(_process.Id, Terminate);
            using CancellationTokenSource patience = new(TimeSpan.FromSeconds(60));
            try
            {
                await _process.WaitForExitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                _process.Kill();
            }
        }
        _process.Dispose();
        _data.Delete(recursive: true);
    }

    private async Task<bool> IsReadyAsync(CancellationToken cancellation)
    {
        try
        {
            using HttpResponseMessage answer = await _http.GetAsync("health/ready", cancellation);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static void Keep(List<string> lines, string? line)
    {
        if (line is not null)
            lock (lines)
                lines.Add(line);
    }

    private static int FreePort()
    {
        using Socket socket = new(SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.IPv6Any, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
