namespace Ogrt.Journal;

/// <summary>What the journal starts from.</summary>
internal sealed class RecoveredState
{
    public required Guid Id { get; init; }

    public required List<Segment> Segments { get; init; }

    /// <summary>The offset of the next record.</summary>
    public required long TailOffset { get; init; }

    /// <summary>The sequence of the next record.</summary>
    public required long TailSequence { get; init; }

    /// <summary>Whether the last segment ends exactly at the tail, so that appending can go on in it.</summary>
    public required bool LastIsAppendable { get; init; }

    public required List<CursorFile.Entry> Cursors { get; init; }

    /// <summary>Whether cursors may have been forgotten: a reader whose name is unknown must then start at the oldest record.</summary>
    public required bool CursorsLost { get; init; }

    public required JournalRecoveryReport Report { get; init; }

    /// <summary>Damaged places found in the last segment: offset, bytes, records.</summary>
    public List<(long Offset, long Bytes, long Records)> Damage { get; } = [];

    public long QuarantinedSegments { get; set; }

    public long RepairedSegments { get; set; }
}
