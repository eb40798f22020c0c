namespace Ogrt.Sinks.Elasticsearch;

/// <summary>The time that an index with a date in its name covers.</summary>
public enum IndexPeriod
{
    /// <summary>A day (UTC).</summary>
    Day = 0,

    /// <summary>A month (UTC).</summary>
    Month,
}
