namespace Ogrt.Specs.Shim.Differential;

/// <summary>A program and its arguments.</summary>
/// <param name="Program">The absolute path.</param>
/// <param name="Arguments">Without the name of the program.</param>
internal sealed record Subject(string Program, params string[] Arguments)
{
    /// <summary>Where <see cref="Shown"/> is in the sandbox, which has an empty /tmp.</summary>
    public const string ShownPath = "/run/ogrt/program";

    /// <summary>A file that is there as <see cref="ShownPath"/>; <see langword="null"/> for none.</summary>
    public string? Shown { get; init; }

    /// <summary>A program that was compiled for this.</summary>
    public static Subject Of(string compiled, params string[] arguments) => new(ShownPath, arguments) { Shown = compiled };

    public override string ToString() => string.Join(' ', [Program, .. Arguments.Select(Quoted)]);

    private static string Quoted(string argument) =>
        argument.Length > 0 && argument.All(character => char.IsAsciiLetterOrDigit(character) || "-_./=:,+%@".Contains(character, StringComparison.Ordinal))
            ? argument
            : $"'{argument}'";
}
