using Ogrt.Server.Hosting;

namespace Ogrt.Server.Overview;

/// <summary>The conservation of records between listeners and journal.</summary>
internal static class Unaccounted
{
    private const int Attempts = 20;

    /// <summary>
    /// Records in the journal that came neither from a listener nor from a job, or fewer than those. The three numbers are raised one
    /// after the other while frames come; only what remains in every one of several looks is told.
    /// </summary>
    public static long OfJournal(ServerParts parts)
    {
        if (parts.Journal is not { } journal) return 0;
        long least = long.MaxValue;
        for (int attempt = 0; attempt < Attempts && least != 0; attempt++)
        {
            if (attempt > 0) Thread.SpinWait(1 << Math.Min(attempt, 12));
            long before = parts.IngestMetrics.FramesTotal + parts.JobMetrics.Records;
            long appended = journal.Statistics.AppendedRecords;
            long after = parts.IngestMetrics.FramesTotal + parts.JobMetrics.Records;
            // What was counted while this looked may or may not be among what was appended.
            long difference = appended > after ? appended - after : appended < before ? appended - before : 0;
            if (attempt == 0 || Math.Abs(difference) < Math.Abs(least)) least = difference;
        }
        return least;
    }
}
