using System.Diagnostics;
using Ogrt.Specs.Cluster.Lab;

namespace Ogrt.Bench.Cluster;

/// <summary>Real programs, some under the preload library and as many without, one after the other, and how long each ran.</summary>
internal sealed class TrackedPrograms : IAsyncDisposable
{
    /// <summary>The job that the tracked ones are of.</summary>
    public const string Job = "tracked";

    /// <summary>The library that lets its programs say where they send to, as the build installs it.</summary>
    public static readonly string Library = Path.Combine("var", "cluster", "lib", "libogrt.so");

    private const string Program = "/bin/true";
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private readonly Dictionary<string, string> _variables;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    private TrackedPrograms(IEnumerable<LabNode> nodes, string library)
    {
        _variables = new Dictionary<string, string>
        {
            ["LD_PRELOAD"] = library,
            ["OGRT_ACTIVE"] = "yes",
            ["OGRT_SERVERS"] = string.Join(',', nodes.Select(n => FormattableString.Invariant($"{n.Address}:{LabNode.FramePort}"))),
            ["JOBID"] = Job,
        };
        _running = Task.Run(RunAsync);
    }

    /// <summary>How long those ran that were tracked.</summary>
    public Waits Tracked { get; } = new();

    /// <summary>How long the others ran.</summary>
    public Waits Others { get; } = new();

    /// <summary>Begins, where the library is built; null where it is not.</summary>
    public static TrackedPrograms? Start(IEnumerable<LabNode> nodes) =>
        File.Exists(Library) ? new TrackedPrograms(nodes, Path.GetFullPath(Library)) : null;

    /// <summary>Ends it.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            Tracked.Add(Run(_variables));
            Others.Add(Run([]));
            await Task.Delay(Pause, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static TimeSpan Run(Dictionary<string, string> variables)
    {
        var start = new ProcessStartInfo(Program);
        start.Environment.Clear();
        foreach ((string name, string value) in variables)
            start.Environment[name] = value;
        long begun = Stopwatch.GetTimestamp();
        using Process process = Process.Start(start)!;
        process.WaitForExit();
        return Stopwatch.GetElapsedTime(begun);
    }
}
