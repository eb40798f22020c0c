using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Ogrt.Actors.Watch;

namespace Ogrt.Actors.Jobs;

/// <summary>
/// What the jobs of this node count. Instruments of the meter "Ogrt.Jobs" observe these numbers; nothing on the way of a
/// frame calls an instrument.
/// </summary>
public sealed class JobMetrics : IDisposable
{
    private readonly Meter _meter = new("Ogrt.Jobs");
    private readonly ConcurrentDictionary<string, long> _rejected = new();
    private readonly ConcurrentDictionary<string, JobGlance> _glances = new();
    private long _frames;
    private long _duplicates;
    private long _skipped;
    private long _snapshots;
    private int _storeFails;
    private long _snapshotFailures;
    private long _fenced;
    private long _records;
    private long _recordFailures;
    private long _resent;
    private long _refused;
    private long _inFlight;
    private long _unsaved;
    private long _fed;

    /// <summary>Makes the instruments.</summary>
    /// <param name="actors">Where feed and jobs count what they handle; null for nowhere.</param>
    public JobMetrics(ActorMetrics? actors = null)
    {
        Actors = actors ?? new ActorMetrics(null);
        _meter.CreateObservableGauge("ogrt_jobs_active", () => _glances.Count, "{job}", "Jobs in the memory of this node.");
        _meter.CreateObservableGauge("ogrt_jobs_tree_processes", () => Sum(job => job.Known), "{process}",
            "Processes known one by one in the trees of this node.");
        _meter.CreateObservableGauge("ogrt_jobs_tree_nodes", () => Sum(job => job.Nodes), "{node}",
            "Nodes of collapsed processes in the trees of this node.");
        _meter.CreateObservableGauge("ogrt_jobs_feed_window_bytes", () => InFlightBytes, "By", "Bytes of frames that are on their way to jobs.");
        _meter.CreateObservableGauge("ogrt_jobs_feed_unsaved_bytes", () => UnsavedBytes, "By",
            "Bytes of frames that are on their way to jobs or not yet in a saved snapshot.");
        _meter.CreateObservableGauge("ogrt_jobs_reporting_hosts", () => Hosts.Count, "{host}",
            "Compute nodes that frames have named since the start, those that are silent by now included.");
        Counter("ogrt_jobs_feed_frames_total", () => Fed, "{frame}", "Frames that the feed has read and given to their jobs, those sent again not counted.");
        Counter("ogrt_jobs_frames_total", () => Frames, "{frame}", "Frames that changed a job.");
        Counter("ogrt_jobs_frames_duplicate_total", () => Duplicates, "{frame}", "Frames that a job knew already.");
        Counter("ogrt_jobs_frames_skipped_total", () => Skipped, "{frame}", "Frames at or below a job's watermark: sent again.");
        Counter("ogrt_jobs_snapshots_total", () => Snapshots, "{snapshot}", "Snapshots saved.");
        Counter("ogrt_jobs_snapshot_failures_total", () => SnapshotFailures, "{snapshot}", "Snapshots that could not be saved or loaded.");
        Counter("ogrt_jobs_fenced_total", () => Fenced, "{job}", "Lives of jobs on this node that ended because another node had claimed the job.");
        Counter("ogrt_jobs_records_total", () => Records, "{record}", "Job records written to the journal.");
        Counter("ogrt_jobs_record_failures_total", () => RecordFailures, "{record}", "Job records that could not be written.");
        Counter("ogrt_jobs_batches_resent_total", () => Resent, "{batch}", "Batches that the feed sent again.");
        Counter("ogrt_jobs_batches_refused_total", () => Refused, "{batch}", "Batches that a job refused because frames before them were missing.");
        _meter.CreateObservableCounter("ogrt_jobs_rejected_total",
            () => _rejected.Select(pair => new Measurement<long>(pair.Value, new KeyValuePair<string, object?>("reason", pair.Key))),
            "{frame}", "Frames that no job could use.");
    }

    /// <summary>Where feed and jobs count what they handle.</summary>
    internal ActorMetrics Actors { get; }

    /// <summary>The compute nodes that frames have named.</summary>
    public ReportingHosts Hosts { get; } = new();

