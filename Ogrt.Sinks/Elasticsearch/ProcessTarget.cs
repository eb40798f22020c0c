namespace Ogrt.Sinks.Elasticsearch;

/// <summary>What processes are written to.</summary>
public enum ProcessTarget
{
    /// <summary>Indices whose names end with a date: a record that comes again meets itself, however much later.</summary>
    Dated = 0,

    /// <summary>A data stream. A record that comes again after a rollover is not known any more.</summary>
    DataStream,
}
