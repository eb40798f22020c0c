using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Ogrt.Sinks.Splunk.Acknowledgements;

namespace Ogrt.Sinks.Splunk;

/// <summary>What only these sinks have to count, in the Meter "Ogrt.Sinks".</summary>
internal static class SplunkInstruments
{
    private static readonly ConcurrentDictionary<SplunkSink, byte> Sinks = new();
    private static readonly Meter Meter = CreateMeter();

    public static void Register(SplunkSink sink)
    {
        _ = Meter;
        Sinks.TryAdd(sink, 0);
    }

    public static void Unregister(SplunkSink sink) => Sinks.TryRemove(sink, out _);

    private static Meter CreateMeter()
    {
        var meter = new Meter(SinkInstruments.MeterName);
        meter.CreateObservableUpDownCounter("ogrt_sink_acknowledgements_pending", () => Each(s => s.Acknowledgements.Waiting), "{request}",
            "Requests that were taken and are not acknowledged.");
        meter.CreateObservableCounter("ogrt_sink_acknowledgements_total", Ended, "{request}",
            "Requests that were taken, by what became of them: acknowledged, timed_out, ambiguous, disabled.");
        meter.CreateObservableGauge("ogrt_sink_request_limit_bytes", () => Each(s => s.LimitBytes), "By",
            "The largest request that the collector is thought to take; 0 while none was too large.");
        return meter;
    }

    private static IEnumerable<Measurement<long>> Each(Func<SplunkSink, long> value) =>
        Sinks.Keys.Select(s => new Measurement<long>(value(s), SinkInstruments.Label(s.Name)));

    private static IEnumerable<Measurement<long>> Ended()
    {
        foreach (SplunkSink sink in Sinks.Keys)
        {
            foreach (AckOutcome outcome in Enum.GetValues<AckOutcome>())
            {
                yield return new Measurement<long>(sink.Acknowledgements[outcome], SinkInstruments.Label(sink.Name),
                    new KeyValuePair<string, object?>("outcome", NameOf(outcome)));
            }
        }
    }

    private static string NameOf(AckOutcome outcome) => outcome switch
    {
        AckOutcome.Acknowledged => "acknowledged",
        AckOutcome.TimedOut => "timed_out",
        AckOutcome.Disabled => "disabled",
        _ => "ambiguous",
    };
}
