namespace Ogrt.Specs.Shim.Differential;

/// <summary>A program and its arguments.</summary>
/// <param name="Program">The absolute path.</param>
/// <param name="Arguments">Without the name of the program.</param>
internal sealed record Subject(string Program, params string[] Arguments)
{
    public override string ToString() => string.Join(' ', [Program, .. Arguments.Select(Quoted)]);

    private static string Quoted(string argument) =>
        argument.Length > 0 && argument.All(character => char.IsAsciiLetterOrDigit(character) || "-_./=:,+%@".Contains(character, StringComparison.Ordinal))
            ? argument
            : $"'{argument}'";
}
