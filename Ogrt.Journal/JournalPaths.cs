using System.Globalization;

namespace Ogrt.Journal;

/// <summary>The names of a journal's files.</summary>
internal static class JournalPaths
{
    public const string Lock = "lock";
    public const string Identity = "journal.id";
    public const string Cursors = "cursors";
    public const string CleanMark = "clean";
    public const string Quarantine = "quarantine";
    public const string SegmentSuffix = ".segment";
    public const string TemporarySuffix = ".tmp";

    /// <summary>A segment is named by the offset and the sequence of its first record, so that listing the directory tells where everything is.</summary>
    public static string SegmentName(long baseOffset, long baseSequence) =>
        string.Create(CultureInfo.InvariantCulture, $"{baseOffset:x16}-{baseSequence:x16}{SegmentSuffix}");

    public static bool TryParseSegmentName(ReadOnlySpan<char> name, out long baseOffset, out long baseSequence)
    {
        baseOffset = baseSequence = 0;
        return name.Length == 33 + SegmentSuffix.Length
            && name.EndsWith(SegmentSuffix, StringComparison.Ordinal)
            && name[16] == '-'
            && long.TryParse(name[..16], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out baseOffset)
            && long.TryParse(name[17..33], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out baseSequence)
            && baseOffset > 0 && baseSequence >= 0;
    }
}
