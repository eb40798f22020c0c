using System.Diagnostics;
using System.Globalization;
using Akka.Actor;
using Akka.Configuration;
using Ogrt.Actors.Ingest;
using Ogrt.Journal;

namespace Ogrt.Bench.Ingest;

/// <summary>
/// Receives frames from a load generator into a journal in a temporary directory, and prints what each of them has cost. It is
/// read against a program that only receives, on the same machine and at the same time.
/// </summary>
/// <remarks><c>ingest PORT COUNT [HOCON]</c>, for example <c>ingest 7971 200000 "ogrt.ingest.listener-defaults.tcp.read-at-accept = off"</c>.
/// It listens for both transports on 127.0.0.1, begins to measure when a quarter of
/// the frames has come, so that the compiler is mostly done, and ends after COUNT frames or three seconds
/// without one.</remarks>
internal static class ReceiveBench
{
    public static async Task<int> RunAsync(string[] args)
    {
        if (args.Length is < 2 or > 3)
        {
            Console.Error.WriteLine("usage: ingest PORT COUNT [HOCON]");
            return 2;
        }

        int port = int.Parse(args[0], CultureInfo.InvariantCulture);
        long count = long.Parse(args[1], CultureInfo.InvariantCulture);
        Config config = ConfigurationFactory.ParseString(args.Length == 3 ? args[2] : "")
            .WithFallback(ConfigurationFactory.ParseString($$"""
                ogrt.ingest.listener-defaults {
                  tcp { address = "127.0.0.1", port = {{port}} }
                  udp { address = "127.0.0.1", port = {{port}} }
                }
                """))
            .WithFallback(IngestSettings.Reference());
        DirectoryInfo directory = Directory.CreateTempSubdirectory("ogrt-");
        try
        {
            await using SegmentedJournal journal = SegmentedJournal.Open(new JournalOptions { Directory = directory.FullName });
            using ActorSystem system = ActorSystem.Create("bench", "akka.loglevel = WARNING");
            using var metrics = new IngestMetrics();
            IngestHost host = await IngestHost.StartAsync(system, IngestSettings.Create(config), journal, metrics);
            await MeasureAsync(metrics, count);
            await host.StopAsync();
            await system.Terminate();
            return 0;
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private static async Task MeasureAsync(IngestMetrics metrics, long count)
    {
        using var process = Process.GetCurrentProcess();
        while (metrics.FramesTotal < count / 4) await Task.Delay(5);
        process.Refresh();
        TimeSpan before = process.TotalProcessorTime;
        Dictionary<string, TimeSpan> threads = ThreadTimes();
        long first = metrics.FramesTotal;
        long allocated = GC.GetTotalAllocatedBytes();
        var clock = Stopwatch.StartNew();
        long last = first;
        TimeSpan changed = TimeSpan.Zero;
        while (metrics.FramesTotal < count && clock.Elapsed - changed < TimeSpan.FromSeconds(3))
        {
            await Task.Delay(250);
            if (metrics.FramesTotal == last) continue;
            (last, changed) = (metrics.FramesTotal, clock.Elapsed);
        }

        process.Refresh();
        long frames = metrics.FramesTotal - first;
        double used = (process.TotalProcessorTime - before).TotalMicroseconds;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"received {metrics.FramesTotal} frames, {frames / changed.TotalSeconds:F0}/s, {used / frames:F2} us of processor time and {(GC.GetTotalAllocatedBytes() - allocated) / frames} bytes allocated each"));
        foreach (string listener in (string[])["tcp", "udp"])
        {
            ListenerMetrics of = metrics.Of(listener);
            if (of.Frames == 0) continue;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{listener}: {of.Connections} connections, {of.Datagrams} datagrams, {of.KernelDrops} dropped by the kernel, {of.JournalWait.TotalMicroseconds / of.Frames:F2} us each for appending"));
        }

        PrintThreads(threads, frames);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{metrics.RejectedTotal} rejections, peak memory {process.PeakWorkingSet64 / 1024 / 1024} MB"));
    }

    /// <summary>Which threads the time went to, so that receiving can be told from what the journal does behind it.</summary>
    private static void PrintThreads(Dictionary<string, TimeSpan> before, long frames)
    {
        IEnumerable<string> spent = ThreadTimes()
            .Select(thread => (thread.Key, Each: (thread.Value - before.GetValueOrDefault(thread.Key)).TotalMicroseconds / frames))
            .Where(thread => thread.Each >= 0.05)
            .OrderByDescending(thread => thread.Each)
            .Select(thread => string.Create(CultureInfo.InvariantCulture, $"{thread.Key} {thread.Each:F2}"));
        Console.WriteLine($"us each by thread: {string.Join(", ", spent)}");
    }

    /// <summary>Processor time by the name of the thread, from /proc/self/task.</summary>
    private static Dictionary<string, TimeSpan> ThreadTimes()
    {
        Dictionary<string, TimeSpan> times = [];
        foreach (string task in Directory.GetDirectories("/proc/self/task"))
        {
            try
            {
                string name = File.ReadAllText(Path.Combine(task, "comm")).Trim();
                // The first number of schedstat: nanoseconds on a processor.
                string spent = File.ReadAllText(Path.Combine(task, "schedstat")).Split(' ')[0];
                TimeSpan time = TimeSpan.FromMicroseconds(long.Parse(spent, CultureInfo.InvariantCulture) / 1000.0);
                times[name] = times.GetValueOrDefault(name) + time;
            }
            catch (IOException)
            {
                // The thread has ended meanwhile.
            }
        }

        return times;
    }
}
