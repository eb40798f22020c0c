namespace Ogrt.Journal;

/// <summary>A cursor as it stood at one moment.</summary>
/// <param name="Name">The reader's name.</param>
/// <param name="Committed">The position up to which the reader is done.</param>
/// <param name="LagBytes">Bytes behind it that are not done yet.</param>
/// <param name="LagRecords">Records behind it that are not done yet.</param>
/// <param name="OldestArrivalUnixNs">The arrival time of the first record that is not done, in ns since 1970 UTC; 0 when there is none.</param>
/// <param name="IsOpen">Whether a reader is open; a cursor holds its segments in either case.</param>
public sealed record JournalCursor(string Name, long Committed, long LagBytes, long LagRecords, long OldestArrivalUnixNs, bool IsOpen);
