namespace Ogrt.Wire;

/// <summary>Why bytes are not a frame. <see cref="WireErrors.Name"/> gives the label for metrics.</summary>
public enum WireError : byte
{
    /// <summary>The bytes are a frame.</summary>
    None = 0,

    /// <summary>The header names a type that the layout does not have.</summary>
    UnknownType,

    /// <summary>The header announces more bytes than the limit allows.</summary>
    TooLong,

    /// <summary>The header announces no bytes at all.</summary>
    Empty,

    /// <summary>The bytes end within the header, the payload, or a field.</summary>
    Truncated,

    /// <summary>There are bytes behind the frame.</summary>
    TrailingBytes,

    /// <summary>A varint does not end within ten bytes.</summary>
    BadVarint,

    /// <summary>A tag has field number 0.</summary>
    BadTag,

    /// <summary>A tag has wire type 6 or 7, which do not exist.</summary>
    BadWireType,

    /// <summary>A group ends that was not begun, or has no end.</summary>
    BadGroup,

    /// <summary>Groups are nested deeper than <see cref="WireReader.MaxDepth"/>.</summary>
    TooDeep,
}
