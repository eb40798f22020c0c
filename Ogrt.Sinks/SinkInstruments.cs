using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Ogrt.Sinks.Delivery;

namespace Ogrt.Sinks;

/// <summary>The Meter "Ogrt.Sinks": observable instruments over the counters of all running sinks.</summary>
public static class SinkInstruments
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "Ogrt.Sinks";

    private static readonly ConcurrentDictionary<SinkDelivery, byte> Running = new();
    private static readonly Meter Meter = CreateMeter();

    /// <summary>How long requests took, whatever came of them.</summary>
    internal static readonly Histogram<double> RequestSeconds =
        Meter.CreateHistogram<double>("ogrt_sink_request_seconds", "s", "Time from sending a batch to the target's answer.");

    /// <summary>Records in a batch.</summary>
    internal static readonly Histogram<long> BatchRecords =
        Meter.CreateHistogram<long>("ogrt_sink_batch_events", "{record}", "Records in a batch when it is sent.");

    /// <summary>Bytes in a batch.</summary>
    internal static readonly Histogram<long> BatchBytes =
        Meter.CreateHistogram<long>("ogrt_sink_batch_bytes", "By", "Bytes of a batch in the target's form.");

    internal static void Register(SinkDelivery delivery) => Running.TryAdd(delivery, 0);

    internal static void Unregister(SinkDelivery delivery) => Running.TryRemove(delivery, out _);

    internal static KeyValuePair<string, object?> Label(string sink) => new("sink", sink);

    private static Meter CreateMeter()
    {
        var meter = new Meter(MeterName);
        meter.CreateObservableCounter("ogrt_sink_accepted_total", () => EachCount(c => c.Accepted), "{record}",
            "Records read from the journal.");
        meter.CreateObservableCounter("ogrt_sink_events_total", Outcomes, "{record}",
            "Records by what became of them.");
        meter.CreateObservableUpDownCounter("ogrt_sink_pending_events", () => EachCount(c => c.Pending), "{record}",
            "Records read and not settled yet.");
        meter.CreateObservableGauge("ogrt_sink_unaccounted_events", () => Each(d => d.Metrics.Unaccounted), "{record}",
            "Records of which nothing says where they are; anything but 0 is a mistake in the program.");
        meter.CreateObservableCounter("ogrt_sink_undecodable_total", () => Each(d => d.Metrics.Undecodable), "{record}",
            "Records that could not be written in the target's form; they are dead letters.");
        meter.CreateObservableCounter("ogrt_sink_item_failures_total", ItemFailures, "{record}",
            "Items that the target did not take, by its status and the kind of error.");
        meter.CreateObservableCounter("ogrt_sink_requests_total", () => Labelled("code", d => d.Metrics.Requests), "{request}",
            "Requests by how they ended.");
        meter.CreateObservableCounter("ogrt_sink_retries_total", () => Labelled("reason", d => d.Metrics.Retries), "{retry}",
            "Attempts that are repeated, by reason.");
        meter.CreateObservableCounter("ogrt_sink_request_bytes_total", () => Each(d => d.Metrics.SentBytes), "By",
            "Bytes handed to the target, repetitions included.");
        meter.CreateObservableUpDownCounter("ogrt_sink_in_flight_requests", () => Each(d => d.Metrics.InFlightRequests), "{request}",
            "Requests without an answer.");
        meter.CreateObservableUpDownCounter("ogrt_sink_in_flight_bytes", () => Each(d => d.Metrics.InFlightBytes), "By",
            "Bytes of requests without an answer.");
        meter.CreateObservableGauge("ogrt_sink_concurrency_limit", () => Each(d => d.Metrics.ConcurrencyLimit), "{request}",
            "Requests that are sent at the same time at most, as the target takes them.");
        meter.CreateObservableGauge("ogrt_sink_paused", Paused, null,
            "1 while the sink waits for a changed configuration or for room for dead letters, with the reason.");
        meter.CreateObservableGauge("ogrt_sink_retrying", () => Each(d => d.Phase == SinkPhase.Retrying ? 1L : 0L), null,
            "1 while the target does not take records.");
        meter.CreateObservableGauge("ogrt_sink_lag_events", () => Each(d => d.LagRecords), "{record}",
            "Records in the journal that are not delivered.");
        meter.CreateObservableGauge("ogrt_sink_lag_bytes", () => Each(d => d.LagBytes), "By",
            "Bytes in the journal that are not delivered.");
        meter.CreateObservableGauge("ogrt_sink_lag_seconds", Ages, "s",
            "Age of the oldest record that is not delivered.");
        meter.CreateObservableCounter("ogrt_sink_restarts_total", () => Each(d => d.Metrics.Restarts), "{restart}",
            "How often a delivery started anew after an error of its own.");
        meter.CreateObservableCounter("ogrt_sink_journal_read_errors_total", () => Each(d => d.Metrics.ReadErrors), "{error}",
            "Reads of the journal that failed and were repeated.");
        meter.CreateObservableGauge("ogrt_dlq_events", () => Each(d => d.DeadLetters.Count), "{record}",
            "Dead letters that are kept.");
        meter.CreateObservableGauge("ogrt_dlq_bytes", () => Each(d => d.DeadLetters.Bytes), "By",
            "Bytes of dead letters that are kept.");
        return meter;
    }

    private static IEnumerable<Measurement<long>> Each(Func<SinkDelivery, long> value)
    {
        foreach (SinkDelivery delivery in Running.Keys)
            yield return new Measurement<long>(value(delivery), Label(delivery.Name));
    }

    private static IEnumerable<Measurement<long>> EachCount(Func<SinkCounts, long> value) => Each(d => value(d.Metrics.Counts));

    private static IEnumerable<Measurement<double>> Ages()
    {
        foreach (SinkDelivery delivery in Running.Keys)
            yield return new Measurement<double>(delivery.LagAge.TotalSeconds, Label(delivery.Name));
    }

    private static IEnumerable<Measurement<long>> Outcomes()
    {
        foreach (SinkDelivery delivery in Running.Keys)
        {
            SinkCounts counts = delivery.Metrics.Counts;
            yield return Outcome(counts.Delivered, "delivered");
            yield return Outcome(counts.Duplicate, "duplicate");
            yield return Outcome(counts.DeadLettered, "dead_lettered");
            yield return Outcome(counts.Skipped, "skipped");
            yield return Outcome(counts.Dropped, "dropped");

            Measurement<long> Outcome(long value, string outcome) =>
                new(value, Label(delivery.Name), new KeyValuePair<string, object?>("outcome", outcome));
        }
    }

    private static IEnumerable<Measurement<long>> Labelled(
        string label, Func<SinkDelivery, IEnumerable<KeyValuePair<string, long>>> values)
    {
        foreach (SinkDelivery delivery in Running.Keys)
        {
            foreach ((string key, long value) in values(delivery))
                yield return new Measurement<long>(value, Label(delivery.Name), new KeyValuePair<string, object?>(label, key));
        }
    }

    private static IEnumerable<Measurement<long>> ItemFailures()
    {
        foreach (SinkDelivery delivery in Running.Keys)
        {
            foreach (((int status, string reason), long value) in delivery.Metrics.ItemFailures)
            {
                yield return new Measurement<long>(value, Label(delivery.Name),
                    new KeyValuePair<string, object?>("status", status), new KeyValuePair<string, object?>("type", reason));
            }
        }
    }

    private static IEnumerable<Measurement<long>> Paused()
    {
        foreach (SinkDelivery delivery in Running.Keys)
        {
            SinkState state = delivery.State;
            bool paused = state.Phase is SinkPhase.Paused or SinkPhase.DeadLettersFull;
            yield return new Measurement<long>(paused ? 1 : 0, Label(delivery.Name),
                new KeyValuePair<string, object?>("reason", paused ? state.Reason : ""));
        }
    }
}
