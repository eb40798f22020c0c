using Microsoft.Win32.SafeHandles;

namespace Ogrt.Journal;

/// <summary>
/// Finds out where a journal stands. Only the last segment is read; of the others only names and lengths are looked at, and a
/// reader checks each when it gets there. Nothing that is found keeps the journal from opening.
/// </summary>
internal sealed class Recovery(JournalDirectory directory, JournalOptions options)
{
    /// <summary>The offset of the first record of a new journal. Not 0, so that 0 can mean "before everything" elsewhere.</summary>
    public const long FirstOffset = 64;

    private readonly JournalRecoveryReport _report = new();
    private readonly List<(long, long, long)> _damage = [];
    private long _quarantined;
    private long _repaired;

    public RecoveredState Run()
    {
        directory.DeleteTemporaries();
        List<JournalDirectory.Listed> listed = directory.ListSegments();
        _report.Segments = listed.Count;
        Guid id = FindIdentity(listed);
        (long Offset, long Sequence)? clean = directory.ReadCleanMark(id);
        (long Offset, long Sequence) found = ScanLast(id, listed);
        List<CursorFile.Entry> cursors = ReadCursors(id, _report.Segments > 0, out var lost);
        var endedCleanly = clean is { } mark && mark.Offset >= found.Offset && mark.Sequence == found.Sequence;
        (long Offset, long Sequence) tail = endedCleanly ? clean!.Value : _report.Segments == 0 ? found : Leap(found);
        (var moved, tail) = PlaceCursors(cursors, listed, tail);
        List<Segment> segments = listed.Select((s, i) => new Segment(s.Path, s.BaseOffset, s.BaseSequence, JournalDirectory.EndOf(listed, i))).ToList();
        if (!endedCleanly)
            segments.ForEach(segment => segment.SyncedEnd = segment.BaseOffset); // The process that wrote them may not have synced them.
        var state = new RecoveredState
        {
            Id = id,
            Segments = segments,
            TailOffset = tail.Offset,
            TailSequence = tail.Sequence,
            LastIsAppendable = endedCleanly && segments is [.., Segment last] && last.End == tail.Offset,
            Cursors = moved,
            CursorsLost = lost,
            Report = _report,
            QuarantinedSegments = _quarantined,
            RepairedSegments = _repaired,
        };
        state.Damage.AddRange(_damage);
        return state;
    }

    private Guid FindIdentity(List<JournalDirectory.Listed> listed)
    {
        if (directory.ReadIdentity() is { } known)
            return known;
        foreach (JournalDirectory.Listed segment in Enumerable.Reverse(listed))
        {
            using RecordScanner scanner = NewScanner(Guid.Empty);
            if (!TryOpen(scanner, segment) || !scanner.TryReadHeader(out SegmentHeader header))
                continue;
            directory.WriteIdentity(header.Journal);
            _report.Add(RecoveryFinding.IdentityRestored, $"The file {JournalPaths.Identity} was missing or damaged; the id {header.Journal:D} was taken from {Path.GetFileName(segment.Path)}.");
            return header.Journal;
        }

        var id = Guid.NewGuid();
        if (listed.Count > 0 || File.Exists(directory.In(JournalPaths.Identity)))
            _report.Add(RecoveryFinding.IdentityReplaced, $"The file {JournalPaths.Identity} was missing or damaged and no segment told the id; the journal is now {id:D}.");
        directory.WriteIdentity(id);
        return id;
    }

