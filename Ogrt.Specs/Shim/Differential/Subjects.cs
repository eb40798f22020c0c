namespace Ogrt.Specs.Shim.Differential;

/// <summary>Chooses what is run from the programs that are installed.</summary>
internal static class Subjects
{
    /// <summary>
    /// The programs of a folder, in order of their names, without those of <see cref="Exclusions"/>.
    /// </summary>
    public static IEnumerable<string> Programs(string folder) =>
        Directory.EnumerateFiles(folder).Where(IsProgram).Where(program => Exclusions.Reason(program) is null).Order(StringComparer.Ordinal);

    /// <summary>
    /// So many programs, each under one of the names of its file, with <c>--version</c>; and what <see cref="Inputs"/> has.
    /// </summary>
    public static IEnumerable<Subject> Quick(string folder, int programs)
    {
        string[] there = [.. Programs(folder)];
        return
        [
            .. there.DistinctBy(File).OrderBy(Sum).Take(programs).Select(program => new Subject(program, "--version")),
            .. there.SelectMany(program => Inputs.For(program).Select(arguments => new Subject(program, arguments))),
        ];
    }

    /// <summary>Each program under each of its names: <c>--version</c>, <c>--help</c>, nothing, and what there is else.</summary>
    public static IEnumerable<Subject> All(string folder) =>
        Programs(folder).SelectMany(program => Inputs.For(program).Prepend([]).Prepend(["--help"]).Prepend(["--version"]).Select(arguments => new Subject(program, arguments)));

    /// <summary>A number that is the same in every run, and not near for texts that are near in the alphabet.</summary>
    public static uint Sum(string text) => text.Aggregate(17u, (sum, character) => (sum ^ character) * 16777619) >> 4;

    // What a symbolic link leads to.
    private static string File(string program) =>
        new FileInfo(program).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? program;

    private static bool IsProgram(string path)
    {
        var file = new FileInfo(File(path));
        return file.Exists && (file.UnixFileMode & UnixFileMode.UserExecute) != 0;
    }
}
