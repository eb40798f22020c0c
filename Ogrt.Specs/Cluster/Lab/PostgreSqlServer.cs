using System.Diagnostics;
using System.Net;
using System.Runtime.InteropServices;
using Ogrt.Specs.EndToEnd;

namespace Ogrt.Specs.Cluster.Lab;

/// <summary>A real PostgreSQL in a directory of its own; it ends with whoever started it.</summary>
internal sealed partial class PostgreSqlServer : IAsyncDisposable
{
    private const int Interrupt = 2, Kill = 9;
    private const string User = "nobody";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(20);
    private static readonly string? Programs = Directory.Exists("/usr/lib/postgresql")
        ? Directory.EnumerateDirectories("/usr/lib/postgresql").Select(d => Path.Combine(d, "bin")).Where(d => File.Exists(Path.Combine(d, "initdb"))).Order().LastOrDefault()
        : null;

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("ogrt-pg-");
    private readonly IPEndPoint _place;
    private readonly string? _space;
    private Process? _process;

    private PostgreSqlServer(IPEndPoint place, string? space) => (_place, _space) = (place, space);

    /// <summary>Why there can be none on this machine; empty where there can.</summary>
    public static string Missing => Programs is null ? "PostgreSQL's programs are not installed (package postgresql)" : "";

    /// <summary>Where it answers.</summary>
    public IPEndPoint Place => _place;

    /// <summary>How to reach it, for <c>ogrt.jobs.snapshots.postgresql.connection</c>.</summary>
    public string Connection => $"Host={_place.Address};Port={_place.Port};Database=postgres;Username=ogrt";

    /// <summary>Settings of a node that keeps its snapshots there.</summary>
    public string Settings => $"ogrt.jobs.snapshots.store = postgresql\nogrt.jobs.snapshots.postgresql {{\n connection = \"{Connection}\"\n timeout = 3 s\n }}";

    /// <summary>Makes one and waits until it answers: whoever is in its network may come in.</summary>
    /// <param name="place">Its address and port; a free port of the loopback without it.</param>
    /// <param name="space">The network namespace that it runs in; null for this one.</param>
    /// <exception cref="InvalidOperationException">It could not be made.</exception>
    public static async Task<PostgreSqlServer> StartAsync(IPEndPoint? place = null, string? space = null)
    {
        var server = new PostgreSqlServer(place ?? new IPEndPoint(IPAddress.Loopback, ServerProcess.FreePort()), space);
        try
        {
            // It refuses to run as root.
            if (Environment.IsPrivilegedProcess)
                await RunAsync("chown", $"{User}:", server._directory.FullName);
            await RunAsync([.. server.As("initdb"), "-D", server.Data, "-U", "ogrt", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]);
            await File.AppendAllTextAsync(Path.Combine(server.Data, "pg_hba.conf"), "host all all samenet trust\n");
            await server.BeginAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts it, also again, and waits until it answers.</summary>
    public async Task BeginAsync()
    {
        string[] command =
        [
            .. _space is null ? (string[])[] : ["ip", "netns", "exec", _space], .. As("postgres"), "-D", Data, "-k", _directory.FullName,
            "-p", $"{_place.Port}", "-c", $"listen_addresses={_place.Address}", "-c", "max_connections=100",
        ];
        _process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        _process.OutputDataReceived += (_, _) => { };
        _process.ErrorDataReceived += (_, _) => { };
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        long start = Stopwatch.GetTimestamp();
        while (await TryAsync([Path.Combine(Programs!, "pg_isready"), "-q", "-h", $"{_place.Address}", "-p", $"{_place.Port}", "-t", "1"]) != 0)
        {
            if (Stopwatch.GetElapsedTime(start) > Limit)
                throw new InvalidOperationException($"PostgreSQL does not answer at {_place}.");
            await Task.Delay(LookAgain);
        }
    }

    /// <summary>Ends it as a crash does.</summary>
    public async Task KillAsync()
    {
        // The first process; the others notice.
        _ = Signal(_process!.Id, Kill);
        await _process.WaitForExitAsync();
    }

    /// <summary>Ends it in order: connections are broken off, and what is committed is kept.</summary>
    public async Task StopAsync()
    {
        if (_process is not { HasExited: false }) return;
        _ = Signal(_process.Id, Interrupt);
        await _process.WaitForExitAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _directory.Delete(recursive: true);
    }

    private string Data => Path.Combine(_directory.FullName, "data");

    private string[] As(string program) => Environment.IsPrivilegedProcess
        ? ["setpriv", $"--reuid={User}", "--regid=nogroup", "--clear-groups", Path.Combine(Programs!, program)]
        : [Path.Combine(Programs!, program)];

    private static async Task RunAsync(params string[] command)
    {
        int exitCode = await TryAsync(command);
        if (exitCode != 0)
            throw new InvalidOperationException($"{string.Join(' ', command)} ended with {exitCode}.");
    }

    private static async Task<int> TryAsync(string[] command)
    {
        using Process process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, WorkingDirectory = "/" })!;
        await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode;
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Signal(int pid, int signal);
}