    /// <summary>Reads the last segment that can be read, cuts its torn tail, and returns the end of the data.</summary>
    private (long Offset, long Sequence) ScanLast(Guid id, List<JournalDirectory.Listed> listed)
    {
        (long Offset, long Sequence) end = (FirstOffset, 0);
        using RecordScanner scanner = NewScanner(id);
        for (var last = listed.Count - 1; last >= 0; last--)
        {
            JournalDirectory.Listed segment = listed[last];
            end = (Math.Max(end.Offset, JournalDirectory.EndOf(listed, last)), Math.Max(end.Sequence, segment.BaseSequence));
            _report.ScannedSegments++;
            if (!TryOpen(scanner, segment))
            {
                // The disk does not give it: leave it for a reader to try again, and go on behind it.
                return end;
            }

            var check = Check(scanner, id, listed, last);
            if (check is SegmentCheck.Good or SegmentCheck.Repaired)
                return Scan(scanner, listed, last, end);
            scanner.Close();
            listed.RemoveAt(last);
            if (check == SegmentCheck.Unfinished)
                directory.Files.Delete(segment.Path);
            else
                Quarantine(segment);
        }

        return end;
    }

    private SegmentCheck Check(RecordScanner scanner, Guid id, List<JournalDirectory.Listed> listed, int index)
    {
        JournalDirectory.Listed segment = listed[index];
        scanner.NextSequence = segment.BaseSequence;
        SegmentCheck check = SegmentChecker.Check(scanner, id, segment.Path, segment.BaseOffset, segment.BaseSequence, JournalDirectory.EndOf(listed, index), directory);
        if (check == SegmentCheck.Repaired)
        {
            _repaired++;
            _report.Add(RecoveryFinding.SegmentRepaired, $"The header of {Path.GetFileName(segment.Path)} was damaged and has been written anew; its records are kept.");
        }

        return check;
    }

    private (long Offset, long Sequence) Scan(RecordScanner scanner, List<JournalDirectory.Listed> listed, int last, (long Offset, long Sequence) atLeast)
    {
        JournalDirectory.Listed segment = listed[last];
        var fileEnd = segment.BaseOffset + Math.Max(0, segment.Length - SegmentHeader.Size);
        try
        {
            while (scanner.TryNext(fileEnd, out JournalRecord record))
            {
                if (scanner.SkippedBytes == 0)
                    continue;
                _damage.Add((record.Offset - scanner.SkippedBytes, scanner.SkippedBytes, scanner.SkippedRecords));
                _report.Add(RecoveryFinding.CorruptRegion, $"{scanner.SkippedBytes} bytes before offset {record.Offset} are damaged; they held {scanner.SkippedRecords} records.");
            }
        }
        catch (IOException error)
        {
            _report.Add(RecoveryFinding.CorruptRegion, $"{Path.GetFileName(segment.Path)} cannot be read at offset {scanner.Position}: {error.Message}");
            return (Math.Max(fileEnd, atLeast.Offset), Math.Max(scanner.NextSequence, atLeast.Sequence));
        }
        finally
        {
            _report.ScannedBytes += scanner.BytesRead;
        }

        var end = scanner.Position;
        if (!TryCut(segment, end, fileEnd))
            end = fileEnd; // Readers skip what could not be cut.
        listed[last] = segment with { Length = SegmentHeader.Size + (end - segment.BaseOffset) };
        var wasLast = last == listed.Count - 1 && atLeast.Offset <= fileEnd;
        return (wasLast ? end : Math.Max(end, atLeast.Offset), Math.Max(scanner.NextSequence, atLeast.Sequence));
    }

    /// <summary>Cuts what lies behind the last good record, and with it space that was reserved for more.</summary>
    private bool TryCut(JournalDirectory.Listed segment, long from, long to)
    {
        try
        {
            using SafeFileHandle file = directory.Files.OpenWrite(segment.Path);
            directory.Files.SetLength(file, SegmentHeader.Size + (from - segment.BaseOffset));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            _report.Add(RecoveryFinding.TornTail, $"{to - from} bytes of an unfinished append at offset {from} could not be cut off: {error.Message}");
            return false;
        }

        if (from < to)
        {
            _report.TornBytes += to - from;
            _report.Add(RecoveryFinding.TornTail, $"{to - from} bytes of an unfinished append were cut off at offset {from}.");
        }

        return true;
    }

