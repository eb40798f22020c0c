using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Ogrt.Specs.EndToEnd;

/// <summary>A real <c>ogrt-server run</c> in a process of its own, on free ports, with what the kernel and its own metrics
/// say of it. The whole-system benchmark runs it as well.</summary>
internal sealed partial class ServerProcess : IAsyncDisposable
{
    private const int Terminate = 15, Kill = 9;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly HttpClient _http;
    private readonly List<string> _settings;
    private readonly IReadOnlyDictionary<string, string> _environment;
    private readonly List<string> _said = [];
    private Process _process;

    private ServerProcess(
        DirectoryInfo data, string below, int port, int httpPort, IEnumerable<string> settings, IReadOnlyDictionary<string, string>? environment)
    {
        DataDirectory = data;
        _environment = environment ?? new Dictionary<string, string>();
        Port = port;
        _settings =
        [
            $"ogrt.data-directory={Path.Combine(data.FullName, below)}", $"ogrt.http.port={httpPort}",
            $"ogrt.ingest.listeners.tcp.port={port}", $"ogrt.ingest.listeners.udp.port={port}", .. settings,
        ];
        _http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{httpPort}/") };
        _process = Launch(["run"]);
    }

    /// <summary>Where it keeps everything; deleted with it.</summary>
    public DirectoryInfo DataDirectory { get; }

    /// <summary>The port of its listeners, TCP and UDP.</summary>
    public int Port { get; }

    /// <summary>Its settings that are not the defaults, each <c>KEY=VALUE</c>.</summary>
    public IReadOnlyList<string> Settings => _settings;

    /// <summary>What it has written so far.</summary>
    public string Said
    {
        get
        {
            lock (_said)
                return string.Join('\n', _said);
        }
    }

    /// <summary>Starts a server and waits until it is ready.</summary>
    /// <param name="settings">What it is to have otherwise than by default.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <param name="below">Where in <see cref="DataDirectory"/> it keeps everything; it works in the directory itself.</param>
    /// <param name="environment">Variables that it has beside those of this process.</param>
    /// <exception cref="InvalidOperationException">It ended before it was ready, with what it had said.</exception>
    public static async Task<ServerProcess> StartAsync(
        IEnumerable<string> settings, CancellationToken cancellation, string below = "", IReadOnlyDictionary<string, string>? environment = null)
    {
        ServerProcess server = new(Directory.CreateTempSubdirectory("ogrt-"), below, FreePort(), FreePort(), settings, environment);
        await server.UntilReadyAsync(cancellation);
        return server;
    }

    /// <summary>Ends it as the kernel would, in the middle of whatever it does.</summary>
    public void KillNow()
    {
        _ = Signal(_process.Id, Kill);
        _process.WaitForExit();
    }

    /// <summary>Starts it again in the same directory and waits until it is ready.</summary>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <param name="canBeReady">Whether it can become ready; with a full disk it has to have started and no more.</param>
    public async Task RestartAsync(CancellationToken cancellation, bool canBeReady = true)
    {
        _process.Dispose();
        lock (_said)
            _said.Clear();
        _process = Launch(["run"]);
        if (canBeReady)
            await UntilReadyAsync(cancellation);
        else
            await UntilAsync(() => Task.FromResult(Said), said => said.Contains("ogrt-server: Ready", StringComparison.Ordinal) || _process.HasExited, cancellation);
        if (_process.HasExited)
            throw new InvalidOperationException($"The server ended with {_process.ExitCode} at its start:\n{Said}");
    }

    /// <summary>Asks it to stop and waits for its end.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> StopAsync(CancellationToken cancellation)
    {
        _ = Signal(_process.Id, Terminate);
        await _process.WaitForExitAsync(cancellation).WaitAsync(Patience, cancellation);
        return _process.ExitCode;
    }

    /// <summary>Runs a command of the same program on the same configuration.</summary>
    /// <returns>Its standard output.</returns>
    /// <exception cref="InvalidOperationException">It did not end with 0.</exception>
    public async Task<string> CommandAsync(string[] command, CancellationToken cancellation)
    {
        using Process process = Process.Start(StartInfo(command))!;
        Task<string> error = process.StandardError.ReadToEndAsync(cancellation);
        string output = await process.StandardOutput.ReadToEndAsync(cancellation);
        await process.WaitForExitAsync(cancellation);
        return process.ExitCode == 0
            ? output
            : throw new InvalidOperationException($"{string.Join(' ', command)} ended with {process.ExitCode}: {await error}");
    }

