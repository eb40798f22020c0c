using System.Diagnostics;
using Ogrt.Journal;

namespace Ogrt.Bench.Journal;

/// <summary>
/// What a record of 2.1 KB costs in processor time: all threads, user and system, syncs included. Processor time stays
/// comparable on a machine that others use too; elapsed time does not.
/// <para><c>dotnet run -c Release --project Ogrt.Bench -- journal [DIRECTORY]</c></para>
/// </summary>
public static class JournalCost
{
    private const int Records = 262144;
    private const int FrameSize = 2117;
    private const int Laps = 5;

    /// <summary>Measures each way some times and prints the medians.</summary>
    public static int Run(string[] args)
    {
        var parent = args.Length > 0 ? args[0] : Path.GetTempPath();
        Console.WriteLine($"{Records} records of {FrameSize} bytes, median of {Laps} laps; processor time and elapsed time for one record");
        foreach (var preallocate in new[] { true, false })
        {
            Measure($"append one by one, interval, preallocate={preallocate}", parent, preallocate, SyncPolicy.Interval, 1);
            Measure($"append in batches of 32, interval, preallocate={preallocate}", parent, preallocate, SyncPolicy.Interval, 32);
            Measure($"append in batches of 32, never, preallocate={preallocate}", parent, preallocate, SyncPolicy.Never, 32);
        }

        return 0;
    }

    private static void Measure(string what, string parent, bool preallocate, SyncPolicy sync, int batchSize)
    {
        var appends = new List<(double Processor, double Elapsed)>();
        var reads = new List<(double Processor, double Elapsed)>();
        var syncs = 0L;
        for (var lap = 0; lap < Laps; lap++)
        {
            var directory = Directory.CreateDirectory(Path.Combine(parent, "ogrt-bench-" + Guid.NewGuid().ToString("N"))).FullName;
            using (SegmentedJournal journal = SegmentedJournal.Open(new JournalOptions { Directory = directory, Preallocate = preallocate, Sync = sync }))
            {
                appends.Add(Time(() => Append(journal, batchSize)));
                syncs = journal.Statistics.Syncs;
                using JournalReader reader = journal.OpenReader("bench");
                reads.Add(Time(() => Read(reader)));
            }

            Directory.Delete(directory, recursive: true);
        }

        Console.WriteLine($"{what}: {Median(appends)}, {syncs} syncs; read back: {Median(reads)}");
    }

    private static void Append(SegmentedJournal journal, int batchSize)
    {
        var frame = new byte[FrameSize];
        new Random(1).NextBytes(frame);
        JournalBatch batch = journal.CreateBatch();
        for (var i = 0; i < Records / batchSize; i++)
        {
            batch.Clear();
            for (var j = 0; j < batchSize; j++)
                batch.Add(1, j, default, frame);
            journal.Append(batch, CancellationToken.None);
        }
    }

    private static void Read(JournalReader reader)
    {
        var records = 0;
        while (reader.TryRead(out _))
            records++;
        if (records != Records)
            throw new InvalidOperationException($"{records} of {Records} records were read back.");
    }

    private static (double Processor, double Elapsed) Time(Action action)
    {
        using var process = Process.GetCurrentProcess();
        TimeSpan before = process.TotalProcessorTime;
        var start = Stopwatch.GetTimestamp();
        action();
        TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
        process.Refresh();
        return ((process.TotalProcessorTime - before).TotalMicroseconds / Records, elapsed.TotalMicroseconds / Records);
    }

    private static string Median(List<(double Processor, double Elapsed)> laps) =>
        FormattableString.Invariant($"{Middle(laps.Select(lap => lap.Processor)):F2} us processor, {Middle(laps.Select(lap => lap.Elapsed)):F2} us elapsed");

    private static double Middle(IEnumerable<double> values) => values.Order().ElementAt(Laps / 2);
}
