using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using Ogrt.Server.Cli;

namespace Ogrt.Server.Metrics;

/// <summary>
/// What Prometheus' client libraries tell about every process
/// (https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics), the basics of the .NET runtime, and
/// which build this is.
/// </summary>
public sealed class ProcessMetrics : IDisposable
{
    private readonly Meter _meter = new("Ogrt.Process");

    /// <summary>Registers the instruments.</summary>
    public ProcessMetrics()
    {
        using var process = Process.GetCurrentProcess();
        double started = new DateTimeOffset(process.StartTime).ToUnixTimeMilliseconds() / 1000.0;
        _meter.CreateObservableCounter("process_cpu_seconds_total", () => Environment.CpuUsage.TotalTime.TotalSeconds, "s", "Processor time, user and system.");
        _meter.CreateObservableGauge("process_resident_memory_bytes", () => Environment.WorkingSet, "By", "Memory in RAM.");
        _meter.CreateObservableGauge("process_start_time_seconds", () => started, "s", "When the process started, in seconds since 1970.");
        _meter.CreateObservableGauge("process_open_fds", OpenFiles, "{file}", "Open file descriptors.");
        _meter.CreateObservableGauge("process_max_fds", MaxFiles, "{file}", "The limit of process_open_fds.");
        _meter.CreateObservableGauge("process_threads", ThreadCount, "{thread}", "Threads of the operating system.");
        _meter.CreateObservableGauge("dotnet_gc_heap_bytes", () => GC.GetTotalMemory(false), "By", "Bytes in use on the managed heap.");
        _meter.CreateObservableGauge("dotnet_gc_committed_bytes", () => GC.GetGCMemoryInfo().TotalCommittedBytes, "By", "Memory that the collector has committed.");
        _meter.CreateObservableCounter("dotnet_gc_allocated_bytes_total", () => GC.GetTotalAllocatedBytes(), "By", "Bytes allocated on the managed heap.");
        _meter.CreateObservableCounter("dotnet_gc_collections_total", Collections, "{collection}", "Collections, by generation.");
        _meter.CreateObservableCounter("dotnet_gc_pause_seconds_total", () => GC.GetTotalPauseDuration().TotalSeconds, "s", "Time that threads were stopped for collections.");
        _meter.CreateObservableGauge("dotnet_threadpool_threads", () => (long)ThreadPool.ThreadCount, "{thread}", "Threads of the pool.");
        _meter.CreateObservableGauge("dotnet_threadpool_queue", () => ThreadPool.PendingWorkItemCount, "{item}", "Work that waits for a thread of the pool.");
        _meter.CreateObservableCounter("dotnet_threadpool_completed_total", () => ThreadPool.CompletedWorkItemCount, "{item}", "Work that the pool has done.");
        _meter.CreateObservableGauge("ogrt_build_info", () => new Measurement<long>(
            1,
            new KeyValuePair<string, object?>("version", VersionText.Version),
            new KeyValuePair<string, object?>("runtime", Environment.Version.ToString())), "1", "1; the labels tell the build.");
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    private static IEnumerable<Measurement<long>> Collections() => Enumerable.Range(0, GC.MaxGeneration + 1)
        .Select(g => new Measurement<long>(GC.CollectionCount(g), new KeyValuePair<string, object?>("generation", g)));

    private static long OpenFiles() => Directory.EnumerateFileSystemEntries("/proc/self/fd").LongCount();

    private static long ThreadCount() => Directory.EnumerateDirectories("/proc/self/task").LongCount();

    private static long MaxFiles()
    {
        const string name = "Max open files";
        string? line = File.ReadLines("/proc/self/limits").FirstOrDefault(l => l.StartsWith(name, StringComparison.Ordinal));
        string? soft = line?[name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault();
        return long.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out long limit) ? limit : -1;
    }
}
