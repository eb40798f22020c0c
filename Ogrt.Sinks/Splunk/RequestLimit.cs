namespace Ogrt.Sinks.Splunk;

/// <summary>
/// The largest request that the collector is thought to take. It says nothing of its limit but to refuse: half of what it
/// refused is not tried to exceed again. Safe for concurrent use.
/// </summary>
internal sealed class RequestLimit
{
    // Below this a refusal tells of something else than the size of requests.
    private const long Least = 1024;

    private long _bytes = long.MaxValue;

    /// <summary>Bytes; <see cref="long.MaxValue"/> while none is known.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>A request of this size was too large.</summary>
    public void Refused(long bytes)
    {
        long limit = Math.Max(bytes / 2, Least);
        long known = Bytes;
        while (limit < known)
        {
            long seen = Interlocked.CompareExchange(ref _bytes, limit, known);
            if (seen == known)
                return;
            known = seen;
        }
    }
}
