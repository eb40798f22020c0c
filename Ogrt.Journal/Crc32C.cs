using System.Numerics;
using System.Runtime.InteropServices;

namespace Ogrt.Journal;

/// <summary>CRC32C (Castagnoli) over a span, 8 bytes at a time; the processor's instruction where there is one, a table elsewhere
/// (<see cref="BitOperations.Crc32C(uint, ulong)"/> decides).</summary>
internal static class Crc32C
{
    /// <summary>The usual CRC32C of a whole span, with the initial value and the final inversion.</summary>
    public static uint Compute(ReadOnlySpan<byte> data) => ~Append(0xFFFF_FFFF, data);

    /// <summary>Runs <paramref name="data"/> through the CRC state, without initial value or inversion.</summary>
    public static uint Append(uint state, ReadOnlySpan<byte> data)
    {
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(data);
        foreach (var word in words)
            state = BitOperations.Crc32C(state, BitConverter.IsLittleEndian ? word : System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(word));
        foreach (var rest in data[(words.Length * sizeof(ulong))..])
            state = BitOperations.Crc32C(state, rest);
        return state;
    }
}
