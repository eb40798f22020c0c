using System.Diagnostics;
using Microsoft.Win32.SafeHandles;

namespace Ogrt.Journal;

public sealed partial class SegmentedJournal
{
    private readonly Lock _cursorGate = new();
    private readonly Dictionary<string, ReaderCursor> _cursors = new(StringComparer.Ordinal);
    private readonly bool _cursorsLost;
    private volatile JournalReader[] _readers = [];
    private int _cursorsDirty;
    private int _waitingReaders;
    private long _releasedSegments;

    /// <summary>What the cursor file holds. Used by the sync thread alone.</summary>
    private List<CursorFile.Entry> _savedCursors;

    /// <summary>Whether the cursor file was written without a sync, as far as is known.</summary>
    private bool _savedCursorsAreVolatile = true;

    /// <summary>Opens the reader with this name at its saved cursor.</summary>
    /// <param name="name">1 to 64 letters, digits, dots, hyphens or underscores.</param>
    /// <param name="start">Where a reader starts whose name is new. After the cursor file was lost every reader starts at the
    /// oldest record, because it cannot be told which names were new.</param>
    /// <exception cref="ArgumentException">The name is not allowed.</exception>
    /// <exception cref="InvalidOperationException">A reader with this name is open.</exception>
    public JournalReader OpenReader(string name, JournalStart start = JournalStart.Oldest)
    {
        if (!CursorFile.IsValidName(name))
            throw new ArgumentException($"'{name}' is not a reader's name: it must be 1 to 64 letters, digits, dots, hyphens or underscores.", nameof(name));
        lock (_cursorGate)
        {
            ObjectDisposedException.ThrowIf(_closing, this);
            if (!_cursors.TryGetValue(name, out ReaderCursor? cursor))
            {
                cursor = NewCursor(name, start);
                _cursors.Add(name, cursor);
                MarkCursorsDirty();
            }

            if (cursor.Reader is not null)
                throw new InvalidOperationException($"The reader {name} is open already; a cursor has one reader.");
            cursor.Reader = new JournalReader(this, cursor, new RecordScanner(_files, _salt, _options.MaxRecordSize, _options.ReadBufferSize, _tail));
            _readers = [.. _readers, cursor.Reader];
            return cursor.Reader;
        }
    }

    /// <summary>Opens a reader of what lies between a cursor and the place that its reader has come to. It has no cursor of its
    /// own, holds no segment and is not woken: what it is to find must be held by another cursor.</summary>
    /// <param name="offset">Where it starts, as for <see cref="JournalReader.Seek"/>.</param>
    public JournalReader OpenReplay(long offset)
    {
        ObjectDisposedException.ThrowIf(_closing, this);
        var reader = new JournalReader(this, new ReaderCursor("", offset), new RecordScanner(_files, _salt, _options.MaxRecordSize, _options.ReadBufferSize));
        reader.Seek(offset);
        return reader;
    }

    /// <summary>
    /// Opens a reader that follows the end of the journal and holds nothing: it has no cursor that is kept, no segment waits for it, and
    /// where it falls so far behind that its segment is given up, it goes on at the oldest record there is. For those who only look.
    /// </summary>
    public JournalReader OpenTail()
    {
        lock (_cursorGate)
        {
            ObjectDisposedException.ThrowIf(_closing, this);
            var reader = new JournalReader(
                this, new ReaderCursor("", TailOffset), new RecordScanner(_files, _salt, _options.MaxRecordSize, _options.ReadBufferSize, _tail), onlyLooks: true);
            _readers = [.. _readers, reader];
            return reader;
        }
    }

    /// <summary>Forgets a cursor, so that it no longer holds segments. A name that is not known is no error.</summary>
    /// <exception cref="InvalidOperationException">The reader is open.</exception>
    public void RemoveReader(string name)
    {
        lock (_cursorGate)
        {
            if (!_cursors.TryGetValue(name, out ReaderCursor? cursor))
                return;
            if (cursor.Reader is not null)
                throw new InvalidOperationException($"The reader {name} is open; dispose it first.");
            _cursors.Remove(name);
        }

        MarkCursorsDirty();
        RequestPass();
    }

