using System.Diagnostics.Metrics;
using Ogrt.Server.Metrics;

namespace Ogrt.Specs.Server;

public sealed class PrometheusTextSpec : IDisposable
{
    private readonly Meter _meter = new("Ogrt.Spec");
    private readonly PrometheusText _text = new();

    public void Dispose()
    {
        _text.Dispose();
        _meter.Dispose();
    }

    [Fact]
    public void Instruments_come_out_under_their_own_names_with_help_and_type()
    {
        _meter.CreateObservableCounter("ogrt_spec_frames_total", () => new Measurement<long>(5, new KeyValuePair<string, object?>("listener", "a\"b\\c\nd")), "{frame}", "Frames.");
        _meter.CreateObservableGauge("ogrt_spec_level", () => 1.5, "1", "A level.");
        string text = _text.Write();
        Assert.Contains("# HELP ogrt_spec_frames_total Frames.\n# TYPE ogrt_spec_frames_total counter\nogrt_spec_frames_total{listener=\"a\\\"b\\\\c\\nd\"} 5\n", text, StringComparison.Ordinal);
        Assert.Contains("# HELP ogrt_spec_level A level.\n# TYPE ogrt_spec_level gauge\nogrt_spec_level 1.5\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void An_observed_number_replaces_the_one_before()
    {
        long value = 1;
        _meter.CreateObservableGauge("ogrt_spec_now", () => value);
        _text.Write();
        value = 2;
        Assert.Contains("\nogrt_spec_now 2\n", _text.Write(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_label_that_is_not_observed_any_more_disappears()
    {
        string label = "one";
        _meter.CreateObservableGauge("ogrt_spec_labels", () => new Measurement<long>(1, new KeyValuePair<string, object?>("sink", label)));
        _text.Write();
        label = "two";
        string text = _text.Write();
        Assert.Contains("ogrt_spec_labels{sink=\"two\"} 1\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("ogrt_spec_labels{sink=\"one\"}", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_counter_that_is_added_to_sums_up()
    {
        Counter<long> counter = _meter.CreateCounter<long>("ogrt_spec_sum_total");
        counter.Add(2);
        counter.Add(3);
        Assert.Contains("\nogrt_spec_sum_total 5\n", _text.Write(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_histogram_has_cumulative_buckets_sum_and_count()
    {
        Histogram<double> histogram = _meter.CreateHistogram<double>("ogrt_spec_seconds", "s", "Time.");
        histogram.Record(0.002);
        histogram.Record(0.2);
        histogram.Record(100);
        string text = _text.Write();
        Assert.Contains("# TYPE ogrt_spec_seconds histogram\nogrt_spec_seconds_bucket{le=\"0.001\"} 0\nogrt_spec_seconds_bucket{le=\"0.0025\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("ogrt_spec_seconds_bucket{le=\"0.25\"} 2\n", text, StringComparison.Ordinal);
        Assert.Contains("ogrt_spec_seconds_bucket{le=\"+Inf\"} 3\nogrt_spec_seconds_sum 100.202\nogrt_spec_seconds_count 3\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Meters_of_others_are_left_out()
    {
        using var other = new Meter("Another.Meter");
        other.CreateObservableGauge("ogrt_spec_foreign", () => 1);
        Assert.DoesNotContain("ogrt_spec_foreign", _text.Write(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_process_tells_what_Prometheus_clients_tell()
    {
        using var process = new ProcessMetrics();
        string text = _text.Write();
        foreach (string name in new[] { "process_cpu_seconds_total", "process_resident_memory_bytes", "process_start_time_seconds", "process_open_fds", "process_max_fds", "dotnet_gc_heap_bytes", "ogrt_build_info" })
            Assert.Contains($"\n# TYPE {name} ", "\n" + text, StringComparison.Ordinal);
        Assert.Matches(@"\nprocess_resident_memory_bytes \d{7,}\n", text);
    }
}
