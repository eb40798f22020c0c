using System.Globalization;
using System.Text;

namespace Ogrt.Journal;

/// <summary>Small text files whose last line is the CRC32C of what is before it.</summary>
internal static class Checked
{
    private const string Prefix = "crc32c ";

    public static byte[] Seal(string lines)
    {
        var crc = Crc32C.Compute(Encoding.UTF8.GetBytes(lines));
        return Encoding.UTF8.GetBytes(lines + Prefix + crc.ToString("x8", CultureInfo.InvariantCulture) + "\n");
    }

    /// <summary>The lines before the last one, at least one; false when the file is damaged.</summary>
    public static bool TryOpen(ReadOnlySpan<byte> content, out string[] lines)
    {
        lines = [];
        const int last = 7 + 8 + 1;
        if (content.Length <= last)
            return false;
        var text = Encoding.UTF8.GetString(content[..^last]);
        if (!text.EndsWith('\n') || !content.SequenceEqual(Seal(text)))
            return false;
        lines = text[..^1].Split('\n');
        return true;
    }
}
