namespace Ogrt.Sinks.Delivery;

/// <summary>What became of records that were read together, counted by one thread before everybody sees it.</summary>
internal struct Intake
{
    /// <summary>Records that were read.</summary>
    public int Accepted;

    /// <summary>Of them, those that are to be sent or to become dead letters.</summary>
    public int Pending;

    /// <summary>Of them, those that are not for the sink.</summary>
    public int Skipped;
}
