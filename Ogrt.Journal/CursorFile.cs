using System.Globalization;
using System.Text;

namespace Ogrt.Journal;

/// <summary>
/// The file that keeps the cursors: text, so that an operator can read it, and its last line is the CRC32C of the lines before.
/// <code>
/// ogrt-journal-cursors 1 7b0c…
/// 12345678 5600 jobs
/// crc32c 1a2b3c4d
/// </code>
/// A line is the offset, the sequence of the record there, and the name.
/// </summary>
internal static class CursorFile
{
    private const string FirstLine = "ogrt-journal-cursors 1 ";

    /// <param name="Offset">Everything before it is done.</param>
    /// <param name="Sequence">The sequence of the record at the offset.</param>
    /// <param name="Name">The reader's name.</param>
    internal readonly record struct Entry(long Offset, long Sequence, string Name);

    /// <summary>Whether a name can be a reader's: 1 to 64 of letters, digits, dot, hyphen and underscore.</summary>
    public static bool IsValidName(string? name) =>
        name is { Length: > 0 and <= 64 } && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_');

    public static byte[] Format(Guid journal, IEnumerable<Entry> entries)
    {
        var text = new StringBuilder().Append(FirstLine).Append(journal.ToString("D")).Append('\n');
        foreach (Entry entry in entries)
            text.Append(CultureInfo.InvariantCulture, $"{entry.Offset} {entry.Sequence} {entry.Name}\n");
        return Checked.Seal(text.ToString());
    }

    /// <summary>Reads the file's content; false when it is damaged or belongs to another journal.</summary>
    public static bool TryParse(ReadOnlySpan<byte> content, Guid journal, out List<Entry> entries)
    {
        entries = [];
        if (!Checked.TryOpen(content, out var lines) || lines[0] != FirstLine + journal.ToString("D"))
            return false;
        foreach (var line in lines.AsSpan(1))
        {
            var fields = line.Split(' ');
            if (fields.Length != 3
                || !long.TryParse(fields[0], NumberStyles.None, CultureInfo.InvariantCulture, out var offset)
                || !long.TryParse(fields[1], NumberStyles.None, CultureInfo.InvariantCulture, out var sequence)
                || !IsValidName(fields[2]))
                return false;
            entries.Add(new Entry(offset, sequence, fields[2]));
        }

        return true;
    }
}
