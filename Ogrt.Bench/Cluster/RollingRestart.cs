using System.Diagnostics;
using System.Globalization;
using Ogrt.Specs.Cluster.Lab;

namespace Ogrt.Bench.Cluster;

/// <summary>Each node is stopped in order and started again while processes come.</summary>
internal static class RollingRestart
{
    private static readonly TimeSpan After = TimeSpan.FromSeconds(5);

    /// <summary>Runs it, and tells what was lost.</summary>
    public static async Task<int> RunAsync(NodesOptions options, CancellationToken cancel)
    {
        await using ClusterLab lab = await NodesProgram.LabAsync(options, options.Nodes, cancel);
        await lab.StartAsync(cancel);
        using NodeLoad load = NodeLoad.Start(
            lab.Nodes, new NodeLoad.Plan(options.Jobs, options.Hosts, options.Rate - options.Alone, options.PerConnection, Threads: options.Connections));
        string[] jobsOfAlone = [.. options.Jobs.Select(job => "alone-" + job)];
        using NodeLoad alone = NodeLoad.Start(lab.Nodes, new NodeLoad.Plan(jobsOfAlone, options.Hosts, options.Alone, PerConnection: 1));
        await using TrackedPrograms? programs = TrackedPrograms.Start(lab.Nodes);
        if (programs is null)
            Console.WriteLine($"({TrackedPrograms.Library} is not there, so no programs are run under it; ./build.sh bench builds it)");
        long start = Stopwatch.GetTimestamp();
        await Task.Delay(options.WarmUp, cancel);
        foreach (LabNode node in lab.Nodes)
        {
            long begun = Stopwatch.GetTimestamp();
            int exitCode = await node.StopAsync();
            double stopped = Stopwatch.GetElapsedTime(begun).TotalSeconds;
            await node.StartAsync();
            await lab.WholeAsync(cancel);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{node.Name}: ended with {exitCode} after {stopped:F1} s, all nodes ready again after {Stopwatch.GetElapsedTime(begun).TotalSeconds:F1} s"));
        }
        await Task.Delay(After, cancel);
        await Task.WhenAll(load.StopAsync(), alone.StopAsync());
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        if (programs is not null)
            await programs.StopAsync();
        await NodesProgram.SettledAsync(lab, cancel);
        long lost = await CompareAsync(lab, $"{options.PerConnection} of a connection", load, options.Jobs, seconds);
        lost += await CompareAsync(lab, "alone, as the preload library sends them", alone, jobsOfAlone, seconds);
        Console.WriteLine($"  waited: {alone.Waited}; {alone.Waited.Above(NodeLoad.Deadline)} longer than the deadline of {NodeLoad.Deadline.TotalMilliseconds} ms");
        if (programs is not null)
        {
            long tracked = await NodesProgram.CountAsync(lab, [TrackedPrograms.Job]);
            Console.WriteLine($"{programs.Tracked.Count} programs under the library: {tracked} in their tree; ran for: {programs.Tracked}");
            Console.WriteLine($"{programs.Others.Count} programs without it: ran for: {programs.Others}");
            lost += programs.Tracked.Count - tracked;
        }
        return lost == 0 ? 0 : 1;
    }

    private static async Task<long> CompareAsync(ClusterLab lab, string how, NodeLoad load, IReadOnlyList<string> jobs, double seconds)
    {
        long found = await NodesProgram.CountAsync(lab, jobs);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{load.Sent} processes, {how}, {load.Sent / seconds:F0}/s: {found} in their trees, {load.Sent - found} lost; {load.Unsent} not sent, {load.Elsewhere} to another than the first server, {load.Broken} connections broken and sent again"));
        return load.Sent - found + load.Unsent;
    }
}
