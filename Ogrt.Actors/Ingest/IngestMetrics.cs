using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Ogrt.Actors.Watch;

namespace Ogrt.Actors.Ingest;

/// <summary>
/// What ingest counts, as instruments of the meter <c>Ogrt.Ingest</c>. All of them are observable: they read counters that the
/// listeners keep, so that nothing is paid for on the way of a frame.
/// </summary>
public sealed class IngestMetrics : IDisposable
{
    /// <summary>The name of the meter.</summary>
    public const string MeterName = "Ogrt.Ingest";

    private readonly Meter _meter = new(MeterName);
    private readonly ConcurrentDictionary<string, ListenerMetrics> _listeners = new(StringComparer.Ordinal);

    /// <summary>Registers the instruments.</summary>
    /// <param name="actors">Where the actors of ingest count what they handle; null for nowhere.</param>
    public IngestMetrics(ActorMetrics? actors = null)
    {
        Actors = actors ?? new ActorMetrics(null);
        Counter("ogrt_ingest_frames_total", "{frame}", "Frames that were received and are in the journal.", l => l.Frames);
        Counter("ogrt_ingest_bytes_total", "By", "Bytes of these frames, headers included.", l => l.Bytes);
        Counter("ogrt_ingest_connections_total", "{connection}", "Connections that were accepted.", l => l.Connections);
        Counter("ogrt_ingest_datagrams_total", "{datagram}", "Datagrams that were received.", l => l.Datagrams);
        Counter("ogrt_ingest_kernel_drops_total", "{datagram}",
            "Datagrams that the kernel has dropped, mostly because the receive buffer was full.", l => l.KernelDrops);
        Counter("ogrt_ingest_listener_restarts_total", "{restart}", "Restarts of a listener that had failed.", l => l.Restarts);
        _meter.CreateObservableCounter("ogrt_ingest_journal_wait_seconds_total",
            () => Observe(l => l.JournalWait.TotalSeconds), "s", "Time spent in appending to the journal, waiting for room included.");
        _meter.CreateObservableUpDownCounter("ogrt_ingest_connections",
            () => Observe(l => l.OpenConnections), "{connection}", "Connections that are open and have an actor.");
        _meter.CreateObservableGauge("ogrt_ingest_receive_buffer_bytes",
            () => Observe(l => l.ReceiveBufferBytes), "By", "The receive buffer that the kernel has granted to a datagram listener.");
        _meter.CreateObservableUpDownCounter("ogrt_ingest_buffered_bytes",
            () => Buffers?.RentedBytes ?? 0, "By", "Memory of buffers that hold received bytes.");
        _meter.CreateObservableCounter("ogrt_ingest_rejected_total", ObserveRejections, "{rejection}",
            "Frames, datagrams and connections that were rejected, by reason.");
    }

    /// <summary>Where the actors of ingest count what they handle.</summary>
    internal ActorMetrics Actors { get; }

    /// <summary>The meter of this instance.</summary>
    internal Meter Meter => _meter;

    /// <summary>The buffers that are reported; set when ingest starts.</summary>
    internal ReceiveBufferPool? Buffers { get; set; }

    /// <summary>The batches of the same start.</summary>
    internal FrameBatchPool? Batches { get; set; }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    /// <summary>Frames in the journal since the start, over all listeners.</summary>
    public long FramesTotal => Sum(l => l.Frames);

    /// <summary>Rejections of all kinds since the start, over all listeners.</summary>
    public long RejectedTotal => Sum(l =>
    {
        long sum = 0;
        for (int i = 0; i < Rejections.Count; i++) sum += l.Rejected(i);
        return sum;
    });

    /// <summary>Each listener as it stands now, by name.</summary>
    public IReadOnlyList<ListenerState> Listeners =>
    [
        .. _listeners.Values.OrderBy(l => l.Name, StringComparer.Ordinal).Select(l => new ListenerState(
            l.Name, l.Frames, l.Bytes, l.Connections, l.OpenConnections, l.Datagrams, l.KernelDrops, l.Restarts,
            Enumerable.Range(0, Rejections.Count).Where(i => l.Rejected(i) > 0).ToDictionary(Rejections.Name, l.Rejected))),
    ];

    /// <summary>The counters of a listener, made at the first call.</summary>
    internal ListenerMetrics Of(string listener) => _listeners.GetOrAdd(listener, static name => new ListenerMetrics(name));

    private void Counter(string name, string unit, string description, Func<ListenerMetrics, long> value) =>
        _meter.CreateObservableCounter(name, () => Observe(value), unit, description);

    private long Sum(Func<ListenerMetrics, long> value) => _listeners.Values.Sum(value);

    private IEnumerable<Measurement<T>> Observe<T>(Func<ListenerMetrics, T> value)
        where T : struct
    {
        foreach (ListenerMetrics listener in _listeners.Values)
            yield return new Measurement<T>(value(listener), new KeyValuePair<string, object?>("listener", listener.Name));
    }

    /// <summary>Only reasons that have occurred: a label that is always 0 tells nothing.</summary>
    private IEnumerable<Measurement<long>> ObserveRejections()
    {
        foreach (ListenerMetrics listener in _listeners.Values)
        {
            for (int i = 0; i < Rejections.Count; i++)
            {
                long count = listener.Rejected(i);
                if (count == 0) continue;
                yield return new Measurement<long>(count,
                    new KeyValuePair<string, object?>("listener", listener.Name),
                    new KeyValuePair<string, object?>("reason", Rejections.Name(i)));
            }
        }
    }
}
