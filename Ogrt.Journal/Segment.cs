using Microsoft.Win32.SafeHandles;

namespace Ogrt.Journal;

/// <summary>One segment file of an open journal.</summary>
internal sealed class Segment(string path, long baseOffset, long baseSequence, long end)
{
    private long _end = end;
    private int _headerChecked;

    public string Path { get; } = path;

    public long BaseOffset { get; } = baseOffset;

    public long BaseSequence { get; } = baseSequence;

    /// <summary>The offset behind the last complete record. It is published after the record's bytes have been written, and a
    /// reader never looks beyond it; that alone makes reading a segment safe while it is written.</summary>
    public long End
    {
        get => Volatile.Read(ref _end);
        set => Volatile.Write(ref _end, value);
    }

    public bool IsEmpty => End == BaseOffset;

    /// <summary>Bytes that the segment takes.</summary>
    public long Size => SegmentHeader.Size + (End - BaseOffset);

    /// <summary>Whether somebody has looked at the header since the journal was opened, or made it.</summary>
    public bool HeaderChecked
    {
        get => Volatile.Read(ref _headerChecked) != 0;
        set => Volatile.Write(ref _headerChecked, value ? 1 : 0);
    }

    /// <summary>Open while there is something to write or to sync. Guarded by the journal's append lock.</summary>
    public SafeFileHandle? Writer { get; set; }

    /// <summary>The offset up to which a sync is known to have succeeded. Guarded by the journal's append lock.</summary>
    public long SyncedEnd { get; set; } = end;

    /// <summary>The sequence of the record at <see cref="SyncedEnd"/>. Guarded by the journal's append lock.</summary>
    public long SyncedSequence { get; set; } = baseSequence;

    /// <summary>A sync of this file has failed. Linux may then forget which pages were dirty and let the next sync succeed
    /// without writing them (https://lwn.net/Articles/752063/), so the file is never synced again: what was not synced is
    /// written to a new file.</summary>
    public bool SyncFailed { get; set; }

    public long FilePosition(long offset) => SegmentHeader.Size + (offset - BaseOffset);
}