    /// <summary>All cursors, also those whose reader is not open, as they stand now. Reads a few bytes a cursor from the disk.</summary>
    public IReadOnlyList<JournalCursor> Cursors
    {
        get
        {
            List<(ReaderCursor Cursor, bool Open)> cursors;
            lock (_cursorGate)
                cursors = [.. _cursors.Values.Select(cursor => (cursor, cursor.Reader is not null))];
            return cursors.ConvertAll(entry => Describe(entry.Cursor, entry.Open));
        }
    }

    internal Segment[] Segments => _segments;

    internal bool IsClosing => _closing;

    /// <summary>Bytes of records at or behind an offset, without the distances that hold none.</summary>
    internal long BytesBehind(long offset) => _segments.Sum(segment => Math.Max(0, segment.End - Math.Max(segment.BaseOffset, offset)));

    internal long RecordsBehind(long offset) => Math.Max(0, TailSequence - Peek(offset).Sequence);

    internal long SequenceAt(long offset) => Peek(offset).Sequence;

    internal void Commit(ReaderCursor cursor, long nextOffset)
    {
        if (nextOffset > TailOffset)
            throw new ArgumentOutOfRangeException(nameof(nextOffset), nextOffset, "The offset lies behind the newest record.");
        if (nextOffset <= cursor.Committed)
            return;
        cursor.Committed = nextOffset;
        MarkCursorsDirty();
        if ((_fullSince is not null || _diskFullSince is not null) && _segments is [Segment first, ..] && HaveAllPassed(first.End))
            RequestPass();
    }

    internal void Close(ReaderCursor cursor, JournalReader reader)
    {
        lock (_cursorGate)
        {
            cursor.Reader = null;
            _readers = [.. _readers.Where(other => other != reader)];
        }
    }

    internal void BeginWait() => Interlocked.Increment(ref _waitingReaders);

    internal void EndWait() => Interlocked.Decrement(ref _waitingReaders);

