using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Ogrt.Wire;

/// <summary>
/// The fast path of the parser. Nearly all that senders write is a tag of two bytes (field numbers 16 to 2047) and a
/// length of one byte or two, so four bytes loaded at once hold both. Whatever has another form is left to
/// <see cref="WireReader"/>, which decides alone what is an error.
/// </summary>
internal static class WireRun
{
    // Byte 0 has its continuation bit and byte 1 has none: a tag of two bytes.
    private const uint TagMask = 0x8080;
    private const uint TwoByteTag = 0x0080;

    // The part of the second byte that makes the field number at least 16; without it the tag is longer than it need be.
    private const uint HighTagBits = 0x7f00;

    /// <summary>Reads a tag of two bytes and the varint of at most two bytes behind it.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="position">Where a tag begins; moved behind the varint when there are such.</param>
    /// <param name="tag">The tag.</param>
    /// <param name="value">The varint: a length or a small number.</param>
    /// <returns>Whether the bytes have this form.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryReadHead(ReadOnlySpan<byte> bytes, ref int position, out uint tag, out uint value)
    {
        tag = 0;
        value = 0;
        if (!TryLoad(bytes, position, out uint head) || (head & TagMask) != TwoByteTag || (head & HighTagBits) == 0)
            return false;
        tag = Tag(head);
        return TryReadValue(head, ref position, out value);
    }

    /// <summary>Checks the fields of a nested message as long as they are length-delimited and in the usual form.</summary>
    /// <param name="bytes">The bytes that the message is in.</param>
    /// <param name="position">Where the message begins.</param>
    /// <param name="end">Where it ends.</param>
    /// <returns>Where the check has come to: the end, or a field for <see cref="WireReader"/> to look at.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int PassFields(ReadOnlySpan<byte> bytes, int position, int end)
    {
        const uint BytesField = 2;
        const uint WireTypeMask = 7;
        while (position < end)
        {
            int next = position;
            if (!TryLoad(bytes, next, out uint head)
                || (head & (TagMask | WireTypeMask)) != (TwoByteTag | BytesField)
                || (head & HighTagBits) == 0
                || !TryReadValue(head, ref next, out uint length)
                || length > (uint)(end - next))
            {
                return position;
            }

            position = next + (int)length;
        }

        return position;
    }

    /// <summary>
    /// Passes over consecutive elements of one repeated field, checking the structure of each when they are messages.
    /// </summary>
    /// <param name="bytes">The payload.</param>
    /// <param name="position">Where the tag of the first element begins.</param>
    /// <param name="field">The field; it takes note of the elements.</param>
    /// <param name="messages">Whether elements are messages.</param>
    /// <returns>Where the run ends: at another field, or at an element for <see cref="WireReader"/> to look at.</returns>
    public static int PassElements(ReadOnlySpan<byte> bytes, int position, ref RepeatedField field, bool messages)
    {
        uint tag = field.Tag;
        int start = position;
        int count = 0;
        while (true)
        {
            int next = position;
            if (!TryLoad(bytes, next, out uint head)
                || (head & TagMask) != TwoByteTag
                || Tag(head) != tag
                || !TryReadValue(head, ref next, out uint length)
                || length > (uint)(bytes.Length - next))
            {
                break;
            }

            int end = next + (int)length;
            if (messages && PassFields(bytes, next, end) != end) break;
            position = end;
            count++;
        }

        if (count > 0) field.Add(start, position, count);
        return position;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryLoad(ReadOnlySpan<byte> bytes, int position, out uint head)
    {
        if (position > bytes.Length - sizeof(uint))
        {
            head = 0;
            return false;
        }

        head = BinaryPrimitives.ReadUInt32LittleEndian(bytes.Slice(position, sizeof(uint)));
        return true;
    }

    private static uint Tag(uint head) => (head & 0x7f) | (head >> 1 & 0x3f80);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryReadValue(uint head, ref int position, out uint value)
    {
        uint third = head >> 16 & 0xff;
        if (third < 0x80)
        {
            value = third;
            position += 3;
            return true;
        }

        value = (third & 0x7f) | (head >> 24 << 7);
        position += 4;
        return head < 0x80000000;
    }
}
