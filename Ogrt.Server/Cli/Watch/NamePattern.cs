using System.IO.Enumeration;

namespace Ogrt.Server.Cli.Watch;

/// <summary>A pattern for names: with <c>*</c> or <c>?</c> it matches the whole of one, any other is found anywhere in it.</summary>
internal sealed class NamePattern(string pattern)
{
    private readonly bool _isGlob = pattern.Contains('*', StringComparison.Ordinal) || pattern.Contains('?', StringComparison.Ordinal);

    public bool Matches(string text) => _isGlob
        ? FileSystemName.MatchesSimpleExpression(pattern, text)
        : text.Contains(pattern, StringComparison.OrdinalIgnoreCase);
}
