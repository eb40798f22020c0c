namespace Ogrt.Wire;

/// <summary>A frame as a store gives it back.</summary>
/// <param name="Layout">The layout of the listener that took it in.</param>
/// <param name="Bytes">The whole frame, header included.</param>
public readonly record struct StoredFrame(WireLayout Layout, ReadOnlyMemory<byte> Bytes);
