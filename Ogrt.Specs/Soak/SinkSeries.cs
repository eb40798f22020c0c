namespace Ogrt.Specs.Soak;

/// <summary>What the metrics of a server say of one sink at one moment.</summary>
internal sealed record SinkSeries(
    long Accepted, long Delivered, long Duplicate, long DeadLettered, long Skipped, long Dropped, long Pending, long LagRecords, long Restarts, bool IsWaiting)
{
    /// <summary>Records that are one of the outcomes.</summary>
    public long Settled => Delivered + Duplicate + DeadLettered + Skipped + Dropped;

    /// <summary>Whether every record that was read is accounted for.</summary>
    public bool IsConserved => Accepted == Settled + Pending;

    /// <summary>Picks the series of a sink out of all.</summary>
    public static SinkSeries Of(IReadOnlyDictionary<string, double> series, string sink)
    {
        return new SinkSeries(
            Count("ogrt_sink_accepted_total"), Outcome("delivered"), Outcome("duplicate"), Outcome("dead_lettered"), Outcome("skipped"), Outcome("dropped"),
            Count("ogrt_sink_pending_events"), Count("ogrt_sink_lag_events"), Count("ogrt_sink_restarts_total"),
            Count("ogrt_sink_retrying") > 0 || series.Any(s => s.Value > 0 && s.Key.StartsWith($"ogrt_sink_paused{{sink=\"{sink}\"", StringComparison.Ordinal)));

        long Count(string name) => (long)series.GetValueOrDefault($"{name}{{sink=\"{sink}\"}}");
        long Outcome(string outcome) => (long)series.GetValueOrDefault($"ogrt_sink_events_total{{sink=\"{sink}\",outcome=\"{outcome}\"}}");
    }
}
