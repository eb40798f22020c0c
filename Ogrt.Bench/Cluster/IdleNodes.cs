using System.Globalization;
using Ogrt.Specs.Cluster.Lab;

namespace Ogrt.Bench.Cluster;

/// <summary>What nodes cost to which nothing is sent.</summary>
internal static class IdleNodes
{
    private static readonly TimeSpan Before = TimeSpan.FromSeconds(60);

    /// <summary>Looks on for a while, after the compiler is done with what a start needs.</summary>
    public static async Task<int> RunAsync(NodesOptions options, CancellationToken cancel)
    {
        await using ClusterLab lab = await NodesProgram.LabAsync(options, options.Nodes, cancel);
        await lab.StartAsync(cancel);
        await Task.Delay(Before, cancel);
        double[] before = [.. lab.Nodes.Select(n => n.ProcessorSeconds())];
        await Task.Delay(options.Span, cancel);
        double sum = 0;
        foreach (LabNode node in lab.Nodes)
        {
            double share = (node.ProcessorSeconds() - before[node.Index]) / options.Span.TotalSeconds;
            sum += share;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{node.Name}: {share:P2} of a processor, {node.MemoryMiB():F0} MiB at most"));
        }
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"all {lab.Nodes.Count}: {sum:P2} of a processor"));
        return 0;
    }
}
