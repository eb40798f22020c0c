using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net.Sockets;
using Ogrt.Actors.Ingest;

namespace Ogrt.Specs.Ingest;

public sealed class IngestMetricsSpec
{
    [Fact]
    public async Task Every_instrument_tells_what_has_happened()
    {
        await using IngestFixture ingest = await IngestFixture.StartAsync();
        await ingest.SendAsync(Frames.Concat(Frames.Process(1), Frames.Header(12, 0)));
        using var datagrams = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        datagrams.Connect(ingest.EndPoint("udp"));
        datagrams.Send(Frames.Process(2));
        await ingest.ReadAsync(2);
        await IngestFixture.Until(() => ingest.Tcp.OpenConnections == 0, "the connection is closed");

        ConcurrentDictionary<string, double> seen = Observe(ingest.Metrics);

        Assert.Equal(1, seen["ogrt_ingest_frames_total{listener=tcp}"]);
        Assert.Equal(1, seen["ogrt_ingest_frames_total{listener=udp}"]);
        Assert.Equal(Frames.Process(1).Length, seen["ogrt_ingest_bytes_total{listener=tcp}"]);
        Assert.Equal(1, seen["ogrt_ingest_connections_total{listener=tcp}"]);
        Assert.Equal(1, seen["ogrt_ingest_datagrams_total{listener=udp}"]);
        Assert.Equal(0, seen["ogrt_ingest_kernel_drops_total{listener=udp}"]);
        Assert.Equal(0, seen["ogrt_ingest_listener_restarts_total{listener=tcp}"]);
        Assert.Equal(0, seen["ogrt_ingest_connections{listener=tcp}"]);
        Assert.True(seen["ogrt_ingest_receive_buffer_bytes{listener=udp}"] > 0);
        Assert.True(seen["ogrt_ingest_journal_wait_seconds_total{listener=tcp}"] > 0);
        Assert.Equal(0, seen["ogrt_ingest_buffered_bytes{}"]);
        Assert.Equal(1, seen["ogrt_ingest_rejected_total{listener=tcp,reason=empty}"]);
        Assert.Single(seen.Keys, name => name.StartsWith("ogrt_ingest_rejected_total", StringComparison.Ordinal));
    }

    [Fact]
    public void Every_reason_has_a_name_of_its_own()
    {
        string[] names = [.. Enumerable.Range(0, Rejections.Count).Select(Rejections.Name)];
        Assert.Equal(names.Length, names.Distinct().Count());
        foreach (Rejection rejection in Enum.GetValues<Rejection>())
        {
            string words = string.Concat(rejection.ToString().Select((c, i) => i > 0 && char.IsUpper(c) ? $"_{c}" : $"{c}"));
            Assert.Equal(words.ToLowerInvariant(), Rejections.Name(Rejections.IndexOf(rejection)));
        }
    }

    /// <summary>The instruments of this instance alone: specs that run beside this one have meters of the same name.</summary>
    private static ConcurrentDictionary<string, double> Observe(IngestMetrics metrics)
    {
        ConcurrentDictionary<string, double> seen = [];
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (ReferenceEquals(instrument.Meter, metrics.Meter)) self.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => seen[Name(instrument, tags)] = value);
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => seen[Name(instrument, tags)] = value);
        listener.Start();
        listener.RecordObservableInstruments();
        return seen;
    }

    private static string Name(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        List<string> parts = [];
        foreach (KeyValuePair<string, object?> tag in tags) parts.Add($"{tag.Key}={tag.Value}");
        return $"{instrument.Name}{{{string.Join(",", parts)}}}";
    }
}