    /// <summary>The processes of a job as <c>ogrt-server job JOB --json</c> has them; empty while nobody knows the job.</summary>
    public async Task<IReadOnlyList<JsonElement>> ProcessesAsync(string job, CancellationToken cancellation)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(await CommandAsync(["job", job, "--json"], cancellation));
            return [.. document.RootElement.GetProperty("processes").EnumerateArray().Select(process => process.Clone())];
        }
        catch (InvalidOperationException)
        {
            return [];
        }
    }

    /// <summary>Asks again until the answer satisfies, and returns it.</summary>
    /// <exception cref="TimeoutException">It did not within a minute; the message holds what the server said.</exception>
    public async Task<T> UntilAsync<T>(Func<Task<T>> ask, Func<T, bool> satisfies, CancellationToken cancellation)
    {
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            T answer = await ask();
            if (satisfies(answer))
                return answer;
            if (Stopwatch.GetElapsedTime(start) > Patience)
                throw new TimeoutException($"Not within {Patience.TotalSeconds} s; the last answer was {answer}. The server said:\n{Said}");
            await Task.Delay(100, cancellation);
        }
    }

    /// <summary>Processor time of all its threads so far, user and system, in seconds.</summary>
    public double ProcessorSeconds() => ProcessCost.ProcessorSeconds(_process.Id);

    /// <summary>Its resident set, in MiB: the largest so far (<c>VmHWM</c>) or the present one (<c>VmRSS</c>).</summary>
    public double MemoryMiB(string field = "VmHWM") => ProcessCost.MemoryMiB(_process.Id, field);

    /// <summary>Each metric, summed over its labels.</summary>
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

    /// <summary>Each series of the metrics as it is written, labels included.</summary>
    public async Task<IReadOnlyDictionary<string, double>> SeriesAsync(CancellationToken cancellation) =>
        SeriesOf(await _http.GetStringAsync("metrics", cancellation));

    /// <summary>Each series of metrics in Prometheus' text as it is written, labels included.</summary>
    public static IReadOnlyDictionary<string, double> SeriesOf(string text)
    {
        Dictionary<string, double> series = [];
        foreach (string line in text.Split('\n'))
        {
            int value = line.LastIndexOf(' ');
            if (value > 0 && line[0] != '#' && double.TryParse(line[(value + 1)..], CultureInfo.InvariantCulture, out double number))
                series[line[..value]] = number;
        }
        return series;
    }

    /// <summary>What each listener has rejected so far, by its reason.</summary>
    public async Task<IReadOnlyDictionary<(string Listener, string Reason), double>> RejectionsAsync(CancellationToken cancellation)
    {
        Dictionary<(string, string), double> rejections = [];
        foreach (Match line in Rejected().Matches(await _http.GetStringAsync("metrics", cancellation)))
            rejections[(line.Groups["listener"].Value, line.Groups["reason"].Value)] = double.Parse(line.Groups["count"].Value, CultureInfo.InvariantCulture);
        return rejections;
    }

    /// <summary>Whether it says that it is ready.</summary>
    public async Task<bool> IsReadyAsync(CancellationToken cancellation)
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

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (!_process.HasExited)
        {
            try
            {
                await StopAsync(CancellationToken.None);
            }
            catch (TimeoutException)
            {
                KillNow();
            }
        }
        _process.Dispose();
        DataDirectory.Delete(recursive: true);
    }

    /// <summary>A port that nobody listens on now.</summary>
    public static int FreePort()
    {
        using Socket socket = new(SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.IPv6Any, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Signal(int process, int signal);

    [GeneratedRegex("""^ogrt_ingest_rejected_total\{listener="(?<listener>[^"]*)",reason="(?<reason>[^"]*)"\} (?<count>\S+)""", RegexOptions.Multiline)]
    private static partial Regex Rejected();

    private Process Launch(string[] command)
    {
        Process process = Process.Start(StartInfo(command))!;
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        return process;
    }

    private ProcessStartInfo StartInfo(string[] command)
    {
        ProcessStartInfo start = new("dotnet", [Path.Combine(AppContext.BaseDirectory, "ogrt-server.dll"), .. command])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            WorkingDirectory = DataDirectory.FullName,
        };
        foreach ((string name, string value) in _environment)
            start.Environment[name] = value;
        foreach (string setting in _settings)
        {
            start.ArgumentList.Add("--set");
            start.ArgumentList.Add(setting);
        }
        return start;
    }

    private void Keep(string? line)
    {
        if (line is not null)
            lock (_said)
                _said.Add(line);
    }

    private async Task UntilReadyAsync(CancellationToken cancellation)
    {
        while (!await IsReadyAsync(cancellation))
        {
            if (_process.HasExited)
                throw new InvalidOperationException($"The server ended with {_process.ExitCode} before it was ready:\n{Said}");
            await Task.Delay(50, cancellation);
        }
    }
}
