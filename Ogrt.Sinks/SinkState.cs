namespace Ogrt.Sinks;

/// <summary>A sink at one moment, for health, the CLI and tests.</summary>
/// <param name="Name">The sink's name.</param>
/// <param name="Type">Its type.</param>
/// <param name="Phase">What it is doing.</param>
/// <param name="Reason">Why, as a short word; null while it runs.</param>
/// <param name="Detail">Why, in the target's words; null while it runs.</param>
/// <param name="Since">When it came into this phase.</param>
/// <param name="Counts">What became of the records that it has read.</param>
/// <param name="LagRecords">Records in the journal that are not delivered.</param>
/// <param name="LagBytes">Their bytes in the journal.</param>
/// <param name="LagAge">How long the oldest of them has been there; zero without any.</param>
public sealed record SinkState(
    string Name,
    string Type,
    SinkPhase Phase,
    string? Reason,
    string? Detail,
    DateTimeOffset Since,
    SinkCounts Counts,
    long LagRecords,
    long LagBytes,
    TimeSpan LagAge);
