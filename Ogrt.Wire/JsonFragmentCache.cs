using System.IO.Hashing;

namespace Ogrt.Wire;

/// <summary>
/// Keeps the JSON text of repeated fields by the bytes that it was made from: the same program runs thousands of times,
/// and its shared objects are most of its record. Bounded; used by one thread at a time.
/// </summary>
/// <remarks>
/// An entry is found by a hash of the bytes and taken only when the bytes are equal, so that a sender who makes hashes
/// collide gets its own text and nothing else. When the bound is passed the cache is halved: of two generations the older
/// is dropped, and what is used meanwhile moves to the younger. Processes of one program come one behind the other: the
/// entries that were used last are found by comparing alone.
/// </remarks>
public sealed class JsonFragmentCache
{
    /// <summary>The bound unless another is given, in bytes.</summary>
    public const long DefaultMaxBytes = 16 << 20;

    // What an entry costs besides its two arrays' content, roughly: array headers, dictionary slot.
    private const int EntryOverhead = 112;

    private const int RecentSlots = 16;

    private readonly long _generationBytes;

    // By the length of the source. Emptied when the cache is halved, so that what is used goes on moving to the younger half.
    private readonly Entry[] _recent = new Entry[RecentSlots];
    private Dictionary<ulong, Entry> _young = [];
    private Dictionary<ulong, Entry> _old = [];
    private long _youngBytes;
    private long _oldBytes;

    /// <summary>Makes an empty cache.</summary>
    /// <param name="maxBytes">About how much memory it may hold.</param>
    /// <exception cref="ArgumentOutOfRangeException">The bound is negative.</exception>
    public JsonFragmentCache(long maxBytes = DefaultMaxBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(maxBytes);
        _generationBytes = maxBytes / 2;
    }

    /// <summary>About how many bytes of memory the entries take.</summary>
    public long Bytes => _youngBytes + _oldBytes;

    /// <summary>How many entries there are.</summary>
    public int Count => _young.Count + _old.Count;

    /// <summary>How often a text was found.</summary>
    public long Hits { get; private set; }

    /// <summary>How often a text was not found.</summary>
    public long Misses { get; private set; }

    /// <summary>Looks a text up.</summary>
    /// <param name="source">The bytes that the text is made from.</param>
    /// <param name="json">The text.</param>
    /// <param name="hash">When it is not there, the hash to add it under.</param>
    /// <returns>Whether it is there.</returns>
    public bool TryGet(ReadOnlySpan<byte> source, out ReadOnlySpan<byte> json, out ulong hash)
    {
        ref Entry recent = ref _recent[(source.Length ^ (source.Length >> 4)) & (RecentSlots - 1)];
        if (recent.Source is not null && source.SequenceEqual(recent.Source))
        {
            Hits++;
            json = recent.Json;
            hash = 0;
            return true;
        }

        hash = XxHash3.HashToUInt64(source);
        if (!TryGet(hash, source, out json)) return false;
        recent = _young[hash];
        return true;
    }

    /// <summary>Looks a text up.</summary>
    /// <param name="hash">A hash of the source.</param>
    /// <param name="source">The bytes that the text is made from.</param>
    /// <param name="json">The text.</param>
    /// <returns>Whether it is there.</returns>
    public bool TryGet(ulong hash, ReadOnlySpan<byte> source, out ReadOnlySpan<byte> json)
    {
        if (!TryFind(hash, out Entry entry) || !source.SequenceEqual(entry.Source))
        {
            Misses++;
            json = default;
            return false;
        }

        Hits++;
        json = entry.Json;
        return true;
    }

    /// <summary>Keeps a text, in place of another one with the same hash. A text larger than half the bound is not kept.</summary>
    /// <param name="hash">A hash of the source.</param>
    /// <param name="source">The bytes that the text was made from; copied.</param>
    /// <param name="json">The text; copied.</param>
    public void Add(ulong hash, ReadOnlySpan<byte> source, ReadOnlySpan<byte> json)
    {
        long size = EntryOverhead + (long)source.Length + json.Length;
        if (size > _generationBytes) return;
        if (_young.Remove(hash, out Entry previous)) _youngBytes -= previous.Size;
        MakeRoom(size);
        _young[hash] = new Entry(source.ToArray(), json.ToArray());
        _youngBytes += size;
    }

    private bool TryFind(ulong hash, out Entry entry)
    {
        if (_young.TryGetValue(hash, out entry)) return true;
        if (!_old.Remove(hash, out entry)) return false;
        _oldBytes -= entry.Size;
        MakeRoom(entry.Size);
        _young[hash] = entry;
        _youngBytes += entry.Size;
        return true;
    }

    private void MakeRoom(long size)
    {
        if (_youngBytes + size <= _generationBytes) return;
        (_young, _old) = (_old, _young);
        _oldBytes = _youngBytes;
        _youngBytes = 0;
        _young.Clear();
        Array.Clear(_recent);
    }

    private readonly record struct Entry(byte[] Source, byte[] Json)
    {
        public long Size => EntryOverhead + (long)Source.Length + Json.Length;
    }
}
