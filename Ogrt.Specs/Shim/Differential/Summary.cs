using System.Globalization;

namespace Ogrt.Specs.Shim.Differential;

/// <summary>What a differential run comes to.</summary>
internal sealed class Summary(IReadOnlyList<Verdict> verdicts)
{
    /// <summary>Programs, under each of their names, of which at least one run was compared.</summary>
    public int ComparedPrograms => Of(VerdictKind.Same, VerdictKind.SameInPart, VerdictKind.ShowsPreload, VerdictKind.Different)
        .Select(verdict => verdict.Subject.Program).Distinct().Count();

    public IReadOnlyList<Verdict> Different => [.. Of(VerdictKind.Different)];

    /// <summary>Runs in which the library was in the process.</summary>
    public int Loaded => verdicts.Sum(verdict => verdict.Loaded);

    /// <summary>The counts, and each command that was not the same in everything, with the reason.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"""
        {verdicts.Count} commands of {verdicts.Select(verdict => verdict.Subject.Program).Distinct().Count()} programs:
        {Count(VerdictKind.Same)} the same in everything
        {Count(VerdictKind.SameInPart)} the same where they do not differ from themselves
        {Count(VerdictKind.ShowsPreload)} show that something is preloaded, and the same with an empty library
        {Count(VerdictKind.NotDeterministic)} differ from themselves in what they print
        {Count(VerdictKind.NotComparable)} cannot be compared
        {Count(VerdictKind.Different)} DIFFERENT
        {ComparedPrograms} programs were compared, in {Loaded} runs with the library in the process

        {Section("Different", VerdictKind.Different)}{Section("Show the preload", VerdictKind.ShowsPreload)}{Section("The same in part", VerdictKind.SameInPart)}{Section("Not deterministic", VerdictKind.NotDeterministic)}{Section("Not comparable", VerdictKind.NotComparable)}
        """);

    private IEnumerable<Verdict> Of(params VerdictKind[] kinds) => verdicts.Where(verdict => kinds.Contains(verdict.Kind));

    private int Count(VerdictKind kind) => Of(kind).Count();

    private string Section(string title, VerdictKind kind) =>
        $"{title}:\n{string.Concat(Of(kind).OrderBy(verdict => verdict.ToString(), StringComparer.Ordinal))}\n";
}
