namespace Ogrt.Journal;

/// <summary>How a <see cref="SegmentedJournal"/> keeps its files. The defaults are those of <c>reference.conf</c>.</summary>
public sealed class JournalOptions
{
    /// <summary>The default of <see cref="MaxRecordSize"/>: 16 MiB.</summary>
    public const int DefaultMaxRecordSize = 16 * 1024 * 1024;

    /// <summary>The directory that belongs to this journal alone; it is created when it is missing.</summary>
    public required string Directory { get; init; }

    /// <summary>Bytes after which a new segment file is begun. Segments are the unit in which space is given back.</summary>
    /// <remarks>64 MiB: large enough that creating a file does not show, small enough that one slow reader does not hold much.
    /// A batch is never split, so a segment can be longer by less than one batch.</remarks>
    public long SegmentSize { get; init; } = 64L * 1024 * 1024;

    /// <summary>Bytes that all segments together may hold; at the limit appenders wait.</summary>
    public long MaxSize { get; init; } = 8L * 1024 * 1024 * 1024;

    /// <summary>When records are synced to the disk.</summary>
    public SyncPolicy Sync { get; init; } = SyncPolicy.Interval;

    /// <summary>Time between two syncs, and between two savings of the cursors.</summary>
    public TimeSpan SyncInterval { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Largest payload of one record in bytes. In a journal so small that such a record would take more than half of it, the
    /// limit is what half of it holds.</summary>
    public int MaxRecordSize { get; init; } = DefaultMaxRecordSize;

    /// <summary>Whether a segment's disk space is reserved when the segment is begun.</summary>
    /// <remarks>On: a disk that fills up is noticed between two segments instead of inside one, and the file is contiguous.
    /// A file system without <c>fallocate</c> ignores it.</remarks>
    public bool Preallocate { get; init; } = true;

    /// <summary>Time after which an append that the disk refused (full, failing) is tried again.</summary>
    public TimeSpan RetryInterval { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Bytes that a reader asks the operating system for at once.</summary>
    public int ReadBufferSize { get; init; } = 256 * 1024;

    /// <summary>Bytes of the newest records that stay in memory, so that readers that keep up share them; 0 for none.</summary>
    /// <remarks>8 MiB: what 80,000 frames of 2 KB a second are in 50 ms, longer than a reader under load leaves the tail alone.</remarks>
    public long TailMemory { get; init; } = 8 * 1024 * 1024;

    /// <summary>Throws when a value is impossible or two of them contradict each other.</summary>
    /// <exception cref="ArgumentException">The message names the option and the bounds.</exception>
    public void Validate()
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(Directory);
        Require(SegmentSize >= 4096, nameof(SegmentSize), "must be at least 4096 bytes");
        Require(MaxSize >= 2 * SegmentSize, nameof(MaxSize), "must be at least twice SegmentSize, because space is given back by whole segments");
        Require(MaxRecordSize is > 0 and <= 1 << 30, nameof(MaxRecordSize), "must be between 1 byte and 1 GiB");
        Require(SyncInterval > TimeSpan.Zero, nameof(SyncInterval), "must be positive");
        Require(RetryInterval > TimeSpan.Zero, nameof(RetryInterval), "must be positive");
        Require(ReadBufferSize is >= 4096 and <= 1 << 30, nameof(ReadBufferSize), "must be between 4 KiB and 1 GiB");
        Require(TailMemory is 0 or (>= 1 << 20 and <= 1 << 30), nameof(TailMemory), "must be 0 or between 1 MiB and 1 GiB");
    }

    /// <summary>The largest payload that can be appended: a batch takes at most half of the journal.</summary>
    internal int LargestPayload => (int)Math.Min(MaxRecordSize, (MaxSize / 2) - RecordHeader.TotalSize(0) - RecordHeader.Alignment);

    private static void Require(bool holds, string option, string rule)
    {
        if (!holds)
            throw new ArgumentException($"{option} {rule}.", option);
    }
}
