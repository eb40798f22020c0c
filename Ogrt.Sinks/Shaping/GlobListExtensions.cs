namespace Ogrt.Sinks.Shaping;

internal static class GlobListExtensions
{
    /// <summary>Whether one of the patterns matches.</summary>
    public static bool Any(this IReadOnlyList<Glob> globs, ReadOnlySpan<byte> text)
    {
        for (int n = 0; n < globs.Count; n++)
        {
            if (globs[n].Matches(text))
                return true;
        }
        return false;
    }
}
