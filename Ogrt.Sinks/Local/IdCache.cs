namespace Ogrt.Sinks.Local;

/// <summary>
/// A bounded map from content hashes to row ids, in two halves: when the young one is full it becomes the old one, and what
/// is asked for again moves back. Cheaper than a list of uses, and as good for names that come all the time or never again.
/// </summary>
internal sealed class IdCache<TKey, TValue>(int capacity)
    where TKey : notnull
{
    private readonly int _half = Math.Max(capacity / 2, 1);
    private Dictionary<TKey, TValue> _young = [];
    private Dictionary<TKey, TValue> _old = [];

    public int Count => _young.Count + _old.Count;

    public bool TryGet(TKey key, out TValue value)
    {
        if (_young.TryGetValue(key, out value!))
            return true;
        if (!_old.Remove(key, out value!))
            return false;
        Set(key, value);
        return true;
    }

    public void Set(TKey key, TValue value)
    {
        _old.Remove(key);
        if (_young.Count >= _half && !_young.ContainsKey(key))
        {
            (_old, _young) = (_young, _old);
            _young.Clear();
        }
        _young[key] = value;
    }

    public void Clear()
    {
        _young.Clear();
        _old.Clear();
    }
}
