namespace Ogrt.Journal;

/// <summary>What a journal has done since it was opened and how it stands.</summary>
public readonly record struct JournalStatistics
{
    /// <summary>Records appended since the journal was opened.</summary>
    public long AppendedRecords { get; init; }

    /// <summary>Bytes appended since the journal was opened, record headers included.</summary>
    public long AppendedBytes { get; init; }

    /// <summary>Bytes that all segments hold now.</summary>
    public long Size { get; init; }

    /// <summary><see cref="JournalOptions.MaxSize"/>.</summary>
    public long MaxSize { get; init; }

    /// <summary>Segment files now.</summary>
    public int Segments { get; init; }

    /// <summary>Segments deleted since the journal was opened, because every cursor had passed them.</summary>
    public long ReleasedSegments { get; init; }

    /// <summary>Syncs of a segment file since the journal was opened.</summary>
    public long Syncs { get; init; }

    /// <summary>Time that these syncs took together.</summary>
    public TimeSpan SyncTime { get; init; }

    /// <summary>The longest of them.</summary>
    public TimeSpan LongestSync { get; init; }

    /// <summary>Syncs that the operating system answered with an error; what they covered was written again elsewhere.</summary>
    public long SyncFailures { get; init; }

    /// <summary>Since when what was appended could not be brought to the disk; null when all is well.</summary>
    public DateTimeOffset? SyncFailingSince { get; init; }

    /// <summary>Bytes appended that no sync covers yet.</summary>
    public long UnsyncedBytes { get; init; }

    /// <summary>Damaged places found by readers and at the start, each counted once.</summary>
    public long CorruptRegions { get; init; }

    /// <summary>Records lost to damage, told by gaps in their sequence.</summary>
    public long LostRecords { get; init; }

    /// <summary>Bytes skipped because they were damaged.</summary>
    public long LostBytes { get; init; }

    /// <summary>Segments moved to the quarantine since the journal was opened.</summary>
    public long QuarantinedSegments { get; init; }

    /// <summary>Segments whose damaged header was written anew since the journal was opened; their records were kept.</summary>
    public long RepairedSegments { get; init; }

    /// <summary>Appends that wait for room now.</summary>
    public int WaitingAppenders { get; init; }

    /// <summary>Since when appends wait because the journal is at its limit; null when it is not.</summary>
    public DateTimeOffset? FullSince { get; init; }

    /// <summary>Since when appends wait because the disk refuses to take more; null when it takes it.</summary>
    public DateTimeOffset? DiskFullSince { get; init; }

    /// <summary>Writes that the disk refused since the journal was opened.</summary>
    public long WriteFailures { get; init; }

    /// <summary>The latest error of the disk, in the operating system's words; null when there was none.</summary>
    public string? LastError { get; init; }
}
