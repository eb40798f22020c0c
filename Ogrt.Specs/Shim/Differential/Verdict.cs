namespace Ogrt.Specs.Shim.Differential;

/// <summary>What became of a comparison.</summary>
internal enum VerdictKind
{
    /// <summary>Nothing differed in any mode.</summary>
    Same,

    /// <summary>Some facet differs from run to run without the library; the others did not differ.</summary>
    SameInPart,

    /// <summary>It shows that something is preloaded, and shows the same with an empty library.</summary>
    ShowsPreload,

    /// <summary>Standard output or error differ from run to run without the library.</summary>
    NotDeterministic,

    /// <summary>It cannot be run here: no program for this processor, no end in time, output without end.</summary>
    NotComparable,

    /// <summary>The library changed what the program does.</summary>
    Different,
}

/// <summary>A facet that was not as it is without the library.</summary>
internal sealed record Difference(Mode Mode, string Facet, string Without, string With)
{
    private const int _shown = 8;

    /// <summary>The lines that only one of them has.</summary>
    public override string ToString()
    {
        string[] without = Without.Split('\n'), with = With.Split('\n');
        int same = without.Zip(with).TakeWhile(pair => pair.First == pair.Second).Count();
        return $"  {Facet} differs when {Mode}, from line {same + 1}:\n"
            + string.Concat(without.Skip(same).Take(_shown).Select(line => $"    - {Cut(line)}\n"))
            + string.Concat(with.Skip(same).Take(_shown).Select(line => $"    + {Cut(line)}\n"));
    }

    private static string Cut(string line) => line.Length > 200 ? line[..200] + "…" : line;
}

/// <param name="Subject">What was run.</param>
/// <param name="Kind">What became of it.</param>
/// <param name="Detail">Why it was not compared, or which facets were not.</param>
/// <param name="Differences">Those that stayed, that an empty library makes too, or that were seen once and never again.</param>
/// <param name="Loaded">In how many of its runs the library was in the process.</param>
internal sealed record Verdict(Subject Subject, VerdictKind Kind, string Detail, IReadOnlyList<Difference> Differences, int Loaded)
{
    public override string ToString() =>
        $"{Subject}: {Detail}\n{string.Concat(Differences)}";
}
