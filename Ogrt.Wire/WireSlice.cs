namespace Ogrt.Wire;

/// <summary>A run of bytes within a larger one, by position: what a route keeps instead of a span.</summary>
/// <param name="Offset">Where the run begins.</param>
/// <param name="Length">How many bytes it has.</param>
public readonly record struct WireSlice(int Offset, int Length)
{
    /// <summary>Whether there are no bytes: the field was absent, or present and empty.</summary>
    public bool IsEmpty => Length == 0;

    /// <summary>The bytes themselves.</summary>
    /// <param name="bytes">The bytes that the slice was found in.</param>
    /// <returns>The run.</returns>
    public ReadOnlySpan<byte> Of(ReadOnlySpan<byte> bytes) => bytes.Slice(Offset, Length);
}
