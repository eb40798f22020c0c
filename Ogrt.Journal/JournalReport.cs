namespace Ogrt.Journal;

/// <summary>What verifying a journal gave.</summary>
public sealed class JournalReport
{
    /// <summary>The journal's id; null when neither its file nor a segment tells it.</summary>
    public Guid? Id { get; internal set; }

    /// <summary>Whether the journal has noted a clean end. While it is open it has not.</summary>
    public bool EndedCleanly { get; internal set; }

    /// <summary>The segments, oldest first.</summary>
    public IReadOnlyList<SegmentReport> Segments => SegmentList;

    /// <summary>The saved cursors: name, offset, and the sequence of the record there.</summary>
    public IReadOnlyList<(string Name, long Offset, long Sequence)> Cursors { get; internal set; } = [];

    /// <summary>Whether the cursor file is there and right.</summary>
    public bool CursorsAreGood { get; internal set; }

    /// <summary>Files in the quarantine.</summary>
    public int QuarantinedFiles { get; internal set; }

    /// <summary>Good records in all segments.</summary>
    public long Records => Segments.Sum(segment => segment.Records);

    /// <summary>Bytes of all segment files.</summary>
    public long FileBytes => Segments.Sum(segment => segment.FileBytes);

    /// <summary>Records missing between the first good record and the last.</summary>
    public long LostRecords { get; internal set; }

    /// <summary>Whether nothing is damaged. An unfinished end is no damage.</summary>
    public bool IsGood => CursorsAreGood && Id is not null && LostRecords == 0
        && Segments.All(segment => segment is { HeaderIsGood: true, Error: null, Damage.Count: 0 });

    internal List<SegmentReport> SegmentList { get; } = [];
}
