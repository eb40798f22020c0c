using System.Diagnostics;
using System.Globalization;
using Ogrt.Specs.Cluster.Lab;

namespace Ogrt.Bench.Cluster;

/// <summary>What one node on one processor takes, and what two take.</summary>
internal static class TwoNodes
{
    /// <summary>Runs one and two in turn.</summary>
    public static async Task<int> RunAsync(NodesOptions options, CancellationToken cancel)
    {
        List<(double Rate, double Cost)>[] results = [[], []];
        for (int run = 0; run < options.Runs; run++)
        for (int nodes = 1; nodes <= 2; nodes++)
        {
            (double rate, double cost) = await MeasureAsync(options, nodes, cancel);
            results[nodes - 1].Add((rate, cost));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{nodes} node{(nodes > 1 ? "s" : "")}: {rate:F0} processes/s, {cost:F2} us of a processor each"));
        }
        (double one, double two) = (Median(results[0], r => r.Rate), Median(results[1], r => r.Rate));
        (double costOfOne, double costOfTwo) = (Median(results[0], r => r.Cost), Median(results[1], r => r.Cost));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"medians: {one:F0} and {two:F0}/s, {two / one:F2} times; {costOfOne:F2} and {costOfTwo:F2} us, so two processors of their own carry {2 * costOfOne / costOfTwo:F2} times"));
        return 0;
    }

    private static async Task<(double Rate, double Cost)> MeasureAsync(NodesOptions options, int nodes, CancellationToken cancel)
    {
        await using ClusterLab lab = await NodesProgram.LabAsync(options, nodes, oneProcessorEach: true, cancel);
        await lab.StartAsync(cancel);
        var plan = new NodeLoad.Plan(options.Jobs, options.Hosts, options.Rate, options.PerConnection, options.Count / 2, options.WithEnds, Threads: options.Connections);
        // What the compiler does in the first half minute is not what a server does for months.
        using (NodeLoad warmUp = NodeLoad.Start(lab.Nodes, plan))
            await warmUp.SentAsync();
        await NodesProgram.SettledAsync(lab, cancel);
        double before = lab.Nodes.Sum(n => n.ProcessorSeconds());
        long start = Stopwatch.GetTimestamp();
        using NodeLoad load = NodeLoad.Start(lab.Nodes, plan with { Processes = options.Count });
        await load.SentAsync();
        await NodesProgram.SettledAsync(lab, cancel);
        return (load.Sent / Stopwatch.GetElapsedTime(start).TotalSeconds, (lab.Nodes.Sum(n => n.ProcessorSeconds()) - before) / load.Sent * 1e6);
    }

    private static double Median(List<(double Rate, double Cost)> results, Func<(double Rate, double Cost), double> figure) =>
        results.Select(figure).Order().ElementAt(results.Count / 2);
}
