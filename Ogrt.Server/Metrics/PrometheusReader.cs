using System.Globalization;
using System.Text;

namespace Ogrt.Server.Metrics;

/// <summary>Reads what <see cref="PrometheusText"/> writes.</summary>
public static class PrometheusReader
{
    /// <summary>The samples of a text, in its order.</summary>
    /// <exception cref="FormatException">A line is none of the format.</exception>
    public static IReadOnlyList<MetricSample> Read(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var samples = new List<MetricSample>();
        string type = "";
        foreach (string line in text.Split('\n'))
        {
            if (line.StartsWith("# TYPE ", StringComparison.Ordinal)) type = line[(line.LastIndexOf(' ') + 1)..];
            if (line.Length > 0 && line[0] != '#') samples.Add(Sample(line, type));
        }
        return samples;
    }

    private static MetricSample Sample(string line, string type)
    {
        int nameEnd = line.IndexOfAny(['{', ' ']);
        if (nameEnd <= 0) throw Wrong(line);
        string name = line[..nameEnd];
        int at = nameEnd;
        var labels = new List<KeyValuePair<string, string>>();
        if (line[at] == '{') at = Labels(line, at + 1, labels);
        if (!TryNumber(line[at..].Trim(), out double value)) throw Wrong(line);
        bool counts = type == "counter" || (type == "histogram" && !name.EndsWith("_bucket", StringComparison.Ordinal));
        return new MetricSample(name, labels, value, counts);
    }

    private static int Labels(string line, int at, List<KeyValuePair<string, string>> labels)
    {
        while (at < line.Length && line[at] != '}')
        {
            int equals = line.IndexOf("=\"", at, StringComparison.Ordinal);
            if (equals < 0) throw Wrong(line);
            string key = line[at..equals];
            var value = new StringBuilder();
            for (at = equals + 2; at < line.Length && line[at] != '"'; at++)
            {
                if (line[at] == '\\' && at + 1 < line.Length) value.Append(line[++at] == 'n' ? '\n' : line[at]);
                else value.Append(line[at]);
            }
            if (at >= line.Length) throw Wrong(line);
            labels.Add(KeyValuePair.Create(key, value.ToString()));
            at++;
            if (at < line.Length && line[at] == ',') at++;
        }
        return at < line.Length ? at + 1 : throw Wrong(line);
    }

    private static bool TryNumber(string text, out double value)
    {
        switch (text)
        {
            case "+Inf": value = double.PositiveInfinity; return true;
            case "-Inf": value = double.NegativeInfinity; return true;
            case "NaN": value = double.NaN; return true;
            default: return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value);
        }
    }

    private static FormatException Wrong(string line) => new($"This is no line of metrics: {line}");
}
