using System.Diagnostics;
using System.Globalization;
using Ogrt.Specs.EndToEnd;

namespace Ogrt.Bench.WholeSystem;

/// <summary>The real server process under a load from another process, seen from outside: frames a second, processor time a
/// frame over all threads of the server until everything that was accepted has passed every reader of the journal,
/// frames lost, peak memory.</summary>
internal static class WholeSystemBenchmark
{
    private const string Accepted = "ogrt_ingest_frames_total", Rejected = "ogrt_ingest_rejected_total", KernelDrops = "ogrt_ingest_kernel_drops_total",
        Lag = "ogrt_journal_reader_lag_records", Allocated = "dotnet_gc_allocated_bytes_total";

    private sealed record Result(double FramesPerSecond, double MicrosecondsPerFrame, double BytesPerFrame, long Lost, double PeakMiB, double SettleSeconds);

    /// <summary>Runs what the arguments ask for and prints a table row a run, then the medians.</summary>
    /// <returns>0, or 64 on a usage error.</returns>
    public static async Task<int> RunAsync(string[] arguments)
    {
        if (arguments is ["--help"] or ["-h"])
        {
            Console.WriteLine($"usage: {WholeSystemOptions.Usage}");
            return 0;
        }
        WholeSystemOptions options;
        try
        {
            options = WholeSystemOptions.Parse(arguments);
        }
        catch (FormatException error)
        {
            Console.Error.WriteLine($"{error.Message}\nusage: {WholeSystemOptions.Usage}");
            return 64;
        }
        using CancellationTokenSource interrupted = new();
        Console.CancelKeyPress += (_, key) =>
        {
            key.Cancel = true;
            interrupted.Cancel();
        };
        Console.WriteLine($"frame {options.Frame}, processes {(options.Varied ? "varied" : "same")}, {Environment.ProcessorCount} cores");
        Console.WriteLine($"{"mode",-11}{"sink",-14}{"run",4}{"frames",9}{"frames/s",10}{"us/frame",10}{"bytes/frame",12}{"lost",8}{"peak MiB",10}{"settled after s",17}");
        foreach (string mode in options.Modes)
        foreach (string sink in options.Sinks)
        {
            List<Result> results = [];
            for (int run = 1; run <= options.Runs; run++)
            {
                results.Add(await MeasureAsync(mode, sink, options, interrupted.Token));
                Print(mode, sink, run.ToString(CultureInfo.InvariantCulture), options, results[^1]);
            }
            Print(mode, sink, "med", options, new Result(Median(results, r => r.FramesPerSecond), Median(results, r => r.MicrosecondsPerFrame),
                Median(results, r => r.BytesPerFrame), (long)Median(results, r => r.Lost), Median(results, r => r.PeakMiB), Median(results, r => r.SettleSeconds)));
        }
        return 0;
    }

    private static async Task<Result> MeasureAsync(string mode, string sink, WholeSystemOptions options, CancellationToken cancellation)
    {
        await using BulkEndProcess? end = sink == "elasticsearch" && options.Target.Length == 0 ? await BulkEndProcess.StartAsync(cancellation) : null;
        string[] settings =
        [
            $"ogrt.sinks.local.enabled={(sink == "local" ? "on" : "off")}",
            $"ogrt.sinks.json-file.enabled={(sink == "json-file" ? "on" : "off")}",
            .. sink == "elasticsearch"
                ? new[] { "ogrt.sinks.es.type=elasticsearch", "ogrt.sinks.es.enabled=on", $"ogrt.sinks.es.endpoints={end?.Url ?? options.Target}" }
                : [],
            .. options.Settings,
        ];
        await using ServerProcess server = await ServerProcess.StartAsync(settings, cancellation);
        // The first frames run through code that is not compiled to the end yet: a server runs for months, so they do not count. The
        // compiler has done most of its work after a second; some goes on for half a minute.
        await LoadAsync(mode, options with { Rate = 40_000 }, server.Port, options.WarmUp, cancellation);
        await SettleAsync(server, options.WarmUp, cancellation);

        IReadOnlyDictionary<string, double> before = await server.MetricsAsync(cancellation);
        double processor = server.ProcessorSeconds();
        double seconds = await LoadAsync(mode, options, server.Port, options.Count, cancellation);
        long settling = Stopwatch.GetTimestamp();
        await SettleAsync(server, (long)before[Accepted] + (long)before.GetValueOrDefault(KernelDrops) + options.Count, cancellation);
        double settled = Stopwatch.GetElapsedTime(settling).TotalSeconds;
        processor = server.ProcessorSeconds() - processor;
        IReadOnlyDictionary<string, double> after = await server.MetricsAsync(cancellation);
        double accepted = after[Accepted] - before[Accepted];
        if (end is not null && await end.DocumentsAsync(cancellation) is var documents && documents < after[Accepted])
            throw new InvalidOperationException($"Of {after[Accepted]} frames {documents} have arrived.");
        double allocated = after[Allocated] - before[Allocated];
        return new Result(options.Count / seconds, processor / accepted * 1e6, allocated / accepted, options.Count - (long)accepted, server.MemoryMiB(), settled);
    }

