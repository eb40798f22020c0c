using System.IO.Hashing;

namespace Ogrt.Wire;

/// <summary>Where the elements of a repeated length-delimited field stand in a payload that has been validated.</summary>
/// <param name="tag">The field's tag.</param>
internal struct RepeatedField(uint tag)
{
    /// <summary>The tag that each element begins with.</summary>
    public readonly uint Tag = tag;

    /// <summary>Where the tag of the first element begins.</summary>
    public int Start;

    /// <summary>Where the last element ends.</summary>
    public int End;

    /// <summary>How many elements there are.</summary>
    public int Count;

    /// <summary>Whether other fields stand between elements.</summary>
    public bool Scattered;

    /// <summary>Takes note of elements that follow one another.</summary>
    /// <param name="start">Where the tag of the first begins.</param>
    /// <param name="end">Where the last ends.</param>
    /// <param name="count">How many there are.</param>
    public void Add(int start, int end, int count)
    {
        if (Count == 0) Start = start;
        else if (start != End) Scattered = true;
        Count += count;
        End = end;
    }

    /// <summary>The bytes from the first element to the last, with whatever stands between them.</summary>
    public readonly ReadOnlySpan<byte> Span(ReadOnlySpan<byte> payload) => payload[Start..End];

    /// <summary>A hash of the elements' bytes in their order, without what stands between them.</summary>
    public readonly ulong Hash(ReadOnlySpan<byte> payload)
    {
        if (!Scattered) return XxHash3.HashToUInt64(Span(payload));
        ulong hash = 0;
        foreach (ReadOnlySpan<byte> element in new BytesEnumerable(payload, this))
            hash = XxHash3.HashToUInt64(element, unchecked((long)hash) + 1);
        return hash;
    }
}
