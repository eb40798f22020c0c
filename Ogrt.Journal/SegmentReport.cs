namespace Ogrt.Journal;

/// <summary>What verifying one segment gave.</summary>
public sealed class SegmentReport
{
    /// <summary>The file's name.</summary>
    public required string Name { get; init; }

    /// <summary>The offset of the first record.</summary>
    public required long BaseOffset { get; init; }

    /// <summary>The sequence of the first record.</summary>
    public required long BaseSequence { get; init; }

    /// <summary>Length of the file in bytes.</summary>
    public required long FileBytes { get; init; }

    /// <summary>The offset behind the last good record.</summary>
    public long EndOffset { get; internal set; }

    /// <summary>Good records.</summary>
    public long Records { get; internal set; }

    /// <summary>Bytes of their payloads.</summary>
    public long PayloadBytes { get; internal set; }

    /// <summary>Arrival time of the first good record, in ns since 1970 UTC; 0 when there is none.</summary>
    public long FirstArrivalUnixNs { get; internal set; }

    /// <summary>Arrival time of the last good record, in ns since 1970 UTC; 0 when there is none.</summary>
    public long LastArrivalUnixNs { get; internal set; }

    /// <summary>Whether the header is right; the records of a segment with a damaged header are still read.</summary>
    public bool HeaderIsGood { get; internal set; }

    /// <summary>Damaged places between good records, and in a finished segment behind the last one.</summary>
    public IReadOnlyList<JournalDamage> Damage => Damages;

    /// <summary>In the last segment: bytes behind the last good record. An append that is under way, or was when the process died.</summary>
    public long UnfinishedBytes { get; internal set; }

    /// <summary>Why the file could not be read to its end; null when it could.</summary>
    public string? Error { get; internal set; }

    internal List<JournalDamage> Damages { get; } = [];
}