    /// <summary>After the tail has been published: wakes the readers that wait. A reader first says that it waits and then looks
    /// at the tail again; with the fence between our two steps one of the two sides sees the other.</summary>
    private void WakeReaders()
    {
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _waitingReaders) == 0)
            return;
        var tail = TailOffset;
        foreach (JournalReader reader in _readers)
            reader.WakeAt(tail);
    }

    private void WakeAllReaders()
    {
        foreach (JournalReader reader in _readers)
            reader.Wake();
    }

    private ReaderCursor NewCursor(string name, JournalStart start)
    {
        if (start == JournalStart.Oldest || _cursorsLost)
        {
            return _segments is [Segment first, ..]
                ? new ReaderCursor(name, first.BaseOffset) { SavedSequence = first.BaseSequence }
                : new ReaderCursor(name, TailOffset);
        }

        return new ReaderCursor(name, TailOffset);
    }

    private JournalCursor Describe(ReaderCursor cursor, bool open)
    {
        var committed = cursor.Committed;
        (var sequence, var arrival) = Peek(committed);
        return new JournalCursor(cursor.Name, committed, BytesBehind(committed), Math.Max(0, TailSequence - sequence), arrival, open);
    }

    private void MarkCursorsDirty()
    {
        if (Volatile.Read(ref _cursorsDirty) == 0 && Interlocked.Exchange(ref _cursorsDirty, 1) == 0 && !_closing)
            Signal();
    }

    private List<CursorFile.Entry>? TakeDirtyCursors()
    {
        if (Interlocked.Exchange(ref _cursorsDirty, 0) == 0)
            return null;
        lock (_cursorGate)
            return _cursors.Values.Select(SavedForm).ToList();
    }

    private CursorFile.Entry SavedForm(ReaderCursor cursor)
    {
        var offset = cursor.Committed;
        return new CursorFile.Entry(offset, Peek(offset).Sequence, cursor.Name);
    }

    /// <summary>Saves the cursors if they have moved; false when the disk refuses, and then nothing may be deleted.</summary>
    private bool SaveCursors(List<CursorFile.Entry>? cursors, bool durable)
    {
        if (cursors is null)
            return !_savedCursorsAreVolatile || !durable || TrySave(_savedCursors, durable: true);
        return TrySave(cursors, durable);
    }

    private bool TrySave(List<CursorFile.Entry> cursors, bool durable)
    {
        try
        {
            _files.Replace(_directory.In(JournalPaths.Cursors), CursorFile.Format(Id, cursors), durable);
            _savedCursors = cursors;
            _lastCursorSave = Stopwatch.GetTimestamp();
            _savedCursorsAreVolatile = !durable;
            return true;
        }
        catch (Exception error) when (IsDiskError(error))
        {
            _lastError = error.Message;
            Interlocked.Exchange(ref _cursorsDirty, 1);
            return false;
        }
    }

    private bool IsReleasable() => _segments is [Segment first, _, ..] && HaveAllPassed(first.End);

    private bool HaveAllPassed(long offset)
    {
        lock (_cursorGate)
            return _cursors.Count > 0 && _cursors.Values.All(cursor => cursor.Committed >= offset);
    }

    /// <summary>Deletes the segments that every saved cursor has passed. Without a cursor nothing is ever deleted.</summary>
    private void ReleaseSegments(List<CursorFile.Entry> saved)
    {
        if (saved.Count == 0)
            return;
        List<Segment> released = [];
        lock (_gate)
        lock (_cursorGate)
        {
            // A reader that was opened since the cursors were taken starts where it was told.
            var kept = Math.Min(saved.Min(cursor => cursor.Offset), _cursors.Values.Select(cursor => cursor.Committed).DefaultIfEmpty(0).Min());
            // A journal that is full with everything read would wait for ever for the active segment to be passed.
            if (_waiters.Count > 0 && _fullSince is not null && _active is { IsEmpty: false } active && kept >= active.End)
                TryRoll();
            while (_segments is [Segment first, _, ..] && first.End <= kept && first != _active)
            {
                released.Add(first);
                _segments = _segments[1..];
                _size -= first.Size;
                _releasedSegments++;
                _directoryDirty = true;
            }
        }

        foreach (Segment segment in released)
            Delete(segment);
    }

    /// <summary>
    /// The disk is so full that the cursors cannot be saved, and without that nothing would ever be given up. What every reader is
    /// done with, and is synced, can go first all the same: a crash before the cursors are saved leaves them before the oldest
    /// record, they are moved there, and the readers get some records twice.
    /// </summary>
    private void ReleaseForCursors(List<CursorFile.Entry> cursors)
    {
        ReleaseSegments(cursors);
        TrySave(cursors, durable: true);
    }

    private void Delete(Segment segment)
    {
        segment.Writer?.Dispose();
        segment.Writer = null;
        try
        {
            _files.Delete(segment.Path);
        }
        catch (Exception error) when (IsDiskError(error))
        {
            _lastError = error.Message; // It comes back at the next start, before every cursor, and is deleted then.
        }
    }

    /// <summary>The sequence and the arrival time of the record at an offset, without reading its payload.</summary>
    private (long Sequence, long ArrivalUnixNs) Peek(long offset)
    {
        Segment[] segments = _segments;
        foreach (Segment segment in segments)
        {
            if (offset >= segment.End)
                continue;
            try
            {
                using SafeFileHandle file = _files.OpenRead(segment.Path);
                return PeekIn(file, segment, Math.Max(offset, segment.BaseOffset));
            }
            catch (Exception error) when (IsDiskError(error))
            {
                return (segment.BaseSequence, 0);
            }
        }

        return (TailSequence, 0);
    }

    private (long Sequence, long ArrivalUnixNs) PeekIn(SafeFileHandle file, Segment segment, long offset)
    {
        Span<byte> bytes = stackalloc byte[RecordHeader.Size];
        if (_files.Read(file, bytes, segment.FilePosition(offset)) < bytes.Length)
            return (segment.BaseSequence, 0);
        RecordHeader header = RecordHeader.Read(bytes);
        // A damaged header is told by what it says only as far as that matters for a figure.
        return header.Sequence >= segment.BaseSequence && header.Sequence < TailSequence
            ? (header.Sequence, header.ArrivalUnixNs)
            : (segment.BaseSequence, 0);
    }
}
