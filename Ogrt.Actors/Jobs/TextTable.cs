using System.IO.Hashing;

namespace Ogrt.Actors.Jobs;

/// <summary>Byte strings, each held once and known by a small number. Looking one up makes no garbage.</summary>
internal sealed class TextTable(int maxCount, long maxBytes)
{
    /// <summary>Longer strings are cut: no path that the kernel takes is longer.</summary>
    public const int MaxLength = 4096;

    private readonly List<byte[]> _texts = [];
    private int _maxCount = maxCount;
    private long _maxBytes = maxBytes;

    // Open addressing over indexes + 1; 0 is free. At most half full.
    private int[] _slots = new int[64];

    /// <summary>Strings held; they are numbered from 0 in the order in which they came.</summary>
    public int Count => _texts.Count;

    /// <summary>Bytes of all strings held.</summary>
    public long Bytes { get; private set; }

    public byte[] this[int index] => _texts[index];

    /// <summary>The number of a string, which is added when it is new and there is room; false when there is none.</summary>
    public bool TryIntern(ReadOnlySpan<byte> text, out int index)
    {
        if (text.Length > MaxLength)
            text = text[..MaxLength];
        int slot = Find(text, out index);
        if (index >= 0)
            return true;
        if (_texts.Count >= _maxCount || Bytes + text.Length > _maxBytes)
            return false;

        index = _texts.Count;
        _texts.Add(text.ToArray());
        Bytes += text.Length;
        _slots[slot] = index + 1;
        if (_texts.Count * 2 > _slots.Length)
            Grow();
        return true;
    }

    /// <summary>From now on the table takes no more than this, whatever it holds already.</summary>
    public void Limit(int maxCount, long maxBytes)
    {
        _maxCount = maxCount;
        _maxBytes = maxBytes;
    }

    private int Find(ReadOnlySpan<byte> text, out int index)
    {
        int mask = _slots.Length - 1;
        for (int slot = (int)XxHash3.HashToUInt64(text) & mask; ; slot = (slot + 1) & mask)
        {
            index = _slots[slot] - 1;
            if (index < 0 || text.SequenceEqual(_texts[index]))
                return slot;
        }
    }

    private void Grow()
    {
        _slots = new int[_slots.Length * 2];
        for (int i = 0; i < _texts.Count; i++)
            _slots[Find(_texts[i], out _)] = i + 1;
    }
}
