using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Ogrt.Sinks.Elasticsearch;

/// <summary>What only these sinks have to count, in the Meter "Ogrt.Sinks".</summary>
internal static class ElasticsearchInstruments
{
    private static readonly ConcurrentDictionary<ElasticsearchSink, byte> Sinks = new();
    private static readonly Meter Meter = CreateMeter();

    public static void Register(ElasticsearchSink sink)
    {
        _ = Meter;
        Sinks.TryAdd(sink, 0);
    }

    public static void Unregister(ElasticsearchSink sink) => Sinks.TryRemove(sink, out _);

    private static Meter CreateMeter()
    {
        var meter = new Meter(SinkInstruments.MeterName);
        meter.CreateObservableCounter("ogrt_sink_failure_store_total",
            () => Sinks.Keys.Select(s => new Measurement<long>(s.InFailureStore, SinkInstruments.Label(s.Name))), "{record}",
            "Documents that the server took into its failure store; they count as delivered.");
        return meter;
    }
}
