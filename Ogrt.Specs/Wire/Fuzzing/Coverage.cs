using System.Runtime.InteropServices;
using SharpFuzz.Common;

namespace Ogrt.Specs.Wire.Fuzzing;

/// <summary>
/// The branches that an input takes in an Ogrt.Wire that SharpFuzz has instrumented (docs/wire.md says how). In one that
/// it has not, no branch is ever seen and the fuzzer goes by chance.
/// </summary>
public sealed unsafe class Coverage 
{
    private const int MapSize = 1 << 16;

    // For each pair of branches the counts seen so far, in classes of 1, 2, 3, 4 to 7, and so on: one bit a class.
    private readonly byte[] _seen = new byte[MapSize];
    // Never freed: instrumented code that runs later in this process still writes to it.
    private readonly byte* _map = (byte*)NativeMemory.AllocZeroed(MapSize);

    /// <summary>Begins to listen.</summary>
    public Coverage() => Trace.SharedMem = _map;

    /// <summary>How many pairs of branches have been seen.</summary>
    public int Edges => _seen.Count(b => b != 0);

    /// <summary>Forgets the last run.</summary>
    public void Clear()
    {
        new Span<byte>(_map, MapSize).Clear();
        Trace.PrevLocation = 0;
    }

    /// <summary>Whether the last run went where none went before.</summary>
    /// <returns>True once for each new way.</returns>
    public bool FoundNew()
    {
        bool found = false;
        ReadOnlySpan<byte> map = new(_map, MapSize);
        for (int at = map.IndexOfAnyExcept((byte)0); at >= 0;)
        {
            byte bit = (byte)(1 << Class(map[at]));
            found |= (_seen[at] & bit) == 0;
            _seen[at] |= bit;
            int next = map[(at + 1)..].IndexOfAnyExcept((byte)0);
            at = next < 0 ? -1 : at + 1 + next;
        }

        return found;
    }

    private static int Class(byte count) => count switch
    {
        1 => 0,
        2 => 1,
        3 => 2,
        < 8 => 3,
        < 16 => 4,
        < 32 => 5,
        < 128 => 6,
        _ => 7,
    };
}
