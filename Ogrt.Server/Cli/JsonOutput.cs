using System.Buffers;
using System.Text;

namespace Ogrt.Server.Cli;

/// <summary>
/// Passes JSON on to a text writer as it comes. For a terminal, what is not printable (it can only stand within strings) is
/// written as an escape: JSON itself allows control characters above U+007F in plain text, and a terminal acts on them.
/// </summary>
public sealed class JsonOutput(Terminal terminal) : IBufferWriter<byte>
{
    private const int FlushBytes = 32 * 1024;

    private readonly ArrayBufferWriter<byte> _pending = new(FlushBytes * 2);

    /// <inheritdoc/>
    public void Advance(int count)
    {
        _pending.Advance(count);
        if (_pending.WrittenCount >= FlushBytes) Flush(final: false);
    }

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0) => _pending.GetMemory(sizeHint);

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0) => _pending.GetSpan(sizeHint);

    /// <summary>Writes what is left and a newline.</summary>
    public void Complete()
    {
        Flush(final: true);
        terminal.Output.WriteLine();
    }

    private void Flush(bool final)
    {
        ReadOnlySpan<byte> bytes = _pending.WrittenSpan;
        int whole = final ? bytes.Length : WholeCharacters(bytes);
        string text = Encoding.UTF8.GetString(bytes[..whole]);
        terminal.Output.Write(terminal.IsInteractive ? Escaped(text) : text);
        byte[] rest = bytes[whole..].ToArray();
        _pending.Clear();
        _pending.Write(rest);
    }

    // A character at the end may go on in the next piece.
    private static int WholeCharacters(ReadOnlySpan<byte> bytes)
    {
        int start = bytes.Length;
        for (int back = 1; back <= 3 && back <= bytes.Length; back++)
        {
            byte b = bytes[^back];
            if (b < 0x80) break;
            if (b < 0xC0) continue;
            int length = b >= 0xF0 ? 4 : b >= 0xE0 ? 3 : 2;
            if (length > back) start = bytes.Length - back;
            break;
        }
        return start;
    }

    private static string Escaped(string text)
    {
        var escaped = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (rune.Value is >= 0x20 and < 0x7F or '\n' || SafeText.IsPrintable(rune))
            {
                escaped.Append(rune.ToString());
                continue;
            }
            foreach (char unit in rune.ToString())
                escaped.Append(System.Globalization.CultureInfo.InvariantCulture, $"\\u{(int)unit:x4}");
        }
        return escaped.ToString();
    }
}
