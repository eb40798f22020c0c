using System.Runtime.CompilerServices;

namespace Ogrt.Wire;

/// <summary>Walks over the length-delimited fields of a validated message and passes over all others.</summary>
internal ref struct MessageFields(ReadOnlySpan<byte> message)
{
    private const uint WireTypeMask = 7;
    private const uint BytesField = 2;

    private readonly ReadOnlySpan<byte> _message = message;
    private int _position = 0;
    private int _start = 0;

    /// <summary>The tag of the field.</summary>
    public uint Tag { readonly get; private set; } = 0;

    /// <summary>The field's bytes, in place.</summary>
    public readonly ReadOnlySpan<byte> Bytes => _message[_start.._position];

    /// <summary>Goes to the next length-delimited field.</summary>
    /// <returns>False behind the last one.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool MoveNext()
    {
        int next = _position;
        if (WireRun.TryReadHead(_message, ref next, out uint tag, out uint length)
            && (tag & WireTypeMask) == BytesField
            && length <= (uint)(_message.Length - next))
        {
            Tag = tag;
            _start = next;
            _position = next + (int)length;
            return true;
        }

        return MoveNextSlowly();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool MoveNextSlowly()
    {
        var reader = new WireReader(_message, _position);
        while (reader.TryReadTag(out uint tag))
        {
            if ((tag & WireTypeMask) != BytesField)
            {
                if (!reader.TrySkip(tag)) return false;
                continue;
            }

            if (!reader.TryReadSlice(out WireSlice field)) return false;
            Tag = tag;
            _start = field.Offset;
            _position = reader.Position;
            return true;
        }

        return false;
    }
}
