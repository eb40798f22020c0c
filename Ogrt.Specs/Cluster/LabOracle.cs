using System.Text.Json;
using Ogrt.Journal;
using Ogrt.Specs.Cluster.Lab;
using Ogrt.Wire;
using Ogrt.Wire.Protocol;

namespace Ogrt.Specs.Cluster;

/// <summary>
/// Says what must have come of the load: each confirmed process stands in a journal, and each process of a journal stands in
/// its job's tree once. The trees know one process at a time and count the others, so that one that is applied twice shows as
/// well as one that is missing.
/// </summary>
internal static class LabOracle
{
    /// <summary>The settings that make trees count.</summary>
    public const string CountOnly = "ogrt.jobs { max-live = 1\n max-ended = 0 }";

    /// <summary>Fails unless everything is where it must be.</summary>
    public static async Task HoldsAsync(ClusterLab lab, IReadOnlySet<int> confirmed, CancellationToken cancel)
    {
        Dictionary<string, int> expected = [];
        HashSet<int> kept = [];
        await lab.UntilAsync(async () =>
        {
            (kept, expected) = Journals(lab);
            foreach ((string job, int count) in expected)
            {
                int? inTree = await CountAsync(lab, job);
                Assert.False(inTree > count, $"{job} has {inTree} processes in its tree, and the journals have {count}: some were applied twice");
                if (inTree != count)
                    return false;
            }
            return true;
        }, "each process of the journals is in its job's tree", cancel);
        Assert.Empty(confirmed.Except(kept));
        Assert.NotEmpty(confirmed);
        await lab.UntilAsync(async () =>
        {
            int live = 0;
            foreach (LabNode node in lab.Nodes)
                live += (int)Metric(await node.MetricsAsync(), "ogrt_jobs_active");
            Assert.InRange(live, 0, expected.Count);
            return live == expected.Count;
        }, "each job lives once", cancel);
    }

    private static (HashSet<int> Numbers, Dictionary<string, int> ByJob) Journals(ClusterLab lab)
    {
        HashSet<int> numbers = [];
        Dictionary<string, int> byJob = [];
        foreach (LabNode node in lab.Nodes.Where(n => Directory.Exists(n.Journal)))
        {
            foreach (JournalRecord record in JournalInspector.Dump(node.Journal))
            {
                if (!RecordKind.IsFrame(record.Kind)) continue;
                ProcessInfo process = ProcessInfo.Parser.ParseFrom(record.Payload.Span[FrameHeader.Size..]);
                Assert.True(numbers.Add(process.Pid - 1000), $"{process.Pid} is in the journals twice, and was sent once");
                string job = process.JobId;
                byJob[job] = byJob.GetValueOrDefault(job) + 1;
            }
        }
        return (numbers, byJob);
    }

    private static async Task<int?> CountAsync(ClusterLab lab, string job)
    {
        foreach (LabNode node in lab.Nodes)
        {
            (int code, string output, string error) = await node.CommandAsync("tree", job, "--json", "--verbose");
            // Not from a store: it has the last record that a node has written, which another may have overtaken.
            if (code != 0 || !error.Contains("From the running server", StringComparison.Ordinal)) continue;
            using JsonDocument document = JsonDocument.Parse(output, new JsonDocumentOptions { MaxDepth = 10_000 });
            return document.RootElement.GetProperty("process_count").GetInt32();
        }
        return null;
    }

    private static double Metric(string text, string name) => text.Split('\n')
        .Where(l => l.StartsWith(name + " ", StringComparison.Ordinal) || l.StartsWith(name + "{", StringComparison.Ordinal))
        .Sum(l => double.Parse(l[(l.LastIndexOf(' ') + 1)..], System.Globalization.CultureInfo.InvariantCulture));
}
