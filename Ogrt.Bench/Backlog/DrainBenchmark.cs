using System.Diagnostics;
using System.Globalization;
using Ogrt.Bench.WholeSystem;
using Ogrt.Specs.EndToEnd;

namespace Ogrt.Bench.Backlog;

/// <summary>A sink whose target is away while frames come at a steady rate: what the server's memory does meanwhile, and how fast
/// the backlog goes when the target is there.</summary>
internal static class DrainBenchmark
{
    private static readonly TimeSpan Sample = TimeSpan.FromSeconds(10);

    /// <summary>Measures and prints.</summary>
    /// <returns>0, or 1 when a frame that was accepted has not arrived.</returns>
    public static async Task<int> RunAsync(TimeSpan away, double rate, string frame, IReadOnlyList<string> settings, CancellationToken cancellation)
    {
        int port = ServerProcess.FreePort();
        await using ServerProcess server = await ServerProcess.StartAsync(
            [
                "ogrt.sinks.local.enabled=off", "ogrt.journal.max-size=64 GiB", "ogrt.sinks.es.type=elasticsearch", "ogrt.sinks.es.enabled=on",
                $"ogrt.sinks.es.endpoints=http://127.0.0.1:{port.ToString(CultureInfo.InvariantCulture)}", .. settings,
            ],
            cancellation);
        Console.WriteLine($"{"s",6}{"frames",12}{"frames/s",10}{"backlog",12}{"RSS MiB",9}{"heap MiB",10}");
        using Process load = Load(server.Port, frame, rate, (long)(rate * away.TotalSeconds));
        long begin = Stopwatch.GetTimestamp();
        var loaded = load.WaitForExitAsync(cancellation);
        double before = 0;
        for (int n = 1; !loaded.IsCompleted; n++)
        {
            await Task.WhenAny(loaded, Task.Delay(Sample, cancellation));
            before = await PrintAsync(server, begin, before, cancellation);
        }
        await server.UntilAsync(() => server.MetricsAsync(cancellation), m => m.GetValueOrDefault("ogrt_sink_lag_events") > 0, cancellation);
        double backlog = (await server.MetricsAsync(cancellation))["ogrt_sink_lag_events"], grown = Stopwatch.GetElapsedTime(begin).TotalSeconds;

        Console.WriteLine("the target is there");
        await using BulkEndProcess end = await BulkEndProcess.StartAsync(port, cancellation);
        long drain = Stopwatch.GetTimestamp();
        for (long next = drain; (await server.MetricsAsync(cancellation))["ogrt_sink_lag_events"] > 0; await Task.Delay(50, cancellation))
        {
            if (Stopwatch.GetElapsedTime(next) < Sample)
                continue;
            before = await PrintAsync(server, begin, before, cancellation);
            next = Stopwatch.GetTimestamp();
        }
        double seconds = Stopwatch.GetElapsedTime(drain).TotalSeconds;
        await PrintAsync(server, begin, before, cancellation);
        IReadOnlyDictionary<string, double> after = await server.MetricsAsync(cancellation);
        long arrived = await end.DocumentsAsync(cancellation);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"came at {backlog / grown:F0}/s, went at {backlog / seconds:F0}/s: {grown / seconds:F1} times as fast; accepted {after["ogrt_ingest_frames_total"]:F0}, arrived {arrived}, peak {server.MemoryMiB():F0} MiB"));
        return arrived >= after["ogrt_ingest_frames_total"] ? 0 : 1;
    }

    private static Process Load(int port, string frame, double rate, long count) => Process.Start(new ProcessStartInfo(
        "dotnet",
        [
            typeof(DrainBenchmark).Assembly.Location, "load", "udp", "127.0.0.1", port.ToString(CultureInfo.InvariantCulture), frame, "varied",
            count.ToString(CultureInfo.InvariantCulture), rate.ToString(CultureInfo.InvariantCulture),
        ]) { RedirectStandardOutput = true })!;

    private static async Task<double> PrintAsync(ServerProcess server, long begin, double before, CancellationToken cancellation)
    {
        IReadOnlyDictionary<string, double> metrics = await server.MetricsAsync(cancellation);
        double frames = metrics["ogrt_ingest_frames_total"];
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{Stopwatch.GetElapsedTime(begin).TotalSeconds,6:F0}{frames,12:F0}{(frames - before) / Sample.TotalSeconds,10:F0}{metrics.GetValueOrDefault("ogrt_sink_lag_events"),12:F0}{server.MemoryMiB("VmRSS"),9:F0}{metrics["dotnet_gc_heap_bytes"] / (1 << 20),10:F0}"));
        return frames;
    }
}
