namespace Ogrt.Journal;

/// <summary>
/// One consumer of a journal, with a durable cursor of its own. It is used by one thread at a time; only
/// <see cref="Commit"/> and the properties may be used beside a read.
/// </summary>
public sealed class JournalReader : IDisposable
{
    private readonly SegmentedJournal _journal;
    private readonly ReaderCursor _cursor;
    private readonly RecordScanner _scanner;
    private readonly bool _onlyLooks;
    private Segment[]? _seen;
    private Segment? _segment;
    private TaskCompletionSource<bool>? _wake;
    private long _wakeAt;
    private long _position;
    private bool _disposed;

    internal JournalReader(SegmentedJournal journal, ReaderCursor cursor, RecordScanner scanner, bool onlyLooks = false)
    {
        _onlyLooks = onlyLooks;
        _journal = journal;
        _cursor = cursor;
        _scanner = scanner;
        _position = cursor.Committed;
        _scanner.NextSequence = cursor.SavedSequence ?? RecordScanner.UnknownSequence;
        cursor.SavedSequence = null;
    }

    /// <summary>The name, under which the cursor is kept.</summary>
    public string Name => _cursor.Name;

    /// <summary>The offset where the next record is looked for.</summary>
    public long Position => Volatile.Read(ref _position);

    /// <summary>The offset up to which everything is done.</summary>
    public long Committed => _cursor.Committed;

    /// <summary>The sequence of the first record that is not done. Reads a few bytes from the disk.</summary>
    public long CommittedSequence => _journal.SequenceAt(Committed);

    /// <summary>Bytes behind <see cref="Committed"/>.</summary>
    public long LagBytes => _journal.BytesBehind(Committed);

    /// <summary>Records behind <see cref="Committed"/>. Reads a few bytes from the disk.</summary>
    public long LagRecords => _journal.RecordsBehind(Committed);

    /// <summary>Takes the next record, if there is one. Damaged places are skipped and counted in the journal's statistics; what
    /// they cost shows as a gap in <see cref="JournalRecord.Sequence"/>.</summary>
    /// <param name="record">The record; its payload is valid until the next read call.</param>
    /// <exception cref="IOException">The disk cannot be read now; the position is unchanged and the call can be repeated.</exception>
    /// <exception cref="ObjectDisposedException">The reader is disposed.</exception>
    public bool TryRead(out JournalRecord record)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        while (true)
        {
            Segment[] segments = _journal.Segments;
            if (segments.Length == 0)
                break;
            if (!ReferenceEquals(segments, _seen) && !TryLocate(segments))
                continue;

            var end = _segment!.End;
            if (_scanner.Position < end)
            {
                if (TryNext(end, out record))
                    return true;
            }
            else if (!TryAdvance())
            {
                break;
            }
        }

