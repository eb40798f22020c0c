namespace Ogrt.Actors.Jobs;

/// <summary>Numbers of hosts, sorted. Most nodes have one host, so it starts without an array.</summary>
internal struct HostSet
{
    /// <summary>A node's count of hosts stops here; the job's own goes on.</summary>
    public const int MaxCount = 1024;

    private int[]? _hosts;

    public int Count { get; private set; }

    public readonly ReadOnlySpan<int> Hosts => _hosts.AsSpan(0, Count);

    public void Add(int host)
    {
        if (host < 0)
            return;
        int at = Hosts.BinarySearch(host);
        if (at >= 0 || Count >= MaxCount)
            return;
        at = ~at;
        if (_hosts is null)
            _hosts = new int[1];
        else if (Count == _hosts.Length)
            Array.Resize(ref _hosts, Count * 2);
        Array.Copy(_hosts, at, _hosts, at + 1, Count - at);
        _hosts[at] = host;
        Count++;
    }

    public void Add(in HostSet other)
    {
        foreach (int host in other.Hosts)
            Add(host);
    }
}
