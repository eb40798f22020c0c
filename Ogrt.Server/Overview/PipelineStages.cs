using Ogrt.Actors.Jobs;
using Ogrt.Actors.Ingest;
using Ogrt.Actors.Watch;
using Ogrt.Journal;
using Ogrt.Server.Hosting;
using Ogrt.Sinks;
using Ogrt.Sinks.Delivery;

namespace Ogrt.Server.Overview;

/// <summary>The stages of the pipeline in flow order, each with whom it waits for.</summary>
internal sealed class PipelineStages
{
    private const string Ok = "ok", Starting = "starting";

    private readonly ServerParts _parts;
    private readonly IReadOnlyList<KindSample> _actors;
    private readonly IReadOnlyList<ListenerState> _listeners;
    private readonly JournalStatistics? _journal;
    private readonly IReadOnlyList<JournalCursor> _cursors;

    public PipelineStages(ServerParts parts, IReadOnlyList<KindSample> actors)
    {
        (_parts, _actors) = (parts, actors);
        _listeners = parts.IngestMetrics.Listeners;
        _journal = parts.Journal?.Statistics;
        _cursors = parts.Journal?.Cursors ?? [];
    }

    /// <summary>All of them.</summary>
    public IReadOnlyList<StageView> All() =>
        [.. _listeners.Select(Listener), Connections(), Journal(), Feed(), Shards(), .. _parts.Sinks.OrderBy(s => s.Name, StringComparer.Ordinal).Select(Sink)];

    /// <summary>What was lost, by where and why.</summary>
    public IReadOnlyList<LossView> Losses()
    {
        var losses = new List<LossView>();
        foreach (ListenerState listener in _listeners)
        {
            Add("listener " + listener.Name, "kernel_drops", listener.KernelDrops);
            foreach ((string reason, long count) in listener.Rejected.OrderBy(r => r.Key, StringComparer.Ordinal)) Add("listener " + listener.Name, reason, count);
        }
        if (_journal is { } journal) Add("journal", "damaged", journal.LostRecords);
        foreach ((string reason, long count) in _parts.JobMetrics.RejectedByReason.OrderBy(r => r.Key, StringComparer.Ordinal)) Add("jobs", reason, count);
        foreach (SinkDelivery sink in _parts.Sinks)
        {
            SinkCounts counts = sink.Metrics.Counts;
            Add("sink " + sink.Name, "dead_lettered", counts.DeadLettered);
            Add("sink " + sink.Name, "dropped", counts.Dropped);
        }
        return losses;

        void Add(string where, string reason, long count)
        {
            if (count != 0) losses.Add(new LossView(where, reason, count));
        }
    }

    private StageView Listener(ListenerState listener)
    {
        long rejected = listener.Rejected.Values.Sum();
        return new StageView(
            "listener", listener.Name, listener.Frames + rejected + listener.KernelDrops, listener.Frames, null, null,
            Blocked() ?? (_parts.IsListening ? Ok : _parts.Phase == ServerPhase.Starting ? Starting : "closed"),
            listener.KernelDrops, rejected,
            listener.Restarts > 0 ? FormattableString.Invariant($"started again {listener.Restarts} times") : null);
    }

    private StageView Connections()
    {
        long accepted = _listeners.Sum(l => l.Connections), open = _listeners.Sum(l => l.OpenConnections);
        return new StageView("connections", "", accepted, accepted - open, open, null, open > 0 ? Blocked() ?? Ok : Ok, null, null, null);
    }

    // What listeners and connections wait for when they wait.
    private string? Blocked() => _journal switch
    {
        { DiskFullSince: not null } => "blocked-by: disk full",
        { FullSince: not null } => "blocked-by: journal full",
        _ => null,
    };

