namespace Ogrt.Journal;

/// <summary>What can be found when a journal is opened. None of it keeps the journal from opening.</summary>
public enum RecoveryFinding
{
    /// <summary>The journal had not been closed; a new segment was begun at positions that nobody can have seen.</summary>
    UncleanEnd,

    /// <summary>The last append had not been finished; its bytes were cut off. It had not been confirmed, or a power failure took it.</summary>
    TornTail,

    /// <summary>A damaged place inside the last segment; readers skip it.</summary>
    CorruptRegion,

    /// <summary>A segment held nothing that could be read; it was moved to the quarantine.</summary>
    SegmentQuarantined,

    /// <summary>A segment's header was damaged, its records were not; the header was written anew.</summary>
    SegmentRepaired,

    /// <summary>The file with the journal's id was missing or damaged; the id was taken from a segment.</summary>
    IdentityRestored,

    /// <summary>The file with the journal's id was missing or damaged and no segment told it; the journal has a new id.</summary>
    IdentityReplaced,

    /// <summary>The cursor file is missing although there are segments; every reader starts at the oldest record.</summary>
    CursorsMissing,

    /// <summary>The cursor file is damaged or another journal's and was moved to the quarantine; every reader starts at the oldest record.</summary>
    CursorsDamaged,

    /// <summary>A cursor stood before the oldest record; it was moved there.</summary>
    CursorBeforeHead,

    /// <summary>A cursor stood behind the newest record (a power failure took records that had been read); the journal goes on behind it.</summary>
    CursorAfterTail,
}
