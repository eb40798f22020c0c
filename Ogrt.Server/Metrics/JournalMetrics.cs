using System.Diagnostics.Metrics;
using Ogrt.Journal;

namespace Ogrt.Server.Metrics;

/// <summary>The journal's numbers as instruments; the journal itself knows no meters.</summary>
public sealed class JournalMetrics : IDisposable
{
    private readonly Meter _meter = new("Ogrt.Journal");

    /// <summary>Registers the instruments.</summary>
    public JournalMetrics(SegmentedJournal journal)
    {
        Counter("ogrt_journal_records_total", "{record}", "Records appended since the start.", s => s.AppendedRecords);
        Counter("ogrt_journal_bytes_total", "By", "Bytes appended since the start.", s => s.AppendedBytes);
        Counter("ogrt_journal_syncs_total", "{sync}", "Times that records were brought to the disk.", s => s.Syncs);
        Counter("ogrt_journal_sync_failures_total", "{sync}", "Syncs that the disk refused.", s => s.SyncFailures);
        Counter("ogrt_journal_write_failures_total", "{write}", "Writes that the disk refused; each is tried again.", s => s.WriteFailures);
        Counter("ogrt_journal_corrupt_regions_total", "{region}", "Damaged places that readers skipped.", s => s.CorruptRegions);
        Counter("ogrt_journal_lost_records_total", "{record}", "Records missing at damaged places.", s => s.LostRecords);
        Counter("ogrt_journal_lost_bytes_total", "By", "Bytes skipped at damaged places.", s => s.LostBytes);
        Counter("ogrt_journal_released_segments_total", "{segment}", "Segments deleted because every reader was done with them.", s => s.ReleasedSegments);
        Counter("ogrt_journal_quarantined_segments_total", "{segment}", "Segments put aside because nothing in them could be read.", s => s.QuarantinedSegments);
        Gauge("ogrt_journal_size_bytes", "By", "Bytes of all segments.", s => s.Size);
        Gauge("ogrt_journal_max_size_bytes", "By", "The limit of ogrt_journal_size_bytes.", s => s.MaxSize);
        Gauge("ogrt_journal_segments", "{segment}", "Segment files.", s => s.Segments);
        Gauge("ogrt_journal_unsynced_bytes", "By", "Bytes that a power failure would cost now.", s => s.UnsyncedBytes);
        Gauge("ogrt_journal_waiting_appenders", "{appender}", "Appenders that wait for room.", s => s.WaitingAppenders);
        Gauge("ogrt_journal_full", "1", "1 while the journal is at its limit and listeners wait.", s => s.FullSince is null ? 0 : 1);
        Gauge("ogrt_journal_disk_full", "1", "1 while the disk refuses appends.", s => s.DiskFullSince is null ? 0 : 1);
        _meter.CreateObservableCounter("ogrt_journal_sync_seconds_total", () => journal.Statistics.SyncTime.TotalSeconds, "s", "Time spent in syncs.");
        _meter.CreateObservableGauge("ogrt_journal_reader_lag_bytes", () => Cursors(c => c.LagBytes), "By", "Bytes that a reader has not committed.");
        _meter.CreateObservableGauge("ogrt_journal_reader_lag_records", () => Cursors(c => c.LagRecords), "{record}", "Records that a reader has not committed.");

        void Counter(string name, string unit, string description, Func<JournalStatistics, long> value) =>
            _meter.CreateObservableCounter(name, () => value(journal.Statistics), unit, description);

        void Gauge(string name, string unit, string description, Func<JournalStatistics, long> value) =>
            _meter.CreateObservableGauge(name, () => value(journal.Statistics), unit, description);

        IEnumerable<Measurement<long>> Cursors(Func<JournalCursor, long> value) =>
            journal.Cursors.Select(c => new Measurement<long>(value(c), new KeyValuePair<string, object?>("reader", c.Name)));
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();
}
