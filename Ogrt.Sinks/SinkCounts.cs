namespace Ogrt.Sinks;

/// <summary>
/// What became of the records that a sink has read since it started. At each moment at which nothing moves,
/// <see cref="Accepted"/> is the sum of the others.
/// </summary>
/// <param name="Accepted">Records read from the journal.</param>
/// <param name="Delivered">Taken by the target.</param>
/// <param name="Duplicate">Known to the target before.</param>
/// <param name="DeadLettered">Refused, and kept with the reason.</param>
/// <param name="Skipped">Not for this sink.</param>
/// <param name="Pending">Read and not yet any of the others.</param>
/// <param name="Dropped">Given up because the journal was full (<see cref="JournalFullPolicy.Skip"/>).</param>
public readonly record struct SinkCounts(
    long Accepted, long Delivered, long Duplicate, long DeadLettered, long Skipped, long Pending, long Dropped = 0)
{
    /// <summary>Whether every record is accounted for.</summary>
    public bool IsConserved => Accepted == Delivered + Duplicate + DeadLettered + Skipped + Dropped + Pending;

    /// <summary>The counts in words, for the log.</summary>
    public override string ToString() => FormattableString.Invariant(
        $"{Accepted} accepted, {Delivered} delivered, {Duplicate} duplicates, {DeadLettered} dead letters, {Skipped} skipped, {Dropped} dropped, {Pending} pending");
}
