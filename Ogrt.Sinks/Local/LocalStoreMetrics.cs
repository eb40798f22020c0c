using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Ogrt.Sinks.Local;

/// <summary>What the local store counts beside the figures of every sink.</summary>
internal sealed class LocalStoreMetrics : IDisposable
{
    private static readonly ConcurrentDictionary<LocalStoreMetrics, byte> Open = new();
    private static readonly Meter Meter = CreateMeter();

    private readonly string _path;
    private readonly KeyValuePair<string, object?> _label;
    private long _damaged;
    private long _retained;
    private long _retentionFailures;

    public LocalStoreMetrics(string sink, string path)
    {
        _path = path;
        _label = new KeyValuePair<string, object?>("sink", sink);
        _ = Meter;
        Open.TryAdd(this, 0);
    }

    /// <summary>Databases that were moved aside because they were damaged.</summary>
    public long Damaged => Interlocked.Read(ref _damaged);

    /// <summary>Processes that retention deleted.</summary>
    public long RetainedProcesses => Interlocked.Read(ref _retained);

    /// <summary>Steps of retention that failed; each is repeated.</summary>
    public long RetentionFailures => Interlocked.Read(ref _retentionFailures);

    public void DatabaseDamaged() => Interlocked.Increment(ref _damaged);

    public void Retained(long processes) => Interlocked.Add(ref _retained, processes);

    public void RetentionFailed() => Interlocked.Increment(ref _retentionFailures);

    public void Dispose() => Open.TryRemove(this, out _);

    private static Meter CreateMeter()
    {
        var meter = new Meter(SinkInstruments.MeterName);
        meter.CreateObservableCounter("ogrt_store_damaged_total", () => Each(m => m.Damaged), "{database}",
            "Databases that were moved aside because they were damaged.");
        meter.CreateObservableCounter("ogrt_store_deleted_processes_total", () => Each(m => m.RetainedProcesses), "{record}",
            "Processes that retention deleted.");
        meter.CreateObservableCounter("ogrt_store_retention_failures_total", () => Each(m => m.RetentionFailures), "{error}",
            "Steps of retention that failed and are repeated.");
        meter.CreateObservableGauge("ogrt_store_bytes", () => Each(m => SizeOf(m._path) + SizeOf(m._path + "-wal")), "By",
            "Bytes of the database and its write-ahead log.");
        return meter;
    }

    private static IEnumerable<Measurement<long>> Each(Func<LocalStoreMetrics, long> value)
    {
        foreach (LocalStoreMetrics metrics in Open.Keys)
            yield return new Measurement<long>(value(metrics), metrics._label);
    }

    private static long SizeOf(string path)
    {
        var file = new FileInfo(path);
        return file.Exists ? file.Length : 0;
    }
}
