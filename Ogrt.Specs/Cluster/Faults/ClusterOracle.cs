using Ogrt.Journal;
using Ogrt.Specs.Cluster.Lab;
using Ogrt.Specs.Soak;
using Ogrt.Wire;

namespace Ogrt.Specs.Cluster.Faults;

/// <summary>
/// Says what must have come of the frames of a run. The trees know one process at a time and count the others
/// (<see cref="CountOnly"/>), so that a process that is applied twice shows as well as one that is missing.
/// </summary>
/// <param name="lab">The servers.</param>
/// <param name="frames">What was sent.</param>
/// <param name="elasticsearch">Where all servers deliver to.</param>
/// <param name="report">Gets what does not hold.</param>
internal sealed class ClusterOracle(ClusterLab lab, NumberedFrames frames, ElasticsearchEnd elasticsearch, SoakReport report)
{
    /// <summary>The settings that make trees count.</summary>
    public const string CountOnly = "ogrt.jobs { max-live = 1\n max-ended = 0 }";

    private const string Feed = "jobs";

    private readonly SoakTarget[] _ofNode = [new JsonFileTarget(), new LocalStoreTarget()];
    private readonly List<Ledger> _lost = [];

    /// <summary>A node, which does not run, loses everything that it had on its disk. What its feed had done stands in snapshots
    /// elsewhere, and what a sink had done at its target: these are owed as before, the rest is gone with the disk or not.</summary>
    public void DiskIsLost(LabNode node)
    {
        _lost.Add(Ledger.Read(node.Journal, frames));
        node.LoseDisk();
        Ledger.Keep(node.Journal);
    }

    /// <summary>What is not as it should be when nothing moves; empty when all is.</summary>
    public async Task<string> UnquietAsync()
    {
        double live = 0;
        foreach (LabNode node in lab.Nodes)
        {
            IReadOnlyDictionary<string, double> series = await node.SeriesAsync();
            if (series.Count == 0) return $"{node.Name} does not answer";
            foreach (string sink in _ofNode.Select(t => t.Sink).Append(elasticsearch.Sink))
            {
                SinkSeries now = SinkSeries.Of(series, sink);
                if (now is not { LagRecords: 0, Pending: 0, IsConserved: true, Dropped: 0 }) return $"{node.Name}: {sink}: {now}";
            }
            if (series.GetValueOrDefault($"ogrt_journal_reader_lag_records{{reader=\"{Feed}\"}}", -1) is not 0 and double lag) return $"{node.Name}: the feed is {lag} records behind";
            if (series.GetValueOrDefault("ogrt_journal_unaccounted_records", -1) is not 0 and double unaccounted) return $"{node.Name}: {unaccounted} records are unaccounted for";
            live += series.GetValueOrDefault("ogrt_jobs_active");
        }
        Dictionary<string, (int Least, int Most)> jobs = CountJobs();
        if (live != jobs.Count) return $"{live} jobs live, of {jobs.Count}";
        foreach ((string job, (int least, int most)) in jobs)
        {
            int? count = await lab.CountProcessesAsync(job);
            if (count < least || count > most || count is null) return $"{job} has {count} processes in its tree, and must have {least} to {most} by the journals";
        }
        return "";
    }

    /// <summary>Holds the sinks of servers that have stopped against their journals.</summary>
    public async Task VerifyAsync(FrameGenerator generator)
    {
        var ledgers = lab.Nodes.Select(n => (Node: n, Ledger: Ledger.Read(n.Journal, frames))).ToList();
        foreach ((LabNode node, Ledger ledger) in ledgers)
        {
            report.Violations.AddRange(ledger.Violations.Select(v => $"{node.Name}: {v}"));
            foreach (SoakTarget target in _ofNode)
                await VerifyAsync(target, ledger, node.Data, node.Name);
        }
        Ledger all = Ledger.Merge(ledgers.Select(l => l.Ledger), _lost, "sink-" + elasticsearch.Sink);
        report.Violations.AddRange(all.Violations);
        await VerifyAsync(elasticsearch, all, lab.Folder, "all nodes");
        foreach (long number in generator.Confirmed.Where(n => !all.Numbers.ContainsKey(n)))
            report.Violations.Add($"A server read {number} from its socket, and it is in no journal.");
        (report.Sent, report.SeenRead, report.Confirmed, report.JobRecords) =
            (generator.Sent, generator.Confirmed.Count, all.Numbers.Count, all.Jobs.Count);
        CheckNewest(all);
    }

    private async Task VerifyAsync(SoakTarget target, Ledger ledger, string data, string where)
    {
        Verification verification = await Verification.OfAsync(target, ledger, frames, data);
        report.Add(target.Sink, verification.Delivered, verification.Duplicates, verification.DeadLetters);
        report.Violations.AddRange(verification.Violations.Select(v => $"{where}: {v}"));
    }

    /// <summary>The newest record of a job, whichever node wrote it, has the counts of its tree.</summary>
    private void CheckNewest(Ledger all)
    {
        Dictionary<string, (int Least, int Most)> expected = CountJobs();
        foreach (IGrouping<string, FoundJob> job in all.Jobs.Values.Select(j => j.Job).GroupBy(j => j.Job))
        {
            FoundJob newest = job.MaxBy(j => (j.Incarnation, j.Version))!;
            (int least, int most) = expected[job.Key];
            if (newest.Processes < (ulong)least || newest.Processes > (ulong)most || newest.Incarnation != 1)
                report.Violations.Add($"The newest record of a job is {newest}, and must have {least} to {most} processes by the journals.");
        }
    }

    /// <summary>How many processes a job's tree must have, and may.</summary>
    private Dictionary<string, (int Least, int Most)> CountJobs()
    {
        Dictionary<string, (int Least, int Most)> jobs = [];
        foreach (LabNode node in lab.Nodes)
        {
            foreach (JournalRecord record in JournalInspector.Dump(node.Journal))
            {
                if (RecordKind.IsFrame(record.Kind) && NumberedFrames.TryNumberOf(record.Payload.Span, out long number))
                    Count(number, isOwed: true);
            }
        }
        foreach (Ledger lost in _lost)
        {
            long done = lost.Cursors.GetValueOrDefault(Feed);
            foreach ((long number, Ledger.Entry entry) in lost.Numbers)
                Count(number, entry.Sequence < done);
        }
        return jobs;

        void Count(long number, bool isOwed)
        {
            string job = frames.JobOf(number);
            (int least, int most) = jobs.GetValueOrDefault(job);
            int one = NumberedFrames.IsEnd(number) ? 0 : 1;
            jobs[job] = (least + (isOwed ? one : 0), most + one);
        }
    }
}
