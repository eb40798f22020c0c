namespace Ogrt.Sinks.Local;

/// <summary>What one batch adds to a job.</summary>
internal sealed class JobChange(long id)
{
    public long Id { get; } = id;

    public long Images { get; set; }

    public long Ended { get; set; }

    public long Failed { get; set; }

    public long? FirstNs { get; private set; }

    public long? LastNs { get; private set; }

    public long? StartNs { get; set; }

    public long? EndNs { get; set; }

    public long ArrivalMs { get; set; }

    public long LastProcess { get; set; }

    /// <summary>Takes in a time at which something of the job happened.</summary>
    public void Seen(long ns)
    {
        FirstNs = FirstNs is { } first ? Math.Min(first, ns) : ns;
        LastNs = LastNs is { } last ? Math.Max(last, ns) : ns;
    }
}
