using System.Globalization;

namespace Ogrt.Bench.Cluster;

/// <summary>What <see cref="NodesProgram"/> is asked to run.</summary>
/// <param name="Nodes">How many servers.</param>
/// <param name="Rate">Frames a second, 0 for as fast as they are taken.</param>
/// <param name="Alone">Of these so many that are sent as the preload library sends them: alone, and never again.</param>
/// <param name="PerConnection">Frames of a connection.</param>
/// <param name="Connections">Connections at a time.</param>
/// <param name="Runs">How often it is done.</param>
/// <param name="Count">Processes of a run.</param>
/// <param name="JobCount">Jobs that the processes are of.</param>
/// <param name="Hosts">Hosts that a job runs on.</param>
/// <param name="WithEnds">Whether the end of each process follows it.</param>
/// <param name="Span">How long is looked on.</param>
/// <param name="WarmUp">How long frames come before what counts begins.</param>
/// <param name="WithDatabase">Whether snapshots are in PostgreSQL, where it is installed; else in a directory.</param>
/// <param name="Share">The part of the first processor that each server has, where 1 is a processor for each.</param>
/// <param name="Settings">Settings of the servers, KEY=VALUE.</param>
internal sealed record NodesOptions(
    int Nodes, double Rate, double Alone, int PerConnection, int Connections, int Runs, long Count, int JobCount, int Hosts, bool WithEnds, TimeSpan Span, TimeSpan WarmUp, bool WithDatabase, double Share, string[] Settings)
{
    /// <summary>Names of the jobs.</summary>
    public IReadOnlyList<string> Jobs => [.. Enumerable.Range(1, JobCount).Select(n => n.ToString(CultureInfo.InvariantCulture))];

    /// <summary>Reads the command line, whose first word is the command.</summary>
    /// <exception cref="FormatException">There is no such command or option, or its value is impossible.</exception>
    public static NodesOptions Parse(ReadOnlySpan<string> arguments)
    {
        var options = new NodesOptions(3, 1000, 0, 50, 4, 3, 1_000_000, 48, 1, false, TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(20), true, 1, []);
        options = (arguments.IsEmpty ? "" : arguments[0]) switch
        {
            "restart" => options with { Rate = 20_000, Alone = 200, PerConnection = 20, Connections = 12 },
            "kill" or "leave" or "idle" => options,
            "scale" => options with { Nodes = 2, Rate = 0, PerConnection = 100, Connections = 16, WithEnds = true, WarmUp = TimeSpan.FromSeconds(90), Span = TimeSpan.FromSeconds(20), Settings = ["ogrt.sinks.local.enabled=off"] },
            "job" => options with { Rate = 0, Count = 2_000_000, JobCount = 1, Hosts = 64, WithDatabase = false, Settings = ["ogrt.sinks.local.enabled=off"] },
            _ => throw new FormatException("restart, kill, leave, scale, job or idle?"),
        };
        for (int n = 1; n < arguments.Length; n += 2)
        {
            string value = n + 1 < arguments.Length ? arguments[n + 1] : throw new FormatException($"{arguments[n]} needs a value.");
            options = arguments[n] switch
            {
                "--nodes" => options with { Nodes = Whole(value, 20) },
                "--rate" => options with { Rate = double.Parse(value, CultureInfo.InvariantCulture) },
                "--alone" => options with { Alone = double.Parse(value, CultureInfo.InvariantCulture) },
                "--per-connection" => options with { PerConnection = Whole(value, 10_000) },
                "--connections" => options with { Connections = Whole(value, 1000) },
                "--runs" => options with { Runs = Whole(value, 1000) },
                "--count" => options with { Count = Whole(value, int.MaxValue) },
                "--jobs" => options with { JobCount = Whole(value, 100_000) },
                "--hosts" => options with { Hosts = Whole(value, 100_000) },
                "--ends" when value is "yes" or "no" => options with { WithEnds = value == "yes" },
                "--seconds" => options with { Span = TimeSpan.FromSeconds(Whole(value, 86_400)) },
                "--warm-up" => options with { WarmUp = TimeSpan.FromSeconds(Whole(value, 86_400)) },
                "--store" when value is "postgresql" or "directory" => options with { WithDatabase = value == "postgresql" },
                "--share" => options with { Share = Part(value) },
                "--set" when value.Contains('=', StringComparison.Ordinal) => options with { Settings = [.. options.Settings, value] },
                _ => throw new FormatException($"{arguments[n]} {value} is no option."),
            };
        }
        return options;
    }

    private static double Part(string value) =>
        double.TryParse(value, CultureInfo.InvariantCulture, out double number) && number is >= 0.1 and <= 1 ? number : throw new FormatException($"{value} is no number from 0.1 to 1.");

    private static int Whole(string value, int most) =>
        int.TryParse(value, CultureInfo.InvariantCulture, out int number) && number >= 1 && number <= most ? number : throw new FormatException($"{value} is no number from 1 to {most}.");
}