    /// <summary>Sends <paramref name="count"/> frames from a process of its own.</summary>
    /// <returns>How long the sending took, in seconds, as the generator says.</returns>
    private static async Task<double> LoadAsync(string mode, WholeSystemOptions options, int port, long count, CancellationToken cancellation)
    {
        double rate = mode == "udp" ? options.Rate : 0;
        string[] arguments = [typeof(WholeSystemBenchmark).Assembly.Location, "load", mode, "127.0.0.1", port.ToString(CultureInfo.InvariantCulture), options.Frame,
            options.Varied ? "varied" : "same", count.ToString(CultureInfo.InvariantCulture), rate.ToString(CultureInfo.InvariantCulture)];
        using Process generator = Process.Start(new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true })!;
        string said = await generator.StandardOutput.ReadToEndAsync(cancellation);
        await generator.WaitForExitAsync(cancellation);
        if (generator.ExitCode != 0)
            throw new InvalidOperationException($"The load generator failed: {said}");
        return double.Parse(said.Split(" in ")[1].Split(' ')[0], CultureInfo.InvariantCulture);
    }

    /// <summary>Waits until <paramref name="frames"/> frames are accounted for and every reader of the journal has passed
    /// them; frames that were lost before the server could count them show as no progress for two seconds.</summary>
    private static async Task SettleAsync(ServerProcess server, long frames, CancellationToken cancellation)
    {
        double last = -1;
        long lastChange = Stopwatch.GetTimestamp();
        while (true)
        {
            IReadOnlyDictionary<string, double> metrics = await server.MetricsAsync(cancellation);
            double counted = metrics[Accepted] + metrics.GetValueOrDefault(KernelDrops) + metrics.GetValueOrDefault(Rejected);
            double lag = metrics.GetValueOrDefault(Lag);
            if (counted + lag != last)
                (last, lastChange) = (counted + lag, Stopwatch.GetTimestamp());
            bool still = Stopwatch.GetElapsedTime(lastChange).TotalSeconds > 2;
            if (lag == 0 && (counted >= frames || still))
                return;
            if (Stopwatch.GetElapsedTime(lastChange).TotalSeconds > 60)
                throw new InvalidOperationException($"The server does not settle: {counted} of {frames} frames, {lag} records behind.");
            await Task.Delay(100, cancellation);
        }
    }

    private static double Median(List<Result> results, Func<Result, double> figure)
    {
        double[] sorted = [.. results.Select(figure).Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    private static void Print(string mode, string sink, string run, WholeSystemOptions options, Result result) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{mode,-11}{sink,-14}{run,4}{options.Count,9}{result.FramesPerSecond,10:F0}{result.MicrosecondsPerFrame,10:F2}{result.BytesPerFrame,12:F0}{result.Lost,8}{result.PeakMiB,10:F0}{result.SettleSeconds,17:F1}"));
}
