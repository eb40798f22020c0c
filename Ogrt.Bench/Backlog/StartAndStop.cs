using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Ogrt.Bench.WholeSystem;
using Ogrt.Journal;
using Ogrt.Specs.EndToEnd;
using Ogrt.Wire;

namespace Ogrt.Bench.Backlog;

/// <summary>Start and stop of a server whose one dead sink has gigabytes of backlog, which the journal's own writer makes.</summary>
internal static class StartAndStop
{
    private const int RecordsOfBatch = 512;

    /// <summary>Measures with each backlog and prints a row for it.</summary>
    /// <returns>0, or 1 when a record was lost or the stop was not orderly.</returns>
    public static async Task<int> RunAsync(double[] gigabytes, bool silent, IReadOnlyList<string> settings, CancellationToken cancellation)
    {
        bool good = true;
        Console.WriteLine($"target {(silent ? "takes connections and is silent" : "refuses connections")}");
        Console.WriteLine($"{"backlog GB",10}{"records",11}{"start s",9}{"stop s",8}{"exit",6}{"left",11}{"RSS MiB",9}");
        foreach (double size in gigabytes)
            good &= await MeasureAsync(size, silent, settings, cancellation);
        return good ? 0 : 1;
    }

    private static async Task<bool> MeasureAsync(double gigabytes, bool silent, IReadOnlyList<string> settings, CancellationToken cancellation)
    {
        DirectoryInfo data = Directory.CreateTempSubdirectory("ogrt-backlog-");
        try
        {
            string directory = Path.Combine(data.FullName, "journal");
            // One that nobody accepts from takes connections and requests until its buffers are full, and never answers.
            using Socket target = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            target.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            if (silent)
                target.Listen(16);
            long records = Write(directory, gigabytes, cancellation);
            long begin = Stopwatch.GetTimestamp();
            await using ServerProcess server = await ServerProcess.StartAsync(
                [
                    $"ogrt.data-directory={data.FullName}", "ogrt.journal.max-size=64 GiB", "ogrt.sinks.es.type=elasticsearch", "ogrt.sinks.es.enabled=on",
                    $"ogrt.sinks.es.endpoints=http://127.0.0.1:{((IPEndPoint)target.LocalEndPoint!).Port}", .. settings,
                ],
                cancellation);
            double start = Stopwatch.GetElapsedTime(begin).TotalSeconds;
            await server.UntilAsync(
                () => server.MetricsAsync(cancellation),
                m => silent ? m.ContainsKey("ogrt_sink_lag_events") : m.GetValueOrDefault("ogrt_sink_retrying") > 0, cancellation);
            double memory = server.MemoryMiB("VmRSS");
            begin = Stopwatch.GetTimestamp();
            int exitCode = await server.StopAsync(cancellation);
            double stop = Stopwatch.GetElapsedTime(begin).TotalSeconds;
            JournalReport report = JournalInspector.Verify(directory, cancellationToken: cancellation);
            long cursor = report.Cursors.Single(c => c.Name == "sink-es").Sequence;
            long left = report.Records - cursor;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{gigabytes,10:F1}{records,11}{start,9:F2}{stop,8:F2}{exitCode,6}{left,11}{memory,9:F0}"));
            return exitCode == 0 && left == records && report.IsGood;
        }
        finally
        {
            data.Delete(recursive: true);
        }
    }

    /// <summary>Makes the backlog: the other readers of the server are done with it.</summary>
    private static long Write(string directory, double gigabytes, CancellationToken cancellation)
    {
        RecordedFrame frame = RecordedFrame.Load("mpi");
        byte[] bytes = new byte[frame.Length];
        using SegmentedJournal journal = SegmentedJournal.Open(new JournalOptions { Directory = directory, MaxSize = 64L << 30 });
        using JournalReader jobs = journal.OpenReader("jobs"), local = journal.OpenReader("sink-local");
        journal.OpenReader("sink-es").Dispose();
        long arrival = (DateTime.UtcNow - DateTime.UnixEpoch).Ticks * 100;
        var batch = new JournalBatch();
        long records = 0;
        while (journal.Statistics.Size < gigabytes * 1e9)
        {
            batch.Clear();
            for (int n = 0; n < RecordsOfBatch; n++)
            {
                frame.CopyTo(bytes, records++);
                batch.Add(RecordKind.Frame, arrival, default, bytes);
            }
            journal.Append(batch, cancellation);
        }
        jobs.Commit(journal.TailOffset);
        local.Commit(journal.TailOffset);
        return records;
    }
}
