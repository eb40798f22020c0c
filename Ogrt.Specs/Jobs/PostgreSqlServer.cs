using System.Diagnostics;
using System.Runtime.InteropServices;
using Ogrt.Specs.EndToEnd;

namespace Ogrt.Specs.Jobs;

/// <summary>A real PostgreSQL in a directory of its own, on a free port of the loopback; it ends with the spec.</summary>
internal sealed partial class PostgreSqlServer : IAsyncDisposable
{
    private const int Interrupt = 2, Kill = 9;
    private const string User = "nobody";
    private static readonly string? Programs = Directory.Exists("/usr/lib/postgresql")
        ? Directory.EnumerateDirectories("/usr/lib/postgresql").Select(d => Path.Combine(d, "bin")).Where(d => File.Exists(Path.Combine(d, "initdb"))).Order().LastOrDefault()
        : null;

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("ogrt-pg-");
    private readonly int _port = ServerProcess.FreePort();
    private Process? _process;

    /// <summary>Why there can be none on this machine; empty where there can.</summary>
    public static string Missing => Programs is null ? "PostgreSQL's programs are not installed (package postgresql)" : "";

    /// <summary>How to reach it, for <c>ogrt.jobs.snapshots.postgresql.connection</c>.</summary>
    public string Connection => $"Host=127.0.0.1;Port={_port};Database=postgres;Username=ogrt";

    /// <summary>Settings of a node that keeps its snapshots there.</summary>
    public string Settings => $"ogrt.jobs.snapshots.store = postgresql\nogrt.jobs.snapshots.postgresql {{\n connection = \"{Connection}\"\n timeout = 2 s\n }}";

    /// <summary>Makes one and waits until it answers.</summary>
    public static async Task<PostgreSqlServer> StartAsync()
    {
        var server = new PostgreSqlServer();
        try
        {
            // It refuses to run as root.
            if (Environment.IsPrivilegedProcess)
                await RunAsync("chown", $"{User}:", server._directory.FullName);
            await RunAsync([.. server.As("initdb"), "-D", server.Data, "-U", "ogrt", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]);
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
        string[] command = [.. As("postgres"), "-D", Data, "-k", _directory.FullName, "-p", $"{_port}", "-c", "listen_addresses=127.0.0.1", "-c", "max_connections=50"];
        _process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        _process.OutputDataReceived += (_, _) => { };
        _process.ErrorDataReceived += (_, _) => { };
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        await Condition.HoldsAsync(async () => await TryAsync([Path.Combine(Programs!, "pg_isready"), "-q", "-h", "127.0.0.1", "-p", $"{_port}", "-t", "1"]) == 0,
            () => $"PostgreSQL does not answer at port {_port}.");
    }

    /// <summary>Ends it as a crash does.</summary>
    public async Task KillAsync()
    {
        // The first process; the others notice.
        _ = Signal(_process!.Id, Kill);
        await _process.WaitForExitAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            _ = Signal(_process.Id, Interrupt);
            await _process.WaitForExitAsync();
        }
        _directory.Delete(recursive: true);
    }

    private string Data => Path.Combine(_directory.FullName, "data");

    private string[] As(string program) => Environment.IsPrivilegedProcess
        ? ["setpriv", $"--reuid={User}", "--regid=nogroup", "--clear-groups", Path.Combine(Programs!, program)]
        : [Path.Combine(Programs!, program)];

    private static async Task RunAsync(params string[] command)
    {
        int exitCode = await TryAsync(command);
        Assert.True(exitCode == 0, $"{string.Join(' ', command)} ended with {exitCode}.");
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
