using System.IO.Hashing;
using System.Text;

namespace Ogrt.Actors.Jobs;

/// <summary>
/// The compute nodes whose frames have passed the feed. The feed alone counts, without a lock; the table is locked only where it
/// changes and where it is read. It is bounded: names come from whoever sends.
/// </summary>
public sealed class ReportingHosts
{
    /// <summary>Nodes that are remembered. Past it, the quarter that has been silent longest is forgotten.</summary>
    public const int MostHosts = 16_384;

    private const int MostNameBytes = 255; // as gethostname(2) allows

    private readonly Lock _gate = new();
    private readonly Dictionary<UInt128, Entry> _hosts = [];
    private Entry? _last;

    /// <summary>How many there are.</summary>
    public int Count
    {
        get
        {
            lock (_gate) return _hosts.Count;
        }
    }

    /// <summary>All of them as they stand now, in no order.</summary>
    public IReadOnlyList<ReportingHost> All()
    {
        lock (_gate) return [.. _hosts.Values.Select(entry => entry.ToHost())];
    }

    /// <summary>Counts a frame. Only one thread at a time may call it.</summary>
    internal void Saw(ReadOnlySpan<byte> name, long arrivalNs)
    {
        if (name.IsEmpty) return;
        // Frames of one node mostly follow each other.
        if (_last is not { } entry || !name.SequenceEqual(entry.Name))
            _last = entry = Find(name[..Math.Min(name.Length, MostNameBytes)], arrivalNs);
        entry.Count(arrivalNs);
    }

    private Entry Find(ReadOnlySpan<byte> name, long arrivalNs)
    {
        UInt128 key = XxHash128.HashToUInt128(name);
        if (_hosts.TryGetValue(key, out Entry? entry)) return entry;
        entry = new Entry(name.ToArray(), arrivalNs);
        lock (_gate)
        {
            if (_hosts.Count >= MostHosts) ForgetSilent();
            _hosts.Add(key, entry);
        }
        return entry;
    }

    private void ForgetSilent()
    {
        foreach (UInt128 key in _hosts.OrderBy(host => host.Value.LastNs).Take(MostHosts / 4).Select(host => host.Key).ToList())
            _hosts.Remove(key);
    }

    private sealed class Entry(byte[] name, long firstNs)
    {
        private readonly string _text = Encoding.UTF8.GetString(name);
        private long _frames;
        private long _lastNs;

        public byte[] Name => name;

        public long LastNs => Volatile.Read(ref _lastNs);

        public void Count(long arrivalNs)
        {
            Volatile.Write(ref _frames, _frames + 1);
            if (arrivalNs > _lastNs) Volatile.Write(ref _lastNs, arrivalNs);
        }

        public ReportingHost ToHost() => new(_text, Volatile.Read(ref _frames), firstNs, LastNs);
    }
}
