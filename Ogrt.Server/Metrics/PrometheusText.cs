using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Ogrt.Server.Metrics;

/// <summary>
/// Collects the instruments of all meters whose name begins with "Ogrt." and writes them in Prometheus' text format
/// (https://prometheus.io/docs/instrumenting/exposition_formats/). An instrument's name is written as it is: the projects name
/// them as Prometheus wants them.
/// </summary>
public sealed class PrometheusText : IDisposable
{
    /// <summary>The content type of the text.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>What the names of our meters begin with.</summary>
    internal const string MeterPrefix = "Ogrt.";
    private static readonly double[] Seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
    private static readonly double[] Bytes = [1 << 10, 1 << 12, 1 << 14, 1 << 16, 1 << 18, 1 << 20, 1 << 22, 1 << 24, 1 << 26];
    private static readonly double[] Counts = [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536];

    private readonly MeterListener _listener = new();
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, Family> _families = new(StringComparer.Ordinal);

    /// <summary>Begins to listen.</summary>
    public PrometheusText()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (!instrument.Meter.Name.StartsWith(MeterPrefix, StringComparison.Ordinal)) return;
            listener.EnableMeasurementEvents(instrument, FamilyOf(instrument));
        };
        _listener.MeasurementsCompleted = (_, state) =>
        {
            // A meter that is disposed takes its numbers with it.
            lock (_lock) ((Family?)state)?.Series.Clear();
        };
        _listener.SetMeasurementEventCallback<long>((i, value, tags, state) => Record(i, value, tags, state));
        _listener.SetMeasurementEventCallback<int>((i, value, tags, state) => Record(i, value, tags, state));
        _listener.SetMeasurementEventCallback<double>((i, value, tags, state) => Record(i, value, tags, state));
        _listener.SetMeasurementEventCallback<float>((i, value, tags, state) => Record(i, value, tags, state));
        _listener.SetMeasurementEventCallback<decimal>((i, value, tags, state) => Record(i, (double)value, tags, state));
        _listener.SetMeasurementEventCallback<short>((i, value, tags, state) => Record(i, value, tags, state));
        _listener.SetMeasurementEventCallback<byte>((i, value, tags, state) => Record(i, value, tags, state));
        _listener.Start();
    }

    /// <summary>Reads all instruments and writes them.</summary>
    public string Write()
    {
        lock (_lock)
        {
            foreach (Family family in _families.Values)
                if (family.IsObservable) family.Series.Clear();
        }
        _listener.RecordObservableInstruments();
        var text = new StringBuilder(16 * 1024);
        lock (_lock)
        {
            foreach (Family family in _families.Values) WriteFamily(text, family);
        }
        return text.ToString();
    }

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();

    private Family FamilyOf(Instrument instrument)
    {
        lock (_lock)
        {
            if (_families.TryGetValue(instrument.Name, out Family? family)) return family;
            family = new Family(instrument.Name, TypeOf(instrument), instrument.Description ?? "", instrument.IsObservable, Buckets(instrument));
            return _families[instrument.Name] = family;
        }
    }

    private void Record(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
    {
        if (state is not Family family) return;
        string labels = Labels(tags);
        lock (_lock)
        {
            if (!family.Series.TryGetValue(labels, out Series? series)) family.Series[labels] = series = new Series(family.Buckets.Length);
            if (family.Type == "histogram") series.Observe(family.Buckets, value);
            else if (instrument.IsObservable || family.Type == "gauge" && instrument is Gauge<long> or Gauge<double> or Gauge<int>) series.Sum = value;
            else series.Sum += value;
        }
    }

    private static void WriteFamily(StringBuilder text, Family family)
    {
        if (family.Series.Count == 0) return;
        text.Append("# HELP ").Append(family.Name).Append(' ').Append(EscapeHelp(family.Help)).Append('\n');
        text.Append("# TYPE ").Append(family.Name).Append(' ').Append(family.Type).Append('\n');
        foreach ((string labels, Series series) in family.Series)
        {
            if (family.Type == "histogram")
            {
                WriteHistogram(text, family, labels, series);
                continue;
            }
            text.Append(family.Name);
            if (labels.Length > 0) text.Append('{').Append(labels).Append('}');
            text.Append(' ').Append(Number(series.Sum)).Append('\n');
        }
    }

    private static void WriteHistogram(StringBuilder text, Family family, string labels, Series series)
    {
        string before = labels.Length > 0 ? labels + "," : "";
        string alone = labels.Length > 0 ? $"{{{labels}}}" : "";
        long count = 0;
        for (int i = 0; i < family.Buckets.Length; i++)
        {
            count += series.Counts[i];
            text.Append(CultureInfo.InvariantCulture, $"{family.Name}_bucket{{{before}le=\"{Number(family.Buckets[i])}\"}} {count}\n");
        }
        count += series.Counts[^1];
        text.Append(CultureInfo.InvariantCulture, $"{family.Name}_bucket{{{before}le=\"+Inf\"}} {count}\n");
        text.Append(family.Name).Append("_sum").Append(alone).Append(' ').Append(Number(series.Sum)).Append('\n');
        text.Append(CultureInfo.InvariantCulture, $"{family.Name}_count{alone} {count}\n");
    }

    private static string TypeOf(Instrument instrument)
    {
        string kind = instrument.GetType().Name.Split('`')[0];
        return kind switch
        {
            "Counter" or "ObservableCounter" => "counter",
            "Histogram" => "histogram",
            _ => "gauge",
        };
    }

    internal static bool IsHistogram(Instrument instrument) => TypeOf(instrument) == "histogram";

    internal static double[] Buckets(Instrument instrument) => instrument switch
    {
        Histogram<double> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds],
        Histogram<long> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds.Select(b => (double)b)],
        { Unit: "s" } => Seconds,
        { Unit: "By" } => Bytes,
        _ => Counts,
    };

    private static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags.Length == 0) return "";
        var text = new StringBuilder();
        foreach ((string key, object? value) in tags)
        {
            if (text.Length > 0) text.Append(',');
            text.Append(key).Append("=\"");
            foreach (char c in Convert.ToString(value, CultureInfo.InvariantCulture) ?? "")
            {
                switch (c)
                {
                    case '\\': text.Append("\\\\"); break;
                    case '"': text.Append("\\\""); break;
                    case '\n': text.Append("\\n"); break;
                    default: text.Append(c); break;
                }
            }
            text.Append('"');
        }
        return text.ToString();
    }

    private static string EscapeHelp(string help) =>
        help.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    private static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        double.NaN => "NaN",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };

    private sealed record Family(string Name, string Type, string Help, bool IsObservable, double[] Buckets)
    {
        public SortedDictionary<string, Series> Series { get; } = new(StringComparer.Ordinal);
    }

    private sealed class Series(int buckets)
    {
        public double Sum { get; set; }

        // One for each bucket, and one for what is above all of them.
        public long[] Counts { get; } = new long[buckets + 1];

        public void Observe(double[] bounds, double value)
        {
            int i = 0;
            while (i < bounds.Length && value > bounds[i]) i++;
            Counts[i]++;
            Sum += value;
        }
    }
}
