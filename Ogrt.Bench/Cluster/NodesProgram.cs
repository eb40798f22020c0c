using System.Globalization;
using System.Runtime.InteropServices;
using Ogrt.Specs.Cluster.Lab;

namespace Ogrt.Bench.Cluster;

/// <summary>What a cluster costs and how long its changes take, measured on real servers: see <see cref="Usage"/>.</summary>
internal static class NodesProgram
{
    public const string Usage = """
        nodes restart [--rate 20000] [--alone 200]              a rolling restart under load: what is lost, and how long senders wait
        nodes kill    [--rate 1000] [--runs 3]                  how soon after a SIGKILL the jobs live elsewhere
        nodes leave   [--rate 1000] [--runs 3]                  the same after a SIGTERM
        nodes scale   [--nodes 2] [--seconds 20] [--ends yes] [--share 0.5]   one node on one processor, several on one each, as many
                                                                that are no cluster; with --share each has that part of the first
                                                                processor (to be run with taskset on another)
        nodes job     [--count 2000000] [--hosts 64]            one job over three nodes: time and memory of its tree
        nodes idle    [--seconds 60]                            three nodes without load
        and with each: [--nodes 3] [--jobs 48] [--per-connection N] [--connections N] [--warm-up SECONDS] [--runs N] [--ends yes|no]
                           [--store postgresql|directory] [--set KEY=VALUE]…
        """;

    /// <summary>Runs one of them.</summary>
    /// <returns>0; 1 when something was lost; 64 on a usage error.</returns>
    public static async Task<int> RunAsync(string[] arguments)
    {
        if (arguments is ["--help"] or ["-h"])
        {
            Console.WriteLine($"usage: {Usage}");
            return 0;
        }
        NodesOptions options;
        try
        {
            options = NodesOptions.Parse(arguments);
        }
        catch (Exception e) when (e is FormatException or OverflowException)
        {
            Console.Error.WriteLine($"{e.Message}\nusage: {Usage}");
            return 64;
        }
        using var stop = new CancellationTokenSource();
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal =>
        {
            signal.Cancel = true;
            stop.Cancel();
        });
        try
        {
            return arguments[0] switch
            {
                "restart" => await RollingRestart.RunAsync(options, stop.Token),
                "kill" => await NodeGone.RunAsync(options, inOrder: false, stop.Token),
                "leave" => await NodeGone.RunAsync(options, inOrder: true, stop.Token),
                "scale" => await ScaledNodes.RunAsync(options, stop.Token),
                "job" => await LargeJob.RunAsync(options, stop.Token),
                _ => await IdleNodes.RunAsync(options, stop.Token),
            };
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            Console.Error.WriteLine("Interrupted; everything is taken down.");
            return 130;
        }
    }

    /// <summary>A laboratory with the settings that a server has by itself, and those of the options.</summary>
    public static Task<ClusterLab> LabAsync(NodesOptions options, int nodes, CancellationToken cancel, params int[] processors) => ClusterLab.CreateAsync(
        new LabOptions
        {
            Nodes = nodes,
            Processors = processors,
            WithDatabase = options.WithDatabase && PostgreSqlServer.Missing.Length == 0,
            Settings = string.Join('\n', options.Settings.Select(Line)),
        },
        cancel);

    /// <summary>Waits until everything that the nodes have taken is in its trees.</summary>
    public static Task SettledAsync(ClusterLab lab, CancellationToken cancel) => lab.UntilAsync(async () =>
    {
        foreach (LabNode node in lab.Nodes)
        {
            IReadOnlyDictionary<string, double> series = await node.SeriesAsync();
            if (series.GetValueOrDefault("ogrt_journal_reader_lag_records{reader=\"jobs\"}", -1) != 0)
                return false;
        }
        return true;
    }, "everything that was sent is in its tree", cancel);

    /// <summary>Processes in the trees of these jobs.</summary>
    public static async Task<long> CountAsync(ClusterLab lab, IEnumerable<string> jobs)
    {
        long count = 0;
        foreach (string job in jobs)
            count += await lab.CountProcessesAsync(job) ?? 0;
        return count;
    }

    private static string Line(string setting)
    {
        string[] parts = setting.Split('=', 2);
        return string.Create(CultureInfo.InvariantCulture, $"{parts[0]} = \"{parts[1]}\"");
    }
}
