using System.Diagnostics;
using System.Globalization;
using Ogrt.Specs.Cluster.Lab;

namespace Ogrt.Bench.Cluster;

/// <summary>What one node on one processor takes for good, and what several on one each take: into journal and tree, as fast as it
/// goes without a backlog that grows.</summary>
internal static class ScaledNodes
{
    // What is on its way at any time; a multiple of it is a backlog.
    private const double MostBehind = 20_000;
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(50);

    private sealed record Result(double Rate, double Cost, double Behind);

    /// <summary>Runs one and several in turn.</summary>
    public static async Task<int> RunAsync(NodesOptions options, CancellationToken cancel)
    {
        List<Result> one = [], several = [];
        for (int run = 0; run < options.Runs; run++)
        {
            one.Add(await MeasureAsync(options, 1, cancel));
            several.Add(await MeasureAsync(options, options.Nodes, cancel));
        }
        double factor = Median(several, r => r.Rate) / Median(one, r => r.Rate), cost = Median(one, r => r.Cost) / Median(several, r => r.Cost);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"medians: {Median(one, r => r.Rate):F0} and {Median(several, r => r.Rate):F0}/s, {factor:F2} times; {Median(one, r => r.Cost):F1} and {Median(several, r => r.Cost):F1} us of a processor each, so {options.Nodes} full ones carry {options.Nodes * cost:F2} times"));
        return 0;
    }

    private static async Task<Result> MeasureAsync(NodesOptions options, int nodes, CancellationToken cancel)
    {
        await using ClusterLab lab = await NodesProgram.LabAsync(options, nodes, oneProcessorEach: true, cancel);
        await lab.StartAsync(cancel);
        using NodeLoad load = NodeLoad.Start(
            lab.Nodes, new NodeLoad.Plan(options.Jobs, options.Hosts, options.Rate, options.PerConnection, WithEnds: options.WithEnds, Threads: options.Connections));
        // What the compiler does in the first minutes on one processor is not what a server does for months.
        await LookOnAsync(lab, load, options.WarmUp, cancel);
        (double processor, double taken) = (lab.Nodes.Sum(n => n.ProcessorSeconds()), await TakenAsync(lab));
        long start = Stopwatch.GetTimestamp();
        await LookOnAsync(lab, load, options.Span, cancel);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        (processor, taken) = (lab.Nodes.Sum(n => n.ProcessorSeconds()) - processor, await TakenAsync(lab) - taken);
        var result = new Result(taken / seconds, processor / taken * 1e6, await BehindAsync(lab));
        await load.StopAsync();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{nodes} node{(nodes > 1 ? "s" : "")}: {result.Rate:F0} frames/s into their trees, {result.Cost:F1} us of a processor each, {processor / seconds / nodes:P0} of each busy, {result.Behind:F0} frames behind at the end"));
        return result;
    }

    /// <summary>Lets the load go on as long as the trees keep up.</summary>
    private static async Task LookOnAsync(ClusterLab lab, NodeLoad load, TimeSpan span, CancellationToken cancel)
    {
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < span)
        {
            load.Hold(await BehindAsync(lab) > MostBehind * lab.Nodes.Count);
            await Task.Delay(LookAgain, cancel);
        }
    }

    private static Task<double> TakenAsync(ClusterLab lab) => SumAsync(lab, series => series.GetValueOrDefault("ogrt_jobs_frames_total"));

    private static Task<double> BehindAsync(ClusterLab lab) => SumAsync(
        lab, series => series.Where(s => s.Key.StartsWith("ogrt_ingest_frames_total", StringComparison.Ordinal)).Sum(s => s.Value) - series.GetValueOrDefault("ogrt_jobs_frames_total"));

    private static async Task<double> SumAsync(ClusterLab lab, Func<IReadOnlyDictionary<string, double>, double> figure)
    {
        double sum = 0;
        foreach (LabNode node in lab.Nodes)
            sum += figure(await node.SeriesAsync());
        return sum;
    }

    private static double Median(List<Result> results, Func<Result, double> figure) => results.Select(figure).Order().ElementAt(results.Count / 2);
}
