using System.Collections.Concurrent;

namespace Ogrt.Sinks.Endpoints;

/// <summary>The counters of one endpoint; <see cref="EndpointInstruments"/> shows them.</summary>
internal sealed class EndpointMetrics
{
    // Statuses have three digits and failures are ten words. Should a server invent numbers, they are counted as "other".
    private const int MaxCodes = 64;

    private readonly ConcurrentDictionary<string, Counter> _requests = new(StringComparer.Ordinal);
    private long _rawBytes;
    private long _wireBytes;

    /// <summary>Requests by their status, or by why they have none.</summary>
    public IEnumerable<KeyValuePair<string, long>> Requests =>
        _requests.Select(r => KeyValuePair.Create(r.Key, Interlocked.Read(ref r.Value.Value)));

    /// <summary>Bytes of bodies before compression.</summary>
    public long RawBytes => Interlocked.Read(ref _rawBytes);

    /// <summary>Bytes of bodies as they were sent.</summary>
    public long WireBytes => Interlocked.Read(ref _wireBytes);

    /// <summary>Bytes were handed to the endpoint.</summary>
    /// <param name="raw">How many they are.</param>
    /// <param name="wire">How many they are as they are sent.</param>
    public void Sent(long raw, long wire)
    {
        Interlocked.Add(ref _rawBytes, raw);
        Interlocked.Add(ref _wireBytes, wire);
    }

    public void Ended(string code)
    {
        if (!_requests.ContainsKey(code) && _requests.Count >= MaxCodes)
            code = "other";
        Interlocked.Increment(ref _requests.GetOrAdd(code, static _ => new Counter()).Value);
    }

    private sealed class Counter
    {
        public long Value;
    }
}
