using System.Text;

namespace Ogrt.Server.Cli.Top;

/// <summary>
/// Makes keys of the bytes that a terminal sends: console_codes(4) and ctlseqs of xterm. A sequence that is not known is one unknown
/// key, never the letters that it consists of.
/// </summary>
internal static class KeyParser
{
    private const byte Escape = 0x1B;

    /// <summary>The keys in what one read has given. A lone escape is the key Esc: a sequence comes in one piece.</summary>
    public static List<TopKey> Parse(ReadOnlySpan<byte> bytes)
    {
        var keys = new List<TopKey>();
        int at = 0;
        while (at < bytes.Length)
        {
            byte b = bytes[at];
            if (b == Escape && at + 1 < bytes.Length && bytes[at + 1] is (byte)'[' or (byte)'O')
            {
                keys.Add(Sequence(bytes, ref at));
                continue;
            }
            if (b >= 0x80)
            {
                int length = b >= 0xF0 ? 4 : b >= 0xE0 ? 3 : 2;
                int end = Math.Min(bytes.Length, at + length);
                foreach (char c in Encoding.UTF8.GetString(bytes[at..end])) keys.Add(TopKey.Of(c));
                at = end;
                continue;
            }
            keys.Add(b switch
            {
                Escape => new TopKey("esc"),
                (byte)'\t' => new TopKey("tab"),
                (byte)'\r' or (byte)'\n' => new TopKey("enter"),
                0x7F or 0x08 => new TopKey("backspace"),
                0x03 => new TopKey("interrupt"),
                0x0C => new TopKey("redraw"),
                0x1A => new TopKey("suspend"),
                < 0x20 => new TopKey(""),
                _ => TopKey.Of((char)b),
            });
            at++;
        }
        return keys;
    }

    // ESC [ parameters final, or ESC O final.
    private static TopKey Sequence(ReadOnlySpan<byte> bytes, ref int at)
    {
        bool application = bytes[at + 1] == (byte)'O';
        int start = at + 2, end = start;
        // The console of Linux has one more bracket before the letters of F1 to F5.
        if (!application && end < bytes.Length && bytes[end] == (byte)'[') end++;
        else if (!application) while (end < bytes.Length && bytes[end] is >= 0x20 and < 0x40) end++;
        string sequence = Encoding.ASCII.GetString(bytes[start..Math.Min(end + 1, bytes.Length)]);
        at = Math.Min(end + 1, bytes.Length);
        return new TopKey(sequence switch
        {
            "A" => "up",
            "B" => "down",
            "C" => "right",
            "D" => "left",
            "H" or "1~" or "7~" => "home",
            "F" or "4~" or "8~" => "end",
            "5~" => "pageup",
            "6~" => "pagedown",
            "Z" => "backtab",
            "P" or "11~" or "[A" => "f1",
            "S" or "14~" or "[D" => "f4",
            "17~" => "f6",
            "21~" => "f10",
            _ => "",
        });
    }
}