    /// <summary>The jobs that live on this node, in no order.</summary>
    public IEnumerable<JobGlance> Glances => _glances.Select(job => job.Value);

    /// <summary>Frames that the feed has given to jobs.</summary>
    public long Fed => Interlocked.Read(ref _fed);

    /// <summary>Frames that changed a job.</summary>
    public long Frames => Interlocked.Read(ref _frames);

    /// <summary>Frames that a job knew already.</summary>
    public long Duplicates => Interlocked.Read(ref _duplicates);

    /// <summary>Frames that were sent again and had been applied before.</summary>
    public long Skipped => Interlocked.Read(ref _skipped);

    /// <summary>Snapshots saved.</summary>
    public long Snapshots => Interlocked.Read(ref _snapshots);

    /// <summary>Snapshots that could not be saved or loaded.</summary>
    public long SnapshotFailures => Interlocked.Read(ref _snapshotFailures);

    /// <summary>Lives of jobs that ended because another node had claimed the job.</summary>
    public long Fenced => Interlocked.Read(ref _fenced);

    /// <summary>Job records written.</summary>
    public long Records => Interlocked.Read(ref _records);

    /// <summary>Job records that could not be written.</summary>
    public long RecordFailures => Interlocked.Read(ref _recordFailures);

    /// <summary>Batches that the feed sent again.</summary>
    public long Resent => Interlocked.Read(ref _resent);

    /// <summary>Batches that a job refused.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>Jobs in memory.</summary>
    public int Active => _glances.Count;

    /// <summary>Bytes that may be on their way to jobs.</summary>
    public long InFlightBytes => Interlocked.Read(ref _inFlight);

    /// <summary>Bytes that are not in a saved snapshot.</summary>
    public long UnsavedBytes => Interlocked.Read(ref _unsaved);

    /// <summary>Frames that no job could use, by reason.</summary>
    public IReadOnlyDictionary<string, long> RejectedByReason => _rejected;

    internal void CountFrames(int applied, int duplicates, int skipped)
    {
        Interlocked.Add(ref _frames, applied);
        Interlocked.Add(ref _duplicates, duplicates);
        Interlocked.Add(ref _skipped, skipped);
    }

    internal void CountRejected(string reason) => _rejected.AddOrUpdate(reason, 1, static (_, count) => count + 1);

    internal void CountSnapshot()
    {
        Interlocked.Increment(ref _snapshots);
        NoteStoreWorks();
    }

    /// <summary>Counts one; true when it is the first since the store has worked.</summary>
    internal bool CountSnapshotFailure()
    {
        Interlocked.Increment(ref _snapshotFailures);
        return Interlocked.Exchange(ref _storeFails, 1) == 0;
    }

    internal void NoteStoreWorks() => Volatile.Write(ref _storeFails, 0);

    internal void CountFenced() => Interlocked.Increment(ref _fenced);

    internal void CountRecord() => Interlocked.Increment(ref _records);

    internal void CountRecordFailure() => Interlocked.Increment(ref _recordFailures);

    internal void CountResent() => Interlocked.Increment(ref _resent);

    internal void CountRefused() => Interlocked.Increment(ref _refused);

    internal void SetWindow(long inFlight, long unsaved)
    {
        Interlocked.Exchange(ref _inFlight, inFlight);
        Interlocked.Exchange(ref _unsaved, unsaved);
    }

    internal void CountFed(int frames) => Interlocked.Add(ref _fed, frames);

    /// <summary>A job has come to life here; its actor goes on writing what it shows.</summary>
    internal JobGlance Add(string entityId) => _glances[entityId] = new JobGlance(entityId);

    /// <summary>It has gone; the next actor of the same job may have shown itself already.</summary>
    internal void Remove(string entityId, JobGlance glance) => _glances.TryRemove(KeyValuePair.Create(entityId, glance));

    /// <summary>Ends the instruments.</summary>
    public void Dispose() => _meter.Dispose();

    private void Counter(string name, Func<long> value, string unit, string description) =>
        _meter.CreateObservableCounter(name, value, unit, description);

    private long Sum(Func<JobGlance, int> part) => _glances.Sum(job => (long)part(job.Value));
}
