namespace Ogrt.Journal;

public sealed partial class SegmentedJournal
{
    /// <summary>Places remembered so that several readers count one only once; beyond this many they are counted by each.</summary>
    private const int RememberedPlaces = 65536;

    private readonly HashSet<long> _damagedPlaces = [];
    private readonly Lock _checkGate = new();
    private long _corruptRegions;
    private long _lostRecords;
    private long _lostBytes;
    private long _quarantinedSegments;
    private long _repairedSegments;

    /// <summary>Counts a damaged place, once, whichever reader finds it.</summary>
    internal void ReportDamage(long offset, long bytes, long records)
    {
        lock (_gate)
        {
            if (_damagedPlaces.Count < RememberedPlaces && !_damagedPlaces.Add(offset))
                return;
            _corruptRegions++;
            _lostBytes += bytes;
            _lostRecords += records;
        }
    }

    /// <summary>Counts records that are missing before a segment, once, whichever reader finds it.</summary>
    internal void ReportLoss(long baseOffset, long records)
    {
        lock (_gate)
        {
            if (_damagedPlaces.Count >= RememberedPlaces || _damagedPlaces.Add(~baseOffset))
                _lostRecords += records;
        }
    }

    /// <summary>Looks at the header of a segment that nobody has looked at since the start. False when it held nothing readable
    /// and is no longer among the segments.</summary>
    /// <exception cref="IOException">The segment cannot be read.</exception>
    internal bool EnsureReadable(Segment segment, RecordScanner scanner)
    {
        if (segment.HeaderChecked)
            return true;
        lock (_checkGate)
        {
            if (segment.HeaderChecked)
                return Array.IndexOf(_segments, segment) >= 0;
            SegmentCheck check = SegmentChecker.Check(scanner, Id, segment.Path, segment.BaseOffset, segment.BaseSequence, segment.End, _directory);
            segment.HeaderChecked = true;
            if (check == SegmentCheck.Repaired)
                Interlocked.Increment(ref _repairedSegments);
            if (check is SegmentCheck.Good or SegmentCheck.Repaired)
                return true;
            return !Drop(segment, quarantine: check == SegmentCheck.Unusable);
        }
    }

    /// <summary>Takes a segment out of the list; its file goes to the quarantine, or is gone already. False when it is the one that
    /// is being written, which stays.</summary>
    internal bool Drop(Segment segment, bool quarantine)
    {
        lock (_gate)
        {
            if (segment == _active)
                return false;
            if (Array.IndexOf(_segments, segment) < 0)
                return true;
            _segments = [.. _segments.Where(other => other != segment)];
            _size -= segment.Size;
            _lostBytes += segment.End - segment.BaseOffset;
            if (quarantine)
                _quarantinedSegments++;
        }

        if (quarantine)
            Quarantine(segment);
        return true;
    }

    private void Quarantine(Segment segment)
    {
        try
        {
            _directory.MoveToQuarantine(segment.Path);
        }
        catch (Exception error) when (IsDiskError(error))
        {
            _lastError = error.Message; // It stays where it is and is found again at the next start.
        }
    }
}
