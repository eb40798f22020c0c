using System.Diagnostics.Metrics;
using Ogrt.Server.Metrics;

namespace Ogrt.Specs.Server.Watch;

public sealed class PrometheusReaderSpec
{
    [Fact]
    public void What_is_written_is_read_with_every_label()
    {
        using var meter = new Meter("Ogrt.ReaderSpec");
        using var text = new PrometheusText();
        meter.CreateObservableCounter("ogrt_readerspec_total", () => new Measurement<long>(
            5, new KeyValuePair<string, object?>("sink", "a\"b\\c\nd}, e=\"1\" 7"), new KeyValuePair<string, object?>("reason", "")));
        meter.CreateObservableGauge("ogrt_readerspec_level", () => double.PositiveInfinity);
        Histogram<double> histogram = meter.CreateHistogram<double>("ogrt_readerspec_seconds", "s");
        histogram.Record(0.3);
        IReadOnlyList<MetricSample> samples = [.. PrometheusReader.Read(text.Write()).Where(s => s.Name.StartsWith("ogrt_readerspec", StringComparison.Ordinal))];

        MetricSample counter = samples.Single(s => s.Name == "ogrt_readerspec_total");
        Assert.Equal([new("sink", "a\"b\\c\nd}, e=\"1\" 7"), new("reason", "")], counter.Labels);
        Assert.Equal((5, true), (counter.Value, counter.IsCounter));
        MetricSample gauge = samples.Single(s => s.Name == "ogrt_readerspec_level");
        Assert.Equal((double.PositiveInfinity, false), (gauge.Value, gauge.IsCounter));
        Assert.True(samples.Single(s => s.Name == "ogrt_readerspec_seconds_count").IsCounter);
        Assert.Equal("+Inf", samples.Last(s => s.Name == "ogrt_readerspec_seconds_bucket").Labels.Single().Value);
        Assert.Equal(samples.Count, samples.Select(s => s.Key).Distinct().Count());
    }

    [Theory]
    [InlineData("name{label=\"x\" 1")]
    [InlineData("name{label=\"x} 1")]
    [InlineData("name one")]
    [InlineData(" 1")]
    public void What_is_no_line_of_metrics_is_refused(string line) => Assert.Throws<FormatException>(() => PrometheusReader.Read(line));
}
