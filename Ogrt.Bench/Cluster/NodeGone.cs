using System.Diagnostics;
using System.Globalization;
using Ogrt.Specs.Cluster.Lab;

namespace Ogrt.Bench.Cluster;

/// <summary>A node is killed, or leaves, and its jobs live elsewhere after a while.</summary>
internal static class NodeGone
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(50), Before = TimeSpan.FromSeconds(15);

    /// <summary>Runs it on one node after the other.</summary>
    public static async Task<int> RunAsync(NodesOptions options, bool inOrder, CancellationToken cancel)
    {
        await using ClusterLab lab = await NodesProgram.LabAsync(options, options.Nodes, cancel);
        await lab.StartAsync(cancel);
        using NodeLoad load = NodeLoad.Start(lab.Nodes, new NodeLoad.Plan(options.Jobs, options.Hosts, options.Rate, options.PerConnection, Threads: options.Connections));
        List<double> took = [];
        for (int run = 0; run < options.Runs; run++)
        {
            await Task.Delay(Before, cancel);
            await lab.UntilAsync(async () => await LiveAsync(lab.Nodes) == options.JobCount, "all jobs live", cancel);
            LabNode node = lab.Nodes[run % lab.Nodes.Count];
            LabNode[] others = [.. lab.Nodes.Where(n => n != node)];
            double had = await LiveAsync([node]);
            long start = Stopwatch.GetTimestamp();
            Task ending = inOrder ? node.StopAsync() : node.KillAsync();
            while (await LiveAsync(others) != options.JobCount)
                await Task.Delay(LookAgain, cancel);
            took.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
            await ending;
            double ended = Stopwatch.GetElapsedTime(start).TotalSeconds;
            await node.StartAsync();
            await lab.WholeAsync(cancel);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{node.Name} with {had} of {options.JobCount} jobs: all live elsewhere after {took[^1]:F1} s; its process ended after {ended:F1} s; all nodes ready again after {Stopwatch.GetElapsedTime(start).TotalSeconds:F1} s"));
        }
        await load.StopAsync();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"median {took.Order().ElementAt(took.Count / 2):F1} s, the longest {took.Max():F1} s, under {options.Rate} processes/s"));
        return 0;
    }

    private static async Task<double> LiveAsync(IEnumerable<LabNode> nodes)
    {
        double live = 0;
        foreach (LabNode node in nodes)
            live += (await node.SeriesAsync()).GetValueOrDefault("ogrt_jobs_active");
        return live;
    }
}
