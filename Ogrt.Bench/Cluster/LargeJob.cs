using System.Diagnostics;
using System.Globalization;
using Ogrt.Actors.Jobs;
using Ogrt.Bench.Jobs;
using Ogrt.Specs.Cluster.Lab;
using Ogrt.Wire;

namespace Ogrt.Bench.Cluster;

/// <summary>One job of very many processes, whose frames come to all nodes.</summary>
internal static class LargeJob
{
    private const string Heap = "dotnet_gc_heap_bytes";

    /// <summary>Runs it.</summary>
    public static async Task<int> RunAsync(NodesOptions options, CancellationToken cancel)
    {
        await using ClusterLab lab = await NodesProgram.LabAsync(options, options.Nodes, cancel);
        await lab.StartAsync(cancel);
        long start = Stopwatch.GetTimestamp();
        using NodeLoad load = NodeLoad.Start(
            lab.Nodes, new NodeLoad.Plan(options.Jobs, options.Hosts, options.Rate, options.PerConnection, options.Count, options.WithEnds, Threads: options.Connections));
        Task sending = load.SentAsync();
        while (await Task.WhenAny(sending, Task.Delay(TimeSpan.FromSeconds(10), cancel)) != sending)
        {
            cancel.ThrowIfCancellationRequested();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {Stopwatch.GetElapsedTime(start).TotalSeconds:F0} s: {load.Sent} processes sent"));
        }
        double sent = Stopwatch.GetElapsedTime(start).TotalSeconds;
        await NodesProgram.SettledAsync(lab, cancel);
        double there = Stopwatch.GetElapsedTime(start).TotalSeconds;
        long found = await NodesProgram.CountAsync(lab, options.Jobs);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{load.Sent} processes of {options.Hosts} hosts{(options.WithEnds ? ", each with its end" : "")}: sent in {sent:F1} s, {found} in the tree and saved after {there:F1} s"));
        foreach (LabNode node in lab.Nodes)
        {
            IReadOnlyDictionary<string, double> series = await node.SeriesAsync();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"  {node.Name}: {series.GetValueOrDefault("ogrt_jobs_active")} jobs, heap {series.GetValueOrDefault(Heap) / 1048576:F0} MiB, peak memory {node.MemoryMiB():F0} MiB"));
        }
        string snapshots = Path.Combine(lab.Folder, "snapshots");
        if (Directory.Exists(snapshots))
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"  largest snapshot: {Directory.EnumerateFiles(snapshots, "*", SearchOption.AllDirectories).Max(f => new FileInfo(f).Length) / 1048576.0:F1} MiB"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  what one of the jobs holds in memory, the same frames taken in by this process: {State(options) / 1048576.0:F1} MiB"));
        return found == load.Sent ? 0 : 1;
    }

    /// <summary>Bytes that a job's state takes once the collector has been: a server's heap has much else in it.</summary>
    private static long State(NodesOptions options)
    {
        PatchedFrame[] processes = [.. Enumerable.Range(0, options.Hosts).Select(host => new PatchedFrame("frame-mpi", options.Jobs[0], FormattableString.Invariant($"node{host}")))];
        PatchedFrame[] ends = [.. processes.Select(p => p.End())];
        long before = GC.GetTotalMemory(forceFullCollection: true);
        var job = new Job(JobLimits.Default);
        for (long n = 0; n < options.Count / options.JobCount; n++)
        {
            Take(job, processes[n % processes.Length]);
            if (options.WithEnds)
                Take(job, ends[n % ends.Length]);
        }
        long bytes = GC.GetTotalMemory(forceFullCollection: true) - before;
        GC.KeepAlive(job);
        return bytes;
    }

    private static void Take(Job job, PatchedFrame frame)
    {
        frame.Next();
        if (job.Apply(frame.Bytes, WireLayout.Current, 1, out string reason) != FrameOutcome.Applied)
            throw new InvalidOperationException($"The job does not take a frame: {reason}");
    }
}
