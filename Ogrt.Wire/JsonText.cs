using System.Buffers;
using System.Buffers.Text;
using System.Runtime.CompilerServices;
using System.Text;

namespace Ogrt.Wire;

/// <summary>Writes JSON text into a buffer writer: names are given pre-encoded, strings are bytes and need not be UTF-8.</summary>
/// <remarks>The text is handed over by <see cref="Flush"/>, which the caller must not forget.</remarks>
internal ref struct JsonText(IBufferWriter<byte> output)
{
    // What may stand in a string as it is: printable ASCII but for the quotation mark and the backslash.
    private static readonly SearchValues<byte> Plain = SearchValues.Create(
        Enumerable.Range(0x20, 0x60).Where(c => c is not ('"' or '\\')).Select(c => (byte)c).ToArray());

    // The longest text that one byte of a string can become: \u00XX.
    private const int LongestEscape = 6;
    private const int LongestNumber = 20;
    private const int ChunkSize = 512;

    private Span<byte> _span = default;
    private int _position = 0;

    /// <summary>Writes bytes as they are.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Raw(ReadOnlySpan<byte> text)
    {
        Reserve(text.Length);
        text.CopyTo(_span[_position..]);
        _position += text.Length;
    }

    /// <summary>Writes a string with its quotation marks.</summary>
    public void String(ReadOnlySpan<byte> value) => Member("\""u8, value, "\""u8);

    /// <summary>Writes a string between two pieces of text that hold its quotation marks.</summary>
    /// <param name="before">What stands before it, as <c>"name":"</c>.</param>
    /// <param name="value">The string.</param>
    /// <param name="after">What stands behind it, as <c>"}</c>.</param>
    public void Member(ReadOnlySpan<byte> before, ReadOnlySpan<byte> value, ReadOnlySpan<byte> after)
    {
        int plain = value.IndexOfAnyExcept(Plain);
        if (plain >= 0)
        {
            Raw(before);
            Escape(value, plain);
            Raw(after);
            return;
        }

        int size = before.Length + value.Length + after.Length;
        Reserve(size);
        Span<byte> room = _span.Slice(_position, size);
        before.CopyTo(room);
        value.CopyTo(room[before.Length..]);
        after.CopyTo(room[(before.Length + value.Length)..]);
        _position += size;
    }

    /// <summary>Writes bytes as a string of hexadecimal digits.</summary>
    public void Hex(ReadOnlySpan<byte> value)
    {
        Reserve(2 * value.Length + 2);
        _span[_position++] = (byte)'"';
        Convert.TryToHexStringLower(value, _span[_position..], out int written);
        _position += written;
        _span[_position++] = (byte)'"';
    }

    /// <summary>Writes a number.</summary>
    public void Number(long value)
    {
        Reserve(LongestNumber);
        Utf8Formatter.TryFormat(value, _span[_position..], out int written);
        _position += written;
    }

    /// <summary>Writes a number.</summary>
    public void Number(ulong value)
    {
        Reserve(LongestNumber);
        Utf8Formatter.TryFormat(value, _span[_position..], out int written);
        _position += written;
    }

    /// <summary>Hands what was written over to the buffer writer.</summary>
    public void Flush()
    {
        if (_position > 0) output.Advance(_position);
        _span = default;
        _position = 0;
    }

    private void Escape(ReadOnlySpan<byte> value, int plain)
    {
        while (true)
        {
            Raw(value[..plain]);
            value = value[plain..];
            if (value.IsEmpty) return;
            Reserve(LongestEscape);
            int consumed = value[0] < 0x80
                ? EscapeAscii(value[0])
                : EscapeRune(value);
            value = value[consumed..];
            plain = value.IndexOfAnyExcept(Plain);
            if (plain < 0) plain = value.Length;
        }
    }

    private int EscapeAscii(byte value)
    {
        ReadOnlySpan<byte> text = value switch
        {
            (byte)'"' => "\\\""u8,
            (byte)'\\' => "\\\\"u8,
            (byte)'\n' => "\\n"u8,
            (byte)'\r' => "\\r"u8,
            (byte)'\t' => "\\t"u8,
            _ => default,
        };
        if (text.IsEmpty)
        {
            "\\u00"u8.CopyTo(_span[_position..]);
            _span[_position + 4] = HexDigit(value >> 4);
            _span[_position + 5] = HexDigit(value & 15);
            _position += LongestEscape;
        }
        else
        {
            text.CopyTo(_span[_position..]);
            _position += text.Length;
        }

        return 1;
    }

    private int EscapeRune(ReadOnlySpan<byte> value)
    {
        if (Rune.DecodeFromUtf8(value, out Rune rune, out int length) != OperationStatus.Done)
        {
            // One byte at a time, as Go's encoder does: each invalid byte becomes U+FFFD.
            Raw("\uFFFD"u8);
            return 1;
        }

        // Line and paragraph separator are escaped as Go's encoder does, for those who put JSON into a script.
        if (rune.Value == 0x2028) Raw("\\u2028"u8);
        else if (rune.Value == 0x2029) Raw("\\u2029"u8);
        else Raw(value[..length]);
        return length;
    }

    private static byte HexDigit(int value) => (byte)(value < 10 ? '0' + value : 'a' + value - 10);

    private void Reserve(int size)
    {
        if (_span.Length - _position >= size) return;
        Grow(size);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Grow(int size)
    {
        Flush();
        _span = output.GetSpan(Math.Max(size, ChunkSize));
    }
}
