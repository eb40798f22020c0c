using System.Diagnostics;
using System.Globalization;
using Akka.Actor;
using Akka.Configuration;
using Akka.Event;
using Ogrt.Bench.WholeSystem;
using Ogrt.Journal;
using Ogrt.Sinks;
using Ogrt.Wire;

namespace Ogrt.Bench.Sinks;

/// <summary>
/// What the way of a frame from the journal to an accepted bulk item costs, without what comes before it: reading, encoding,
/// sending, the answer and the cursor. Frames are appended at a rate, as listeners do it, or all of them lie there already.
/// Processor time is that of all threads but the appending one and the journal's own.
/// <para><c>dotnet run -c Release --project Ogrt.Bench -- delivery</c></para>
/// </summary>
internal static class DeliveryCost
{
    public const string Usage = "delivery [--count N] [--rate N (0: a backlog)] [--laps N] [--target URL] [--set KEY=VALUE (of the sink)]…";

    private const int FramesPerAppend = 32;

    // As many as it takes until what runs is compiled to the end.
    private const int WarmUpLaps = 3;

    private sealed record Options(long Count, double Rate, int Laps, string Target, string[] Settings);

    /// <param name="Processor">Microseconds of processor time a frame.</param>
    /// <param name="Allocated">Bytes that a frame allocates, once the buffers are there.</param>
    /// <param name="Elapsed">Seconds.</param>
    private sealed record Lap(double Processor, double Allocated, double Elapsed);

