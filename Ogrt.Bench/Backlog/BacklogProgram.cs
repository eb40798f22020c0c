using System.Globalization;

namespace Ogrt.Bench.Backlog;

/// <summary>What a backlog costs: <c>stop</c> measures start and stop of a server with one, <c>drain</c> its memory while one
/// grows, and how fast it goes when the target is back.</summary>
internal static class BacklogProgram
{
    public const string Usage = """
        backlog stop  [--gigabytes 0,1,5] [--target refusing|silent] [--set KEY=VALUE]…
        backlog drain [--minutes 10] [--rate 20000] [--frame mpi|shell] [--set KEY=VALUE]…
        """;

    /// <summary>Runs one of them.</summary>
    /// <returns>0; 1 when something was lost; 64 on a usage error.</returns>
    public static async Task<int> RunAsync(string[] arguments)
    {
        double[] gigabytes = [0, 1, 5];
        double minutes = 10, rate = 20_000;
        string target = "refusing", frame = "mpi";
        List<string> settings = [];
        try
        {
            if (arguments is not ["stop" or "drain", ..])
                throw new FormatException("stop or drain?");
            for (int n = 1; n < arguments.Length; n += 2)
            {
                string value = n + 1 < arguments.Length ? arguments[n + 1] : throw new FormatException($"{arguments[n]} needs a value.");
                switch (arguments[n])
                {
                    case "--gigabytes": gigabytes = [.. value.Split(',').Select(v => double.Parse(v, CultureInfo.InvariantCulture))]; break;
                    case "--minutes": minutes = double.Parse(value, CultureInfo.InvariantCulture); break;
                    case "--rate": rate = double.Parse(value, CultureInfo.InvariantCulture); break;
                    case "--target" when value is "refusing" or "silent": target = value; break;
                    case "--frame" when value is "mpi" or "shell": frame = value; break;
                    case "--set": settings.Add(value); break;
                    default: throw new FormatException($"{arguments[n]} {value} is no option.");
                }
            }
        }
        catch (FormatException e)
        {
            Console.Error.WriteLine($"{e.Message}\nusage: {Usage}");
            return 64;
        }
        return arguments[0] == "stop"
            ? await StartAndStop.RunAsync(gigabytes, target == "silent", settings, CancellationToken.None)
            : await DrainBenchmark.RunAsync(TimeSpan.FromMinutes(minutes), rate, frame, settings, CancellationToken.None);
    }
}
