using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Ogrt.Journal;

/// <summary>CRC32C (Castagnoli) over a span, 8 bytes at a time; the processor's instruction where there is one, a table elsewhere
/// (<see cref="BitOperations.Crc32C(uint, ulong)"/> decides).</summary>
internal static class Crc32C
{
    /// <summary>256 bytes: long enough that joining the lanes does not show, short enough that a frame of 1 KB has them.</summary>
    private const int LaneWords = 32;

    private static readonly uint[] Advanced = AdvanceEachByte();

    /// <summary>The usual CRC32C of a whole span, with the initial value and the final inversion.</summary>
    public static uint Compute(ReadOnlySpan<byte> data) => ~Append(0xFFFF_FFFF, data);

    /// <summary>Runs <paramref name="data"/> through the CRC state, without initial value or inversion.</summary>
    public static uint Append(uint state, ReadOnlySpan<byte> data)
    {
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(data);
        ReadOnlySpan<byte> rest = data[(words.Length * sizeof(ulong))..];
        for (; words.Length >= 3 * LaneWords; words = words[(3 * LaneWords)..])
            state = AppendLanes(state, words);
        foreach (var word in words)
            state = BitOperations.Crc32C(state, LittleEndian(word));
        foreach (var one in rest)
            state = BitOperations.Crc32C(state, one);
        return state;
    }

    /// <summary>
    /// The instruction gives a result every cycle but takes three for each, so three neighbouring stretches run side by side. A CRC is
    /// linear: the state behind a stretch is the state before it, advanced over as many zeros, xor the CRC of the stretch from 0.
    /// </summary>
    private static uint AppendLanes(uint state, ReadOnlySpan<ulong> words)
    {
        ReadOnlySpan<ulong> first = words[..LaneWords];
        ReadOnlySpan<ulong> second = words.Slice(LaneWords, LaneWords);
        ReadOnlySpan<ulong> third = words.Slice(2 * LaneWords, LaneWords);
        uint a = state, b = 0, c = 0;
        for (var i = 0; i < first.Length; i++)
        {
            a = BitOperations.Crc32C(a, LittleEndian(first[i]));
            b = BitOperations.Crc32C(b, LittleEndian(second[i]));
            c = BitOperations.Crc32C(c, LittleEndian(third[i]));
        }

        return AdvanceLane(AdvanceLane(a) ^ b) ^ c;
    }

    /// <summary>The state after a lane's length of zeros.</summary>
    private static uint AdvanceLane(uint state)
    {
        ReadOnlySpan<uint> table = Advanced;
        return table[(byte)state] ^ table[256 + (byte)(state >> 8)] ^ table[512 + (byte)(state >> 16)] ^ table[768 + (byte)(state >> 24)];
    }

    private static uint[] AdvanceEachByte()
    {
        var table = new uint[4 * 256];
        for (var i = 0; i < table.Length; i++)
        {
            var state = (uint)(i % 256) << (8 * (i / 256));
            for (var word = 0; word < LaneWords; word++)
                state = BitOperations.Crc32C(state, 0UL);
            table[i] = state;
        }

        return table;
    }

    private static ulong LittleEndian(ulong word) => BitConverter.IsLittleEndian ? word : BinaryPrimitives.ReverseEndianness(word);
}