    /// <summary>Measures and prints a row a lap and the medians.</summary>
    /// <returns>0, or 64 on a usage error.</returns>
    public static async Task<int> RunAsync(string[] arguments)
    {
        Options options = new(300_000, 50_000, 5, "", []);
        for (int i = 0; i < arguments.Length; i += 2)
        {
            string value = i + 1 < arguments.Length ? arguments[i + 1] : "";
            Options? next = arguments[i] switch
            {
                "--count" => options with { Count = long.Parse(value, CultureInfo.InvariantCulture) },
                "--rate" => options with { Rate = double.Parse(value, CultureInfo.InvariantCulture) },
                "--laps" => options with { Laps = int.Parse(value, CultureInfo.InvariantCulture) },
                "--target" => options with { Target = value },
                "--set" => options with { Settings = [.. options.Settings, value] },
                _ => null,
            };
            if (next is null || value.Length == 0)
            {
                Console.Error.WriteLine("usage: " + Usage);
                return 64;
            }
            options = next;
        }
        await using BulkEndProcess? end = options.Target.Length == 0 ? await BulkEndProcess.StartAsync(CancellationToken.None) : null;
        using ActorSystem system = ActorSystem.Create("bench", "akka.loglevel = ERROR");
        Console.WriteLine($"{options.Count} frames at {(options.Rate > 0 ? options.Rate + "/s" : "once")}");
        Console.WriteLine($"{"lap",4}{"us/frame",10}{"bytes/frame",13}{"frames/s",10}");
        List<Lap> laps = [];
        for (int n = -WarmUpLaps; n < options.Laps; n++)
        {
            // What warms up need not be as long.
            Lap lap = await MeasureAsync(system, end?.Url ?? options.Target, n < 0 ? options with { Count = 100_000 } : options);
            if (n < 0)
                continue;
            laps.Add(lap);
            Print(n.ToString(CultureInfo.InvariantCulture), lap);
        }
        Print("med", new Lap(Median(laps, l => l.Processor), Median(laps, l => l.Allocated), Median(laps, l => l.Elapsed)));
        using var process = Process.GetCurrentProcess();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"peak {process.PeakWorkingSet64 / 1048576.0:F0} MiB"));
        await system.Terminate();
        return 0;

        void Print(string name, Lap lap) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{name,4}{lap.Processor,10:F3}{lap.Allocated,13:F1}{options.Count / lap.Elapsed,10:F0}"));
    }

    private static async Task<Lap> MeasureAsync(ActorSystem system, string target, Options options)
    {
        string parent = Environment.GetEnvironmentVariable("OGRT_BENCH_DIRECTORY") ?? Path.GetTempPath();
        string directory = Directory.CreateDirectory(Path.Combine(parent, "ogrt-bench-" + Guid.NewGuid().ToString("N"))).FullName;
        try
        {
            using SegmentedJournal journal = SegmentedJournal.Open(new JournalOptions { Directory = Path.Combine(directory, "journal") });
            if (options.Rate <= 0)
                Append(journal, options.Count, 0);
            Config config = ConfigurationFactory.ParseString(
                $"ogrt.sinks {{ local.enabled = off\n es {{ type = elasticsearch\n enabled = on\n endpoints = [\"{target}\"]\n {string.Join('\n', options.Settings)} }} }}");
            var context = new SinkContext("bench", Path.Combine(directory, "data"), Logging.GetLogger(system, "bench"));
            GC.Collect();
            double appending = 0;
            Thread? appender = options.Rate <= 0 ? null : new Thread(() =>
            {
                Append(journal, options.Count, options.Rate);
                appending = ThreadSeconds("/proc/thread-self");
            });
            double processor = ProcessorSeconds(0);
            long allocated = 0, settled = 0;
            long begin = Stopwatch.GetTimestamp();
            await using SinkHost host = await SinkHost.StartAsync(system, journal, SinkSettings.Create(config.WithFallback(SinksReference.Config)), context);
            appender?.Start();
            long delivered;
            while ((delivered = host.Deliveries[0].Metrics.Counts.Delivered) < options.Count)
            {
                // The first third has made the buffers.
                if (settled == 0 && delivered > options.Count / 3)
                    (settled, allocated) = (delivered, GC.GetTotalAllocatedBytes(precise: true));
                await Task.Delay(20);
            }
            double elapsed = Stopwatch.GetElapsedTime(begin).TotalSeconds;
            allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;
            appender?.Join();
            processor = ProcessorSeconds(appending) - processor;
            return new Lap(processor / options.Count * 1e6, (double)allocated / (options.Count - settled), elapsed);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static void Append(SegmentedJournal journal, long count, double rate)
    {
        RecordedFrame frame = RecordedFrame.Load("mpi");
        byte[] bytes = new byte[frame.Length];
        JournalBatch batch = journal.CreateBatch();
        long begin = Stopwatch.GetTimestamp();
        for (long n = 0; n < count; n++)
        {
            frame.CopyTo(bytes, n);
            batch.Add(RecordKind.Frame, (DateTime.UtcNow - DateTime.UnixEpoch).Ticks * 100, default, bytes);
            if (batch.Count < FramesPerAppend && n < count - 1)
                continue;
            journal.Append(batch, CancellationToken.None);
            batch.Clear();
            double wait = rate > 0 ? (n / rate) - Stopwatch.GetElapsedTime(begin).TotalSeconds : 0;
            if (wait > 0)
                Thread.Sleep(TimeSpan.FromSeconds(wait));
        }
    }

    // Processor time so far, without that of the threads that append and sync. Threads that have ended count in the process'
    // figure only: the appending one tells its own before it ends.
    private static double ProcessorSeconds(double appending)
    {
        using var process = Process.GetCurrentProcess();
        double syncing = 0;
        foreach (string task in Directory.EnumerateDirectories("/proc/self/task"))
        {
            if (File.ReadAllText(task + "/comm").Trim() == "journal-sync")
                syncing += ThreadSeconds(task);
        }
        return process.TotalProcessorTime.TotalSeconds - appending - syncing;
    }

    // The first number of schedstat is nanoseconds on a processor.
    private static double ThreadSeconds(string task)
    {
        string text = File.ReadAllText(task + "/schedstat");
        return long.Parse(text.AsSpan(0, text.IndexOf(' ')), CultureInfo.InvariantCulture) / 1e9;
    }

    private static double Median(List<Lap> laps, Func<Lap, double> figure)
    {
        double[] sorted = [.. laps.Select(figure).Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
