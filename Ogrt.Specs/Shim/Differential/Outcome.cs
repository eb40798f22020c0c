namespace Ogrt.Specs.Shim.Differential;

/// <summary>What can be seen of a run: each facet of it as text, bytes as Latin-1.</summary>
internal sealed class Outcome
{
    public const string Output = "standard output";
    public const string Error = "standard error";
    public const string End = "end";
    public const string Start = "state at the start";
    public const string Files = "files left behind";

    public static IReadOnlyList<string> Facets { get; } = [Output, Error, End, Start, Files];

    private readonly Dictionary<string, string> _facets;

    /// <param name="output">What was written to standard output.</param>
    /// <param name="error">What was written to standard error.</param>
    /// <param name="report">The lines of the helper's report.</param>
    /// <param name="tooMuch">Whether output was cut and the program stopped.</param>
    public Outcome(string output, string error, string[] report, bool tooMuch)
    {
        TooMuch = tooMuch;
        Failure = report.FirstOrDefault(line => line.StartsWith("error ", StringComparison.Ordinal));
        NotExecutable = report.Contains("not executable");
        Loaded = report.Contains("loaded");
        TimedOut = report.Contains("end after the time limit");
        _facets = new()
        {
            [Output] = output,
            [Error] = error,
            [End] = Lines(report, "end ", "left "),
            [Start] = Lines(report, "look "),
            [Files] = Lines(report, "file "),
        };
    }

    /// <summary>What the sandbox itself failed at.</summary>
    public string? Failure { get; }

    /// <summary>The kernel cannot execute it: no program, or for another processor.</summary>
    public bool NotExecutable { get; }

    public bool TimedOut { get; }

    public bool TooMuch { get; }

    /// <summary>Whether the preload library was in the process when its first instruction ran.</summary>
    public bool Loaded { get; }

    public string this[string facet] => _facets[facet];

    private static string Lines(string[] report, params string[] starts) =>
        string.Join('\n', report.Where(line => starts.Any(start => line.StartsWith(start, StringComparison.Ordinal))).Order(StringComparer.Ordinal));
}