    private void Quarantine(JournalDirectory.Listed segment)
    {
        var target = directory.MoveToQuarantine(segment.Path);
        _quarantined++;
        _report.Add(RecoveryFinding.SegmentQuarantined, $"{Path.GetFileName(segment.Path)} holds nothing readable and was moved to {target}.");
    }

    /// <summary>
    /// After an end that was not clean, readers may have seen records that a power failure took, and others may remember their
    /// offsets. The journal therefore goes on at a distance that no unsynced data can have reached: all that it may hold at once.
    /// </summary>
    private (long Offset, long Sequence) Leap((long Offset, long Sequence) found)
    {
        _report.Add(RecoveryFinding.UncleanEnd, $"The journal was not closed; it goes on behind offset {found.Offset} at a distance of {options.MaxSize} bytes.");
        return (Align(found.Offset + options.MaxSize), found.Sequence);
    }

    private List<CursorFile.Entry> ReadCursors(Guid id, bool hasHistory, out bool lost)
    {
        var path = directory.In(JournalPaths.Cursors);
        lost = false;
        if (!File.Exists(path))
        {
            lost = hasHistory;
            if (hasHistory)
                _report.Add(RecoveryFinding.CursorsMissing, "The cursor file is missing; every reader starts at the oldest record.");
            return [];
        }

        if (JournalDirectory.TryReadFile(path, out var content) && CursorFile.TryParse(content, id, out var entries))
            return entries;
        lost = true;
        var target = directory.MoveToQuarantine(path);
        _report.Add(RecoveryFinding.CursorsDamaged, $"The cursor file is damaged or another journal's and was moved to {target}; every reader starts at the oldest record.");
        return [];
    }

    private (List<CursorFile.Entry> Moved, (long Offset, long Sequence) Tail) PlaceCursors(
        List<CursorFile.Entry> cursors, List<JournalDirectory.Listed> listed, (long Offset, long Sequence) tail)
    {
        (long Offset, long Sequence) head = listed.Count > 0 ? (listed[0].BaseOffset, listed[0].BaseSequence) : tail;
        var moved = new List<CursorFile.Entry>(cursors.Count);
        foreach (CursorFile.Entry cursor in cursors)
        {
            if (cursor.Offset < head.Offset)
            {
                // In the distance behind an unclean end, with everything before it released, a cursor misses nothing.
                if (cursor.Sequence < head.Sequence)
                    _report.Add(RecoveryFinding.CursorBeforeHead, $"The cursor {cursor.Name} stood at {cursor.Offset}, before the oldest record at {head.Offset}; it was moved there. {head.Sequence - cursor.Sequence} records are gone.");
                moved.Add(cursor with { Offset = head.Offset, Sequence = head.Sequence });
                continue;
            }

            if (cursor.Offset > tail.Offset)
            {
                _report.Add(RecoveryFinding.CursorAfterTail, $"The cursor {cursor.Name} stood at {cursor.Offset}, behind the newest record; the journal goes on there.");
                tail = (Align(cursor.Offset), Math.Max(tail.Sequence, cursor.Sequence));
            }

            moved.Add(cursor);
        }

        return (moved, tail);
    }

    private static long Align(long offset) => (offset + RecordHeader.Alignment - 1) & ~(RecordHeader.Alignment - 1L);

    private RecordScanner NewScanner(Guid id) => new(directory.Files, RecordHeader.SaltOf(id), options.MaxRecordSize, Math.Max(options.ReadBufferSize, 1024 * 1024));

    private bool TryOpen(RecordScanner scanner, JournalDirectory.Listed segment)
    {
        try
        {
            scanner.Open(segment.Path, segment.BaseOffset, segment.BaseSequence);
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            _report.Add(RecoveryFinding.CorruptRegion, $"{Path.GetFileName(segment.Path)} cannot be opened: {error.Message}");
            return false;
        }
    }
}
