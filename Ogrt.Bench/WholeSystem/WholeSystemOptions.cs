using System.Globalization;

namespace Ogrt.Bench.WholeSystem;

/// <summary>What the whole-system benchmark is asked to run.</summary>
/// <param name="Modes">Ways of sending: udp, tcp-each, tcp-stream.</param>
/// <param name="Frame">mpi or shell.</param>
/// <param name="Varied">Each frame a new process, or the same bytes each time.</param>
/// <param name="Count">Frames a run.</param>
/// <param name="Rate">Frames a second, 0 for as fast as it goes.</param>
/// <param name="WarmUp">Frames before those that count.</param>
/// <param name="Runs">Runs of each mode, of which the median is quoted.</param>
/// <param name="Sinks">Sinks, one after the other: none, local, json-file or elasticsearch.</param>
/// <param name="Target">Where the sink elasticsearch delivers; empty for an end of the benchmark's own, which accepts everything.</param>
/// <param name="Settings">Settings of the server, KEY=VALUE, beside its defaults.</param>
internal sealed record WholeSystemOptions(string[] Modes, string Frame, bool Varied, long Count, double Rate, long WarmUp, int Runs, string[] Sinks, string Target, string[] Settings)
{
    public const string Usage = """
        system [--mode udp,tcp-each,tcp-stream] [--frame mpi|shell] [--processes same|varied] [--count N] [--rate N]
               [--warm-up N] [--runs N] [--sink none,local,json-file,elasticsearch] [--target URL] [--set KEY=VALUE]…
        """;

    /// <summary>Reads the command line.</summary>
    /// <exception cref="FormatException">An option is unknown or its value impossible.</exception>
    public static WholeSystemOptions Parse(ReadOnlySpan<string> arguments)
    {
        WholeSystemOptions options = new(["udp", "tcp-each", "tcp-stream"], "mpi", Varied: true, 500_000, 50_000, 200_000, 3, ["none", "elasticsearch"], "", []);
        for (int i = 0; i < arguments.Length; i += 2)
        {
            string value = i + 1 < arguments.Length ? arguments[i + 1] : throw new FormatException($"{arguments[i]} needs a value.");
            options = arguments[i] switch
            {
                "--mode" => options with { Modes = value.Split(',').Select(m => OneOf(m, "udp", "tcp-each", "tcp-stream")).ToArray() },
                "--frame" => options with { Frame = OneOf(value, "mpi", "shell") },
                "--processes" => options with { Varied = OneOf(value, "same", "varied") == "varied" },
                "--count" => options with { Count = long.Parse(value, CultureInfo.InvariantCulture) },
                "--rate" => options with { Rate = double.Parse(value, CultureInfo.InvariantCulture) },
                "--warm-up" => options with { WarmUp = long.Parse(value, CultureInfo.InvariantCulture) },
                "--runs" => options with { Runs = int.Parse(value, CultureInfo.InvariantCulture) },
                "--sink" => options with { Sinks = value.Split(',').Select(s => OneOf(s, "none", "local", "json-file", "elasticsearch")).ToArray() },
                "--target" => options with { Target = value },
                "--set" => options with { Settings = [.. options.Settings, value] },
                _ => throw new FormatException($"{arguments[i]} is no option of the benchmark."),
            };
        }
        return options;
    }

    private static string OneOf(string value, params string[] allowed) => Array.IndexOf(allowed, value) >= 0
        ? value
        : throw new FormatException($"{value} is none of {string.Join(", ", allowed)}.");
}
