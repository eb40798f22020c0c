namespace Ogrt.Server.Metrics;

/// <summary>One number of a metric.</summary>
/// <param name="Name">The name as it is written; that of a histogram ends in _bucket, _sum or _count.</param>
/// <param name="Labels">Its labels, in the order in which they are written.</param>
/// <param name="Value">The number.</param>
/// <param name="IsCounter">Whether it only grows, so that it has a rate.</param>
public sealed record MetricSample(string Name, IReadOnlyList<KeyValuePair<string, string>> Labels, double Value, bool IsCounter)
{
    /// <summary>Name and labels together, which no other sample of the same text has.</summary>
    public string Key { get; } = Name + "\0" + string.Join('\0', Labels.Select(l => l.Key + "\0" + l.Value));
}
