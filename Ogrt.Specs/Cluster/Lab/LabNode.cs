using System.Globalization;
using System.Net;
using System.Text.Json;
using Ogrt.Server.Cli;
using Ogrt.Specs.Soak;

namespace Ogrt.Specs.Cluster.Lab;

/// <summary>A server of a laboratory: a real <c>ogrt-server run</c> with a folder, a configuration file and an address of its own.</summary>
internal sealed class LabNode(int index, IPAddress address, string? space, string folder, string data, string configuration) : IAsyncDisposable
{
    /// <summary>The port that takes frames.</summary>
    public const int FramePort = 7971;

    /// <summary>The port between nodes.</summary>
    public const int ClusterPort = 7972;

    /// <summary>The port of health and metrics.</summary>
    public const int HttpPort = 7980;

    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(3) };
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(120);

    private LabProgram? _program;

    public int Index => index;

    public IPAddress Address => address;

    /// <summary>Its IPv6 address; null where there are no namespaces.</summary>
    public IPAddress? AddressV6 { get; init; }

    /// <summary>As <c>cluster show</c> has it.</summary>
    public string Name => string.Create(CultureInfo.InvariantCulture, $"{address}:{ClusterPort}");

    /// <summary>Its network namespace; null where there are none.</summary>
    public string? Space => space;

    public string Folder => folder;

    /// <summary>The file that commands take with <c>--config</c>.</summary>
    public string Configuration => configuration;

    /// <summary>Its data directory.</summary>
    public string Data => data;

    /// <summary>The file system of its data; null where that is the machine's.</summary>
    public SmallDisk? Disk { get; init; }

    /// <summary>Its clock; null where that is the machine's.</summary>
    public JumpingClock? Clock { get; init; }

    /// <summary>The only processor that it runs on; null for any.</summary>
    public int? Processor { get; init; }

    public string Journal => Path.Combine(data, "journal");

    public string LogFile => Path.Combine(folder, "log");

    public bool Runs => _program is { HasEnded: false };

    public int? ProcessId => _program?.Id;

    /// <summary>What the present process has logged.</summary>
    public string Said => _program?.Said ?? "";

    /// <summary>How its process ended last.</summary>
    public int? ExitCode => _program is { HasEnded: true } ended ? ended.ExitCode : null;

    /// <summary>Starts its process; does not wait.</summary>
    /// <param name="settings">What it is to have otherwise this time, each <c>KEY=VALUE</c>.</param>
    public async Task StartAsync(params string[] settings)
    {
        if (_program is not null)
            await _program.DisposeAsync();
        string[] command =
        [
            .. Processor is { } only ? new[] { "taskset", "-c", only.ToString(CultureInfo.InvariantCulture) } : [],
            "dotnet", Path.Combine(AppContext.BaseDirectory, "ogrt-server.dll"), "run", "--config", configuration,
            .. settings.SelectMany(s => new[] { "--set", s }),
        ];
        _program = space is null
            ? LabProgram.Start(command[0], command[1..], LogFile, Clock?.Environment)
            : LabProgram.Start("ip", ["netns", "exec", space, .. command], LogFile, Clock?.Environment);
    }

    /// <summary>Ends it as the kernel would, and waits for that.</summary>
    public async Task KillAsync()
    {
        if (_program is null) return;
        _program.Signal("KILL");
        await _program.EndAsync(StopLimit);
    }

    /// <summary>Takes all of its files away, as a new disk has none. It must not run.</summary>
    public void LoseDisk() => Directory.Delete(data, recursive: true);

    /// <summary>Lets it stop in order.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> StopAsync()
    {
        if (_program is null) return 0;
        _program.Signal("TERM");
        return await _program.EndAsync(StopLimit);
    }

    /// <summary>Takes the processor from it, until <see cref="Resume"/>.</summary>
    public void Pause() => _program?.Signal("STOP");

    /// <summary>Gives the processor back.</summary>
    public void Resume() => _program?.Signal("CONT");

    /// <summary>Waits for the end of its process.</summary>
    public Task<int> EndAsync() => _program!.EndAsync(StopLimit);

    /// <summary>Whether it takes frames.</summary>
    public async Task<bool> IsReadyAsync()
    {
        try
        {
            using HttpResponseMessage answer = await Http.GetAsync(new Uri($"http://{address}:{HttpPort}/health/ready"));
            return answer.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return false;
        }
    }

    /// <summary>Each series of its metrics, labels included; nothing while it does not answer.</summary>
    public async Task<IReadOnlyDictionary<string, double>> SeriesAsync()
    {
        try
        {
            return EndToEnd.ServerProcess.SeriesOf(await Http.GetStringAsync(new Uri($"http://{address}:{HttpPort}/metrics")));
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return new Dictionary<string, double>();
        }
    }

    /// <summary>Processor time of its process so far, in seconds.</summary>
    public double ProcessorSeconds() => EndToEnd.ProcessCost.ProcessorSeconds(_program!.Id);

    /// <summary>The largest resident set of its process so far, in MiB.</summary>
    public double MemoryMiB() => EndToEnd.ProcessCost.MemoryMiB(_program!.Id, "VmHWM");

    /// <summary>Runs a command of the program in this process, on this node's configuration.</summary>
    public async Task<(int ExitCode, string Output, string Error)> CommandAsync(params string[] arguments)
    {
        await using StringWriter output = new();
        await using StringWriter error = new();
        int code = await new CommandLineProgram(new Terminal { Output = output, Error = error }).RunAsync([.. arguments, "--config", configuration]);
        return (code, output.ToString(), error.ToString());
    }

    /// <summary>The nodes that it sees up and reachable, and the cluster's founding; nothing while it does not answer.</summary>
    public async Task<(string Id, IReadOnlyList<string> Up)> ClusterAsync()
    {
        (int code, string output, _) = await CommandAsync("cluster", "show", "--json");
        if (code > 1) return ("", []);
        using JsonDocument document = JsonDocument.Parse(output);
        return (document.RootElement.GetProperty("id").GetString()!,
        [
            .. document.RootElement.GetProperty("members").EnumerateArray()
                .Where(m => m.GetProperty("status").GetString() == "up" && m.GetProperty("is_reachable").GetBoolean())
                .Select(m => m.GetProperty("node").GetString()!),
        ]);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_program is not null)
            await _program.DisposeAsync();
        _program = null;
        Disk?.Dispose();
    }
}
