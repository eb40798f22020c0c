using System.Diagnostics;
using System.Globalization;
using Ogrt.Specs.Cluster.Faults;

namespace Ogrt.Specs.Soak;

/// <summary>The long form: one mixed run after the other, each with a seed of its own, for some minutes; of one server and its
/// targets, or of a cluster.</summary>
internal static class SoakProgram
{
    /// <summary>The command line.</summary>
    public const string Usage = """
        soak [cluster [each]] [--minutes N] [--seed N] [--rounds N] [--rate N] [--steps N]
          cluster       three servers and what is between them, rather than one server and its targets
          each          of a cluster: each fault alone, one after the other, rather than mixed ones
          --minutes N   begins no further round after N minutes (10)
          --seed N      the seed of the first round; each further one has the next number (of the time of day)
          --rounds N    at most N rounds: with --seed and 1, the one that failed
          --rate N      frames a second (3000; of a cluster 1500)
          --steps N     steps of faults of a round (20; of a cluster 15)
        """;

    /// <summary>Runs it.</summary>
    /// <returns>0 when all held, 1 when not, 64 on a usage error.</returns>
    public static async Task<int> RunAsync(string[] arguments)
    {
        bool isCluster = arguments.Contains("cluster"), isEach = arguments.Contains("each");
        arguments = [.. arguments.Where(a => a is not ("cluster" or "each"))];
        double minutes = 10, rate = isCluster ? 1500 : 3000;
        ulong seed = (ulong)DateTime.UtcNow.TimeOfDay.TotalMilliseconds;
        int rounds = int.MaxValue, steps = isCluster ? 15 : 20;
        try
        {
            for (int n = 0; n < arguments.Length; n += 2)
            {
                string value = n + 1 < arguments.Length ? arguments[n + 1] : throw new FormatException($"{arguments[n]} needs a value.");
                switch (arguments[n])
                {
                    case "--minutes": minutes = double.Parse(value, CultureInfo.InvariantCulture); break;
                    case "--seed": seed = ulong.Parse(value, CultureInfo.InvariantCulture); break;
                    case "--rounds": rounds = int.Parse(value, CultureInfo.InvariantCulture); break;
                    case "--rate": rate = double.Parse(value, CultureInfo.InvariantCulture); break;
                    case "--steps": steps = int.Parse(value, CultureInfo.InvariantCulture); break;
                    default: throw new FormatException($"{arguments[n]} is no option of the soak.");
                }
            }
        }
        catch (FormatException e)
        {
            Console.Error.WriteLine($"{e.Message}\nusage: {Usage}");
            return 64;
        }
        using var interrupted = new CancellationTokenSource();
        Console.CancelKeyPress += (_, key) =>
        {
            key.Cancel = true;
            interrupted.Cancel();
        };
        var options = new SoakOptions(seed, rate, PoisonEvery: 10_000) { DatabaseAway = TimeSpan.FromMinutes(1) };
        string again = string.Create(
            CultureInfo.InvariantCulture, $"-- {(isCluster ? "cluster " : "")}{(isEach ? "each " : "")}--rounds 1 --rate {rate} --steps {steps}");
        return await RunAsync(options, minutes, rounds, isCluster ? ClusterAsync : ServerAsync, again);

        async Task<SoakReport> ServerAsync(SoakOptions one, Action<string> say, bool isFirst)
        {
            await using SoakRun run = await SoakRun.CreateAsync(one, say);
            if (isFirst)
                run.CannotBe.ToList().ForEach(c => say($"left out: {c.Kind}, as {c.Reason}"));
            return await run.RunAsync(FaultSchedule.Mixed(one.Seed, steps, run.Targets, run.OfServer), interrupted.Token);
        }

        async Task<SoakReport> ClusterAsync(SoakOptions one, Action<string> say, bool isFirst)
        {
            await using ClusterFaultRun run = await ClusterFaultRun.CreateAsync(one, say, interrupted.Token);
            if (isFirst)
                run.CannotBe.ToList().ForEach(c => say($"left out: {c.Kind}, as {c.Reason}"));
            return await run.RunAsync(
                isEach ? ClusterFaultSchedule.Each(run.CanBe, run.Nodes) : ClusterFaultSchedule.Mixed(one.Seed, steps, run.CanBe, run.Nodes), interrupted.Token);
        }
    }

    private static async Task<int> RunAsync(
        SoakOptions options, double minutes, int rounds, Func<SoakOptions, Action<string>, bool, Task<SoakReport>> runRound, string again)
    {
        var all = new SoakReport();
        long begin = Stopwatch.GetTimestamp();
        var failed = new List<ulong>();
        try
        {
            for (int round = 0; round < rounds && (round == 0 || Stopwatch.GetElapsedTime(begin).TotalMinutes < minutes); round++)
            {
                SoakOptions one = options with { Seed = options.Seed + (ulong)round };
                SoakReport report = await runRound(one, line => Say(begin, line), round == 0);
                all.Add(report);
                if (report.Violations.Count == 0)
                    continue;
                failed.Add(one.Seed);
                Console.WriteLine(report);
            }
        }
        catch (OperationCanceledException)
        {
            Console.WriteLine("interrupted: the round under way does not count");
        }
        Console.WriteLine(all);
        foreach (ulong seed in failed)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"again: ./build.sh soak --seed {seed} {again}"));
        return all.Violations.Count == 0 ? 0 : 1;
    }

    private static void Say(long begin, string line) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Stopwatch.GetElapsedTime(begin):mm\\:ss} {line}"));
}
