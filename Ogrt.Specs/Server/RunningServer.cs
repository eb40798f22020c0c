using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.RegularExpressions;
using Ogrt.Server.Cli;

namespace Ogrt.Specs.Server;

/// <summary>The real program as a process of its own, on free ports, with a folder of its own.</summary>
internal sealed partial class RunningServer : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(10) };

    private readonly string _folder;
    private readonly List<string> _log = [];
    private readonly Process _process;
    private int _httpPort;

    private RunningServer(string folder, Process process)
    {
        _folder = folder;
        _process = process;
    }

    public int TcpPort { get; private set; }

    public int UdpPort { get; private set; }

    public int Id => _process.Id;

    public string DataDirectory => Path.Combine(_folder, "data");

    public string Log
    {
        get
        {
            lock (_log) return string.Join('\n', _log);
        }
    }

    /// <summary>Starts a server on a folder and waits until it takes frames.</summary>
    public static async Task<RunningServer> StartAsync(string folder, params string[] settings)
    {
        RunningServer server = Launch(folder, settings);
        try
        {
            await server.ReadyAsync();
            return server;
        }
        catch
        {
            server.Dispose();
            throw;
        }
    }

    /// <summary>Starts a server and does not wait.</summary>
    public static RunningServer Launch(string folder, params string[] settings)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "ogrt-server")) { RedirectStandardError = true, WorkingDirectory = folder };
        foreach (string argument in (string[])["run", .. Settings(folder), .. settings.SelectMany(s => new[] { "--set", s })]) start.ArgumentList.Add(argument);
        Process process = Process.Start(start)!;
        var server = new RunningServer(folder, process);
        process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is null) return;
            lock (server._log) server._log.Add(line.Data);
        };
        process.BeginErrorReadLine();
        return server;
    }

    /// <summary>Runs a command of the program in this process, against the server's folder.</summary>
    public async Task<(int ExitCode, string Output, string Error)> CommandAsync(params string[] arguments)
    {
        var output = new StringWriter();
        var error = new StringWriter();
        int exitCode = await new CommandLineProgram(new Terminal { Output = output, Error = error }).RunAsync([.. arguments, .. Settings(_folder)]);
        return (exitCode, output.ToString(), error.ToString());
    }

    public Task<HttpResponseMessage> GetAsync(string path) => Http.GetAsync($"http://127.0.0.1:{_httpPort}{path}");

    public Task<string> MetricsAsync() => Http.GetStringAsync($"http://127.0.0.1:{_httpPort}/metrics");

    /// <summary>The sum of a metric over its labels.</summary>
    public async Task<double> MetricAsync(string name)
    {
        string text = await MetricsAsync();
        return text.Split('\n').Where(l => l.StartsWith(name + " ", StringComparison.Ordinal) || l.StartsWith(name + "{", StringComparison.Ordinal))
            .Sum(l => double.Parse(l[(l.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));
    }

    public async Task SendTcpAsync(params IEnumerable<byte[]> frames)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, TcpPort);
        foreach (byte[] frame in frames) await socket.SendAsync(frame);
    }

    public async Task SendUdpAsync(byte[] frame)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        await socket.SendToAsync(frame, new IPEndPoint(IPAddress.Loopback, UdpPort));
    }

    public void Signal(string name)
    {
        using Process kill = Process.Start("kill", [$"-{name}", Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    /// <summary>Waits for the end of the process.</summary>
    public async Task<int> EndAsync()
    {
        using var limit = new CancellationTokenSource(Limit);
        await _process.WaitForExitAsync(limit.Token);
        return _process.ExitCode;
    }

    /// <summary>Waits until something holds; the server's log is in the failure's message.</summary>
    public async Task UntilAsync(Func<Task<bool>> condition)
    {
        long start = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(start) > Limit) Assert.Fail($"The condition did not come true in time. The server's log:\n{Log}");
            await Task.Delay(20);
        }
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private async Task ReadyAsync()
    {
        await UntilAsync(() =>
        {
            if (_process.HasExited) Assert.Fail($"The server ended with exit code {_process.ExitCode}:\n{Log}");
            return Task.FromResult(Log.EndsWith(": Ready", StringComparison.Ordinal) || Log.Contains(": Ready\n", StringComparison.Ordinal));
        });
        _httpPort = int.Parse(HttpPort().Match(Log).Groups[1].ValueSpan, CultureInfo.InvariantCulture);
        using HttpResponseMessage answer = await GetAsync("/health/ready");
        using JsonDocument document = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        string listeners = document.RootElement.GetProperty("parts").GetProperty("listeners").GetProperty("detail").GetString()!;
        TcpPort = int.Parse(Listener("tcp").Match(listeners).Groups[1].ValueSpan, CultureInfo.InvariantCulture);
        UdpPort = int.Parse(Listener("udp").Match(listeners).Groups[1].ValueSpan, CultureInfo.InvariantCulture);
    }

    private static string[] Settings(string folder) =>
    [
        "--set", "data-directory=" + Path.Combine(folder, "data"), "--set", "http.port=0",
        "--set", "ingest.listener-defaults.tcp.port=0", "--set", "ingest.listener-defaults.udp.port=0",
        "--set", "jobs.record-delay=100 ms", "--set", "sinks.local.batch-linger=50 ms",
    ];

    private static Regex Listener(string name) => new(name + @" \S+:(\d+)");

    [GeneratedRegex(@"Health and metrics on \S+:(\d+),")]
    private static partial Regex HttpPort();
}