    private StageView Journal()
    {
        if (_journal is not { } journal) return new StageView("journal", "", null, null, null, null, Starting, null, null, null);
        JournalCursor? slowest = _cursors.MaxBy(c => c.LagRecords);
        string state = Ok;
        string? detail = FormattableString.Invariant($"{100.0 * journal.Size / journal.MaxSize:0.#} % of {journal.MaxSize / 1048576.0:0} MiB");
        if (journal.DiskFullSince is not null) (state, detail) = ("blocked-by: disk full", journal.LastError);
        else if (journal.FullSince is not null) (state, detail) = ($"full, blocked-by: {slowest?.Name ?? "nobody"}", $"{slowest?.Name} holds the oldest records back");
        else if (journal.SyncFailingSince is not null) (state, detail) = ("syncs fail", journal.LastError);
        long lag = slowest?.LagRecords ?? 0;
        return new StageView(
            "journal", "", journal.AppendedRecords, journal.AppendedRecords - lag, lag, Age(slowest), state, journal.LostRecords,
            journal.SyncFailures + journal.WriteFailures, detail);
    }

    private StageView Feed()
    {
        JournalCursor? cursor = _cursors.FirstOrDefault(c => c.Name == "jobs");
        if (_parts.Jobs is null || cursor is null || _journal is null) return new StageView("feed", "", null, null, null, null, Starting, null, null, null);
        long window = _parts.JobMetrics.InFlightBytes, unsaved = _parts.JobMetrics.UnsavedBytes;
        JobSettings limits = _parts.Settings.Jobs;
        string state = unsaved >= limits.FeedUnsaved ? "blocked-by: jobs that have not saved" : window >= limits.FeedWindow ? "blocked-by: busy jobs" : Ok;
        return new StageView(
            "feed", "", _parts.JobMetrics.Fed, _journal.Value.AppendedRecords - cursor.LagRecords, cursor.LagRecords, Age(cursor),
            state, null, _parts.JobMetrics.Resent + _parts.JobMetrics.Refused,
            FormattableString.Invariant($"{unsaved / 1048576.0:0.#} of {limits.FeedUnsaved / 1048576.0:0.#} MiB not saved yet"));
    }

    private StageView Shards()
    {
        if (_parts.Jobs is null) return new StageView("shards", "", null, null, null, null, Starting, null, null, null);
        KindSample jobs = _actors.Single(s => s.Kind == ActorKind.Job), shards = _actors.Single(s => s.Kind == ActorKind.Shard);
        var metrics = _parts.JobMetrics;
        return new StageView(
            "shards", "", metrics.Frames + metrics.Duplicates + metrics.Skipped, metrics.Frames + metrics.Duplicates, jobs.Messages,
            jobs.Live > 0 ? jobs.Wait.TotalSeconds : null, Ok, null, metrics.RejectedByReason.Values.Sum() + metrics.SnapshotFailures + metrics.RecordFailures,
            FormattableString.Invariant($"{jobs.Live} jobs in {shards.Live} shards here"));
    }

    private static StageView Sink(SinkDelivery delivery)
    {
        SinkState sink = delivery.State;
        string state = sink.Phase == SinkPhase.Running ? Ok : Word(sink.Phase) + (sink.Reason is null ? "" : ": " + sink.Reason);
        return new StageView(
            "sink", sink.Name, sink.Counts.Accepted, sink.Counts.Delivered + sink.Counts.Duplicate, sink.LagRecords,
            sink.LagRecords > 0 ? Math.Round(sink.LagAge.TotalSeconds, 3) : 0, state, sink.Counts.Dropped + sink.Counts.DeadLettered,
            delivery.Metrics.Retries.Sum(r => r.Value), sink.Detail);
    }

    private static double? Age(JournalCursor? cursor)
    {
        if (cursor is null) return null;
        if (cursor.LagRecords == 0 || cursor.OldestArrivalUnixNs == 0) return 0;
        TimeSpan age = DateTime.UtcNow - DateTime.UnixEpoch.AddTicks(cursor.OldestArrivalUnixNs / 100);
        return Math.Max(0, Math.Round(age.TotalSeconds, 3));
    }

    private static string Word(SinkPhase phase) => System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(phase.ToString());
}
