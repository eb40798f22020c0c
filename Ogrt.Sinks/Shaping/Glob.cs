using System.Text;

namespace Ogrt.Sinks.Shaping;

/// <summary>
/// A pattern over bytes, as names and paths are: <c>*</c> stands for any run without a slash, <c>**</c> for any run, and
/// everything else for itself. Matching takes at most length times pattern steps and no memory.
/// </summary>
public sealed class Glob
{
    private readonly byte[] _pattern;

    /// <summary>Makes a pattern of its text.</summary>
    public Glob(string pattern)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        Pattern = pattern;
        _pattern = Encoding.UTF8.GetBytes(pattern);
    }

    /// <summary>Its text.</summary>
    public string Pattern { get; }

    /// <summary>Whether the whole text is as the pattern says.</summary>
    public bool Matches(ReadOnlySpan<byte> text)
    {
        ReadOnlySpan<byte> pattern = _pattern;
        int at = 0, p = 0;
        // Where to go on after a mismatch: behind the last star of each kind, with one byte more for it.
        int single = -1, singleAt = 0, any = -1, anyAt = 0;
        while (true)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                bool isAny = p + 1 < pattern.Length && pattern[p + 1] == '*';
                p += isAny ? 2 : 1;
                if (isAny)
                    (any, anyAt, single) = (p, at, -1);
                else
                    (single, singleAt) = (p, at);
                continue;
            }
            if (at < text.Length ? p < pattern.Length && pattern[p] == text[at] : p == pattern.Length)
            {
                if (at == text.Length)
                    return true;
                at++;
                p++;
                continue;
            }
            if (single >= 0 && singleAt < text.Length && text[singleAt] != '/')
                (p, at) = (single, ++singleAt);
            else if (any >= 0 && anyAt < text.Length)
                (p, at, single) = (any, ++anyAt, -1);
            else
                return false;
        }
    }

    /// <inheritdoc/>
    public override string ToString() => Pattern;
}
