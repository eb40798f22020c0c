using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Ogrt.Sinks.Endpoints;

/// <summary>Observable instruments over the endpoints of all targets, in the Meter "Ogrt.Sinks".</summary>
internal static class EndpointInstruments
{
    private static readonly ConcurrentDictionary<ITarget, byte> Targets = new();
    private static readonly Meter Meter = CreateMeter();

    public static void Register(ITarget target)
    {
        // The use of it makes the meter exist with the first target.
        _ = Meter;
        Targets.TryAdd(target, 0);
    }

    public static void Unregister(ITarget target) => Targets.TryRemove(target, out _);

    private static Meter CreateMeter()
    {
        var meter = new Meter(SinkInstruments.MeterName);
        meter.CreateObservableGauge("ogrt_sink_circuit_open", () => Each(e => e.Circuit.IsOpen ? 1L : 0L), null,
            "1 while an endpoint is left alone after failures.");
        meter.CreateObservableCounter("ogrt_sink_endpoint_requests_total", Requests, "{request}",
            "Requests to an endpoint by status, or by why there was none.");
        meter.CreateObservableCounter("ogrt_sink_endpoint_request_bytes_total", Bytes, "By",
            "Bytes of requests to an endpoint: raw, and as they were sent (wire).");
        meter.CreateObservableUpDownCounter("ogrt_sink_endpoint_in_flight_requests", () => Each(e => e.InFlight), "{request}",
            "Requests to an endpoint without an answer.");
        return meter;
    }

    private static IEnumerable<Measurement<long>> Each(Func<IEndpoint, long> value)
    {
        foreach (ITarget target in Targets.Keys)
        {
            foreach (IEndpoint endpoint in target.Endpoints)
                yield return new Measurement<long>(value(endpoint), Labels(target, endpoint));
        }
    }

    private static IEnumerable<Measurement<long>> Requests()
    {
        foreach (ITarget target in Targets.Keys)
        {
            foreach (IEndpoint endpoint in target.Endpoints)
            {
                foreach ((string code, long count) in endpoint.Metrics.Requests)
                    yield return new Measurement<long>(count, [.. Labels(target, endpoint), new KeyValuePair<string, object?>("code", code)]);
            }
        }
    }

    private static IEnumerable<Measurement<long>> Bytes()
    {
        foreach (ITarget target in Targets.Keys)
        {
            foreach (IEndpoint endpoint in target.Endpoints)
            {
                yield return Encoded(endpoint.Metrics.RawBytes, "raw");
                yield return Encoded(endpoint.Metrics.WireBytes, "wire");

                Measurement<long> Encoded(long bytes, string encoding) =>
                    new(bytes, [.. Labels(target, endpoint), new KeyValuePair<string, object?>("encoding", encoding)]);
            }
        }
    }

    private static KeyValuePair<string, object?>[] Labels(ITarget target, IEndpoint endpoint) =>
        [SinkInstruments.Label(target.Sink), new("endpoint", endpoint.Name)];
}
