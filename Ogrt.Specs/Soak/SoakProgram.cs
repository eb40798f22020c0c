using System.Diagnostics;
using System.Globalization;

namespace Ogrt.Specs.Soak;

/// <summary>The long form: one mixed run after the other, each with a seed of its own, for some minutes.</summary>
internal static class SoakProgram
{
    /// <summary>The command line.</summary>
    public const string Usage = """
        soak [--minutes N] [--seed N] [--rounds N] [--rate N] [--steps N]
          --minutes N   begins no further round after N minutes (10)
          --seed N      the seed of the first round; each further one has the next number (of the time of day)
          --rounds N    at most N rounds: with --seed and 1, the one that failed
          --rate N      frames a second (3000)
          --steps N     steps of faults of a round (20)
        """;

    /// <summary>Runs it.</summary>
    /// <returns>0 when all held, 1 when not, 64 on a usage error.</returns>
    public static async Task<int> RunAsync(string[] arguments)
    {
        double minutes = 10, rate = 3000;
        ulong seed = (ulong)DateTime.UtcNow.TimeOfDay.TotalMilliseconds;
        int rounds = int.MaxValue, steps = 20;
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
        return await RunAsync(new SoakOptions(seed, rate, PoisonEvery: 10_000), minutes, rounds, steps, interrupted.Token);
    }

    private static async Task<int> RunAsync(SoakOptions options, double minutes, int rounds, int steps, CancellationToken cancellation)
    {
        var all = new SoakReport();
        long begin = Stopwatch.GetTimestamp();
        var failed = new List<ulong>();
        try
        {
            for (int round = 0; round < rounds && (round == 0 || Stopwatch.GetElapsedTime(begin).TotalMinutes < minutes); round++)
            {
                SoakOptions one = options with { Seed = options.Seed + (ulong)round };
                await using SoakRun run = await SoakRun.CreateAsync(one, line => Say(begin, line));
                if (round == 0)
                    run.CannotBe.ToList().ForEach(c => Say(begin, $"left out: {c.Kind}, as {c.Reason}"));
                SoakReport report = await run.RunAsync(FaultSchedule.Mixed(one.Seed, steps, run.Targets, run.OfServer), cancellation);
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
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"again: ./build.sh soak --seed {seed} -- --rounds 1 --rate {options.Rate} --steps {steps}"));
        return all.Violations.Count == 0 ? 0 : 1;
    }

    private static void Say(long begin, string line) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Stopwatch.GetElapsedTime(begin):mm\\:ss} {line}"));
}
