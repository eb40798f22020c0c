using System.Globalization;
using System.Text;

namespace Ogrt.Server.Cli;

/// <summary>
/// Text from tracked programs on its way to a screen. A command line is whatever its author wrote: escape sequences that
/// retitle or clear the terminal, newlines that forge rows, characters that turn the writing direction around. None of them
/// is printed as it is.
/// </summary>
public static class SafeText
{
    /// <summary>Decodes bytes as UTF-8, each invalid sequence as U+FFFD, and makes the text safe.</summary>
    public static string Of(ReadOnlySpan<byte> bytes) => Of(Encoding.UTF8.GetString(bytes));

    /// <summary>Makes a text safe: what is not printable becomes an escape with a backslash, as in a C string.</summary>
    public static string Of(string text)
    {
        if (!text.AsSpan().ContainsAnyExceptInRange(' ', '~') && !text.Contains('\\', StringComparison.Ordinal)) return text;
        var safe = new StringBuilder(text.Length + 16);
        foreach (Rune rune in text.EnumerateRunes())
        {
            switch (rune.Value)
            {
                case '\n': safe.Append("\\n"); break;
                case '\t': safe.Append("\\t"); break;
                case '\r': safe.Append("\\r"); break;
                // Doubled, so that an escape can be told from a text that looks like one.
                case '\\': safe.Append("\\\\"); break;
                case < 0x20 or (>= 0x7F and < 0xA0): safe.Append(CultureInfo.InvariantCulture, $"\\x{rune.Value:x2}"); break;
                default:
                    if (IsPrintable(rune)) safe.Append(rune.ToString());
                    else safe.Append(CultureInfo.InvariantCulture, $"\\u{{{rune.Value:x}}}");
                    break;
            }
        }
        return safe.ToString();
    }

    /// <summary>The columns that a safe text takes on a screen.</summary>
    public static int Width(string text)
    {
        int width = 0;
        foreach (Rune rune in text.EnumerateRunes()) width += Width(rune);
        return width;
    }

    /// <summary>Cuts a safe text to some columns; the mark at its end says that it was cut.</summary>
    public static string Cut(string text, int columns, string mark)
    {
        if (columns >= int.MaxValue || Width(text) <= columns) return text;
        int room = columns - Width(mark);
        if (room < 0) return "";
        var cut = new StringBuilder();
        foreach (Rune rune in text.EnumerateRunes())
        {
            room -= Width(rune);
            if (room < 0) break;
            cut.Append(rune.ToString());
        }
        return cut.Append(mark).ToString();
    }

    /// <summary>Whether a character can be shown without doing anything else.</summary>
    public static bool IsPrintable(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        // Format characters turn the direction of writing and hide text; separators break lines.
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
            or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned => false,
        _ => true,
    };

    private static int Width(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark => 0,
        _ => IsWide(rune.Value) ? 2 : 1,
    };

    // The blocks of East Asian wide characters and of pictographs: https://www.unicode.org/reports/tr11/
    private static bool IsWide(int c) => c is (>= 0x1100 and <= 0x115F) or (>= 0x2E80 and <= 0xA4CF) or (>= 0xAC00 and <= 0xD7A3)
        or (>= 0xF900 and <= 0xFAFF) or (>= 0xFE30 and <= 0xFE6F) or (>= 0xFF00 and <= 0xFF60) or (>= 0xFFE0 and <= 0xFFE6)
        or (>= 0x1F300 and <= 0x1FAFF) or (>= 0x20000 and <= 0x3FFFD);
}
