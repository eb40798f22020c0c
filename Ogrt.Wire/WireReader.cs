using System.Runtime.CompilerServices;

namespace Ogrt.Wire;

/// <summary>
/// Reads the protobuf wire format field by field, without an allocation and without an exception: whatever the bytes are,
/// each method answers whether it could read, and <see cref="Error"/> says why not. Strings are bytes.
/// </summary>
/// <remarks>
/// <para>The format: https://protobuf.dev/programming-guides/encoding/. As in Google.Protobuf, a varint may be longer than
/// it needs to be, up to ten bytes, and the bits beyond the type's width are dropped.</para>
/// <para>After an error the reader stays where it is and must not be used further.</para>
/// </remarks>
public ref struct WireReader
{
    /// <summary>How deep groups may be nested in a top-level message: the recursion limit of Google.Protobuf.</summary>
    public const int MaxDepth = 100;

    private const int VarintWireType = 0;
    private const int Fixed64WireType = 1;
    private const int BytesWireType = 2;
    private const int StartGroupWireType = 3;
    private const int EndGroupWireType = 4;
    private const int Fixed32WireType = 5;

    private readonly ReadOnlySpan<byte> _bytes;
    private int _position;
    private WireError _error;

    /// <summary>Begins at the first byte.</summary>
    /// <param name="bytes">The payload of a frame, or of a length-delimited field.</param>
    public WireReader(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    internal WireReader(ReadOnlySpan<byte> bytes, int position)
    {
        _bytes = bytes;
        _position = position;
    }

    /// <summary>How many bytes have been read.</summary>
    public readonly int Position => _position;

    /// <summary>Whether every byte has been read.</summary>
    public readonly bool AtEnd => _position == _bytes.Length;

    /// <summary>Why the last method answered false; <see cref="WireError.None"/> at the end of the bytes.</summary>
    public readonly WireError Error => _error;

    /// <summary>The tag of a length-delimited field, as <see cref="TryReadTag"/> gives it.</summary>
    /// <param name="field">A field number.</param>
    /// <returns>The tag.</returns>
    public static uint BytesTag(uint field) => (field << 3) | BytesWireType;

    /// <summary>The tag of a varint field, as <see cref="TryReadTag"/> gives it.</summary>
    /// <param name="field">A field number.</param>
    /// <returns>The tag.</returns>
    public static uint VarintTag(uint field) => field << 3;

    /// <summary>Reads the next tag: field number times eight, plus wire type.</summary>
    /// <param name="tag">The tag, never with field number 0.</param>
    /// <returns>False at the end (then <see cref="Error"/> is None) and on an error.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryReadTag(out uint tag)
    {
        ReadOnlySpan<byte> bytes = _bytes;
        int position = _position;
        // Nearly every field number here is between 16 and 2047, whose tags have two bytes.
        if (position + 1 < bytes.Length && bytes[position] >= 0x80 && bytes[position + 1] is > 0 and < 0x80)
        {
            tag = (uint)((bytes[position] & 0x7f) | (bytes[position + 1] << 7));
            _position = position + 2;
            return true;
        }

        return TryReadTagSlow(out tag);
    }

    /// <summary>Reads a varint; the caller drops the bits that its type has not.</summary>
    /// <param name="value">The value, 64 bits of it.</param>
    /// <returns>False on an error.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryReadVarint(out ulong value)
    {
        if (_position < _bytes.Length && _bytes[_position] < 0x80)
        {
            value = _bytes[_position++];
            return true;
        }

        return TryReadVarintSlow(out value);
    }

    /// <summary>Reads the length of a length-delimited field and passes over its bytes.</summary>
    /// <param name="slice">Where they are.</param>
    /// <returns>False on an error.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryReadSlice(out WireSlice slice)
    {
        slice = default;
        if (!TryReadVarint(out ulong length)) return false;
        uint size = (uint)length;
        if (size > (uint)(_bytes.Length - _position)) return Fail(WireError.Truncated);
        slice = new WireSlice(_position, (int)size);
        _position += (int)size;
        return true;
    }

    /// <summary>Reads a length-delimited field.</summary>
    /// <param name="value">Its bytes, in place.</param>
    /// <returns>False on an error.</returns>
    public bool TryReadBytes(out ReadOnlySpan<byte> value)
    {
        if (!TryReadSlice(out WireSlice slice))
        {
            value = default;
            return false;
        }

        value = slice.Of(_bytes);
        return true;
    }

    /// <summary>Passes over the field whose tag has just been read, a group with all that is in it.</summary>
    /// <param name="tag">That tag.</param>
    /// <param name="depth">How many messages and groups the field is in.</param>
    /// <returns>False on an error.</returns>
    public bool TrySkip(uint tag, int depth = 0)
    {
        return (tag & 7) switch
        {
            VarintWireType => TryReadVarint(out _),
            Fixed64WireType => TryAdvance(8),
            BytesWireType => TryReadSlice(out _),
            StartGroupWireType => TrySkipGroup(tag, depth),
            EndGroupWireType => Fail(WireError.BadGroup),
            Fixed32WireType => TryAdvance(4),
            _ => Fail(WireError.BadWireType),
        };
    }

    /// <summary>Passes over a length-delimited field that is a message, and checks the structure of all that is in it.</summary>
    /// <returns>False on an error.</returns>
    public bool TryReadNested()
    {
        if (!TryReadBytes(out ReadOnlySpan<byte> message)) return false;
        var nested = new WireReader(message, WireRun.PassFields(message, 0, message.Length));
        while (nested.TryReadTag(out uint tag))
        {
            if (!nested.TrySkip(tag, 1)) break;
        }

        return nested.Error == WireError.None || Fail(nested.Error);
    }

    private bool TrySkipGroup(uint tag, int depth)
    {
        // The numbers of the open groups. A stack of its own instead of recursion: its size is known.
        Span<uint> open = stackalloc uint[MaxDepth];
        int count = 0;
        do
        {
            switch (tag & 7)
            {
                case StartGroupWireType:
                    if (depth + count >= MaxDepth) return Fail(WireError.TooDeep);
                    open[count++] = tag >> 3;
                    break;
                case EndGroupWireType:
                    if (open[--count] != tag >> 3) return Fail(WireError.BadGroup);
                    break;
                default:
                    if (!TrySkip(tag)) return false;
                    break;
            }
        }
        while (count > 0 && TryReadTag(out tag));
        return count == 0 || Fail(_error == WireError.None ? WireError.BadGroup : _error);
    }

    private bool TryAdvance(int count)
    {
        if (count > _bytes.Length - _position) return Fail(WireError.Truncated);
        _position += count;
        return true;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryReadTagSlow(out uint tag)
    {
        tag = 0;
        if (_position == _bytes.Length) return false;
        if (!TryReadVarint(out ulong value)) return false;
        tag = (uint)value;
        return tag >> 3 != 0 || Fail(WireError.BadTag);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryReadVarintSlow(out ulong value)
    {
        value = 0;
        for (int shift = 0; shift < 70; shift += 7)
        {
            if (_position == _bytes.Length) return Fail(WireError.Truncated);
            byte next = _bytes[_position++];
            // Of the tenth byte one bit is within 64; the others are dropped, as Google.Protobuf drops them.
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80) return true;
        }

        return Fail(WireError.BadVarint);
    }

    private bool Fail(WireError error)
    {
        _error = error;
        return false;
    }
}