        record = default;
        return false;
    }

    /// <summary>Waits until there is something to read: true; false when the journal is closed and everything has been read.</summary>
    public ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken = default) => WaitToReadAsync(1, cancellationToken);

    /// <summary>
    /// Waits until there is much to read: true; false when the journal is closed and everything has been read. Being woken for each
    /// append costs a reader more than reading; one that has time until its batch is due asks for as much as makes a difference.
    /// </summary>
    /// <param name="bytes">How far the tail must be from <see cref="Position"/>, at least 1. Less is there when the journal is closed, and
    /// after <see cref="StopWaiting"/>. A journal that is full never gets there: whoever asks for more than 1 must stop waiting some time.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async ValueTask<bool> WaitToReadAsync(long bytes, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bytes);
        while (true)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (HasUnread(bytes))
                return true;
            if (_journal.IsClosing)
                return HasUnread(1);
            cancellationToken.ThrowIfCancellationRequested();
            var wake = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
            Volatile.Write(ref _wakeAt, Position + bytes);
            Volatile.Write(ref _wake, wake);
            _journal.BeginWait();
            try
            {
                if (!HasUnread(bytes) && !_journal.IsClosing && !await wake.Task.WaitAsync(cancellationToken).ConfigureAwait(false))
                    return true;
            }
            finally
            {
                _journal.EndWait();
                Volatile.Write(ref _wake, null);
            }
        }
    }

    /// <summary>Ends a wait that is going on with true, however little there is to read. It may be called while another thread waits.</summary>
    public void StopWaiting() => Volatile.Read(ref _wake)?.TrySetResult(false);

    /// <summary>Says that everything before an offset is done. It is saved with the next sync; a lower offset than before is ignored.</summary>
    /// <param name="nextOffset">A record's <see cref="JournalRecord.NextOffset"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The offset lies behind the newest record.</exception>
    /// <exception cref="InvalidOperationException">This reader only looks; it has no cursor.</exception>
    public void Commit(long nextOffset)
    {
        if (_onlyLooks)
            throw new InvalidOperationException("A reader that only looks has no cursor to move.");
        _journal.Commit(_cursor, nextOffset);
    }

    /// <summary>Goes on reading at another place; the cursor stays. An offset before <see cref="Committed"/> may be gone: reading
    /// then goes on at the oldest record that is there.</summary>
    /// <param name="offset">A record's <see cref="JournalRecord.Offset"/> or <see cref="JournalRecord.NextOffset"/>. Inside a record, that
    /// record is skipped as damaged.</param>
    public void Seek(long offset)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _position = Math.Clamp(offset, 0, _journal.TailOffset);
        _scanner.NextSequence = RecordScanner.UnknownSequence;
        _segment = null;
        _seen = null;
    }

    /// <summary>Goes on at the end of the journal.</summary>
    /// <returns>Records that lie between; they are not read.</returns>
    public long SkipToEnd()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        long skipped = _journal.RecordsBehind(Position);
        Seek(_journal.TailOffset);
        return skipped;
    }

    /// <summary>Whether this reader's cursor is what keeps the oldest segment from being given up. More than one reader can be.</summary>
    public bool HoldsOldest => _journal.Segments is [Segment first, _, ..] && Committed < first.End;

    /// <summary>Gives up what is left of the oldest segment that this reader has not passed: the cursor moves behind it, and
    /// reading goes on there. The segment that is being written is never given up.</summary>
    /// <returns>Records that the cursor moved over.</returns>
    public long SkipSegment()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        Segment[] segments = _journal.Segments;
        var committed = Committed;
        var index = Array.FindIndex(segments, segment => committed < segment.End);
        if (index < 0 || index == segments.Length - 1)
            return 0;
        var records = segments[index + 1].BaseSequence - _journal.SequenceAt(committed);
        Commit(segments[index].End);
        Seek(segments[index].End);
        return Math.Max(0, records);
    }

    /// <summary>Ends reading. The cursor stays and holds its segments.</summary>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        _scanner.Dispose();
        _journal.Close(_cursor, this);
        Wake();
    }

    /// <summary>Lets a wait look again.</summary>
    internal void Wake() => Volatile.Read(ref _wake)?.TrySetResult(true);

    /// <summary>The same when there is as much as was asked for.</summary>
    internal void WakeAt(long tail)
    {
        if (Volatile.Read(ref _wake) is { } wake && tail >= Volatile.Read(ref _wakeAt))
            wake.TrySetResult(true);
    }

    private bool HasUnread(long bytes) => _journal.Segments is [.., Segment last] && last.End - Position >= bytes;

    private bool TryNext(long end, out JournalRecord record)
    {
        var from = _scanner.Position;
        if (_scanner.TryNext(end, out record))
        {
            if (_scanner.SkippedBytes > 0 && !_onlyLooks)
                _journal.ReportDamage(from, _scanner.SkippedBytes, _scanner.SkippedRecords);
            Volatile.Write(ref _position, record.NextOffset);
            return true;
        }

        // Nothing good up to the end: what was there is told by the sequence of the next record, in the next segment.
        if (!_onlyLooks)
            _journal.ReportDamage(from, end - from, 0);
        _scanner.Position = end;
        Volatile.Write(ref _position, end);
        return false;
    }

    /// <summary>Goes to the next segment, if there is one.</summary>
    private bool TryAdvance()
    {
        Segment current = _segment!;
        // The next segment is published after the last record of this one, so this one's end is final only when there is a next one.
        Segment? next = NextAfter(_journal.Segments, current);
        if (next is null)
            return false;
        if (_scanner.Position >= current.End)
            Open(next);
        return true;
    }

    /// <summary>Finds the segment of the position after the list of segments has changed; false when the one found cannot be read.</summary>
    private bool TryLocate(Segment[] segments)
    {
        if (_segment is null || Array.IndexOf(segments, _segment) < 0)
        {
            Segment found = Array.Find(segments, segment => _position < segment.End) ?? segments[^1];
            if (!Open(found))
                return false;
        }

        _seen = segments;
        return true;
    }

    /// <summary>Opens a segment at the position or, when that lies before it, at its first record. One that cannot be read at all
    /// is dropped from the journal: false, and the next look finds the one behind it.</summary>
    private bool Open(Segment segment)
    {
        if (!TryOpenFile(segment) || !_journal.EnsureReadable(segment, _scanner))
        {
            _scanner.Close();
            _segment = null;
            _seen = null;
            return false;
        }

        if (_position <= segment.BaseOffset)
        {
            // One that only looks is overtaken by the journal in all order.
            if (!_onlyLooks && _scanner.NextSequence != RecordScanner.UnknownSequence && _scanner.NextSequence < segment.BaseSequence)
                _journal.ReportLoss(segment.BaseOffset, segment.BaseSequence - _scanner.NextSequence);
            _scanner.NextSequence = segment.BaseSequence;
            Volatile.Write(ref _position, segment.BaseOffset);
        }

        _scanner.Position = _position;
        _segment = segment;
        return true;
    }

    private bool TryOpenFile(Segment segment)
    {
        try
        {
            _scanner.Open(segment.Path, segment.BaseOffset, segment.BaseSequence);
            return true;
        }
        catch (FileNotFoundException) when (_journal.Drop(segment, quarantine: false))
        {
            return false;
        }
    }

    private static Segment? NextAfter(Segment[] segments, Segment current)
    {
        foreach (Segment segment in segments)
        {
            if (segment.BaseOffset >= current.End && segment != current)
                return segment;
        }

        return null;
    }
}
