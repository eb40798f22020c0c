using System.Diagnostics;
using System.Globalization;
using Ogrt.Specs.Cluster.Lab;

namespace Ogrt.Bench.Cluster;

/// <summary>What one node on one processor takes for good, what several of a cluster on one each take, and what as many that are
/// no cluster take: into journal and tree, as fast as it goes without a backlog that grows.</summary>
/// <remarks>Those apart have the same neighbours, the sender among them, and nothing between them; but each job has a tree on every
/// one of them.</remarks>
internal static class ScaledNodes
{
    // What is on its way at any time; a multiple of it is a backlog.
    private const double MostBehind = 20_000;
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(50);

    private sealed record Result(double Rate, double Cost);

    /// <summary>Runs the three in turn.</summary>
    public static async Task<int> RunAsync(NodesOptions options, CancellationToken cancel)
    {
        List<Result> one = [], several = [], apart = [];
        for (int run = 0; run < options.Runs; run++)
        {
            one.Add(await MeasureAsync(options, "1 node", clusters: 1, nodes: 1, cancel));
            several.Add(await MeasureAsync(options, $"a cluster of {options.Nodes}", clusters: 1, options.Nodes, cancel));
            apart.Add(await MeasureAsync(options, $"{options.Nodes} apart", clusters: options.Nodes, nodes: 1, cancel));
        }
        Tell($"a cluster of {options.Nodes}", several, one);
        Tell($"{options.Nodes} apart", apart, one);
        return 0;
    }

    private static void Tell(string what, List<Result> several, List<Result> one)
    {
        double rate = Median(several, r => r.Rate), cost = Median(several, r => r.Cost), oneRate = Median(one, r => r.Rate), oneCost = Median(one, r => r.Cost);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"medians: one {oneRate:F0}/s, {what} {rate:F0}/s, {rate / oneRate:F2} times; {oneCost:F1} and {cost:F1} us of a processor each"));
    }

    private static async Task<Result> MeasureAsync(NodesOptions options, string what, int clusters, int nodes, CancellationToken cancel)
    {
        List<ClusterLab> labs = [];
        try
        {
            int[] processors = [.. Enumerable.Range(0, clusters * nodes).Select(n => options.Share < 1 ? 0 : n % Environment.ProcessorCount)];
            for (int n = 0; n < clusters; n++)
            {
                labs.Add(await NodesProgram.LabAsync(options, nodes, cancel, processors[(n * nodes)..]));
                await labs[n].StartAsync(cancel);
            }
            using var shares = new ProcessorShare();
            foreach (LabNode node in labs.SelectMany(lab => lab.Nodes).Where(_ => options.Share < 1))
                shares.Hold(node.ProcessId!.Value, options.Share);
            return await MeasureAsync(options, what, [.. labs.SelectMany(lab => lab.Nodes)], cancel);
        }
        finally
        {
            foreach (ClusterLab lab in labs)
                await lab.DisposeAsync();
        }
    }

    private static async Task<Result> MeasureAsync(NodesOptions options, string what, IReadOnlyList<LabNode> nodes, CancellationToken cancel)
    {
        using NodeLoad load = NodeLoad.Start(
            nodes, new NodeLoad.Plan(options.Jobs, options.Hosts, options.Rate, options.PerConnection, WithEnds: options.WithEnds, Threads: options.Connections));
        // What the compiler does in the first minutes on one processor is not what a server does for months.
        await LookOnAsync(nodes, load, options.WarmUp, cancel);
        (double processor, double taken) = (nodes.Sum(n => n.ProcessorSeconds()), await TakenAsync(nodes));
        long start = Stopwatch.GetTimestamp();
        await LookOnAsync(nodes, load, options.Span, cancel);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        (processor, taken) = (nodes.Sum(n => n.ProcessorSeconds()) - processor, await TakenAsync(nodes) - taken);
        double behind = await BehindAsync(nodes);
        await load.StopAsync();
        var result = new Result(taken / seconds, processor / taken * 1e6);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{what}: {result.Rate:F0} frames/s into their trees, {result.Cost:F1} us of a processor each, {processor / seconds / nodes.Count:P0} of each busy, {behind:F0} frames behind at the end"));
        return result;
    }

    /// <summary>Lets the load go on as long as the trees keep up.</summary>
    private static async Task LookOnAsync(IReadOnlyList<LabNode> nodes, NodeLoad load, TimeSpan span, CancellationToken cancel)
    {
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < span)
        {
            load.Hold(await BehindAsync(nodes) > MostBehind * nodes.Count);
            await Task.Delay(LookAgain, cancel);
        }
    }

    private static Task<double> TakenAsync(IReadOnlyList<LabNode> nodes) => SumAsync(nodes, series => series.GetValueOrDefault("ogrt_jobs_frames_total"));

    private static Task<double> BehindAsync(IReadOnlyList<LabNode> nodes) => SumAsync(
        nodes, series => series.Where(s => s.Key.StartsWith("ogrt_ingest_frames_total", StringComparison.Ordinal)).Sum(s => s.Value) - series.GetValueOrDefault("ogrt_jobs_frames_total"));

    private static async Task<double> SumAsync(IReadOnlyList<LabNode> nodes, Func<IReadOnlyDictionary<string, double>, double> figure)
    {
        double sum = 0;
        foreach (LabNode node in nodes)
            sum += figure(await node.SeriesAsync());
        return sum;
    }

    private static double Median(List<Result> results, Func<Result, double> figure) => results.Select(figure).Order().ElementAt(results.Count / 2);
}
