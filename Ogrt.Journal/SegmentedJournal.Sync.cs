using System.Diagnostics;
using Microsoft.Win32.SafeHandles;

namespace Ogrt.Journal;

public sealed partial class SegmentedJournal
{
    private readonly Thread _syncThread;
    private readonly AutoResetEvent _wake = new(false);

    /// <summary>Everything before it is on the disk. Guarded by the append lock.</summary>
    private long _syncedOffset;

    /// <summary>A segment was made or deleted since the directory was synced. Guarded by the append lock.</summary>
    private bool _directoryDirty;

    private volatile bool _passRequested;
    private long _lastPass;
    private long _lastCursorSave;
    private long _syncs;
    private long _syncTicks;
    private long _longestSyncTicks;
    private long _syncFailures;
    private DateTimeOffset? _syncFailingSince;

    /// <summary>Asks for a pass of the sync thread at once.</summary>
    private void RequestPass()
    {
        _passRequested = true;
        Signal();
    }

    /// <summary>Tells the sync thread that there is something to sync at the end of the interval. Under the append lock.</summary>
    private void RequestSync()
    {
        if (_syncRequested)
            return;
        _syncRequested = true;
        Signal();
    }

    private void Signal()
    {
        try
        {
            _wake.Set();
        }
        catch (ObjectDisposedException)
        {
            // A reader commits while the journal closes: the last pass is done, and nothing waits for this one.
        }
    }

    private void RunSync()
    {
        while (WaitForWork())
            RunPass();
        RunPass(); // The last one, after the last append.
        FailSyncWaiters();
    }

    /// <summary>Sleeps until a pass is due; false when the journal closes.</summary>
    private bool WaitForWork()
    {
        while (!_closing)
        {
            if (_passRequested)
                return true;
            TimeSpan wait = TimeUntilPass();
            if (wait == TimeSpan.Zero || !_wake.WaitOne(wait))
                return !_closing;
        }

        return false;
    }

    private TimeSpan TimeUntilPass()
    {
        TimeSpan due;
        lock (_gate)
        {
            var dirty = _syncRequested || _cursorsDirty != 0 || _syncFailingSince is not null;
            if (!dirty && _waiters.Count == 0)
                return Timeout.InfiniteTimeSpan;
            due = dirty ? _options.SyncInterval : _options.RetryInterval;
            if (_waiters.Count > 0 && _options.RetryInterval < due)
                due = _options.RetryInterval;
        }

        TimeSpan left = due - Stopwatch.GetElapsedTime(_lastPass);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    /// <summary>Data, then cursors, then deletion: what a cursor tells must be on the disk before it, and a cursor before what it
    /// gives up is deleted.</summary>
    private void RunPass()
    {
        _passRequested = false;
        _lastPass = Stopwatch.GetTimestamp();
        var durable = _options.Sync != SyncPolicy.Never;
        var releasing = IsReleasable();
        List<CursorFile.Entry>? cursors = releasing || AreCursorsDue() ? TakeDirtyCursors() : null;
        if ((durable || releasing) && !SyncData())
        {
            // What readers have seen may not be on the disk: nothing is given up until it is.
            if (cursors is not null)
                Interlocked.Exchange(ref _cursorsDirty, 1);
            DrainWaiters();
            return;
        }

        if (SaveCursors(cursors, durable || releasing))
            ReleaseSegments(_savedCursorsAreVolatile ? [] : _savedCursors);
        else if (_diskFullSince is not null && cursors is not null)
            ReleaseForCursors(cursors);
        DrainWaiters();
    }

    /// <summary>With <see cref="SyncPolicy.Always"/> passes follow each other closely; saving the cursors in each would halve their number.</summary>
    private bool AreCursorsDue() => _closing || Stopwatch.GetElapsedTime(_lastCursorSave) >= _options.SyncInterval;

    /// <summary>Syncs every segment that has something new, outside the lock, and completes the appends that waited for it.</summary>
    private bool SyncData()
    {
        long target;
        bool syncDirectory;
        List<(Segment Segment, long End, long EndSequence, bool Sealed)> dirty = [];
        lock (_gate)
        {
            target = _tailOffset;
            _syncRequested = false;
            syncDirectory = _directoryDirty;
            _directoryDirty = false;
            for (var i = 0; i < _segments.Length; i++)
            {
                Segment segment = _segments[i];
                var endSequence = i + 1 < _segments.Length ? _segments[i + 1].BaseSequence : _tailSequence;
                if (segment.SyncedEnd < segment.End || (segment.Writer is not null && segment != _active))
                    dirty.Add((segment, segment.End, endSequence, segment != _active));
            }
        }

        var ok = true;
        foreach ((Segment segment, var end, var endSequence, var isSealed) in dirty)
            ok &= TrySync(segment, end, endSequence) && (!isSealed || TrimAndClose(segment));
        if (syncDirectory && !TrySyncDirectory())
            ok = false;
        NoteSync(ok, target);
        return ok;
    }

    private bool TrySync(Segment segment, long end, long endSequence)
    {
        if (segment.Writer is null)
            return SyncRecovered(segment);
        if (segment.SyncFailed)
            return TryRewrite(segment);
        if (segment.SyncedEnd == end)
            return true;
        var start = Stopwatch.GetTimestamp();
        try
        {
            _files.Sync(segment.Writer!);
        }
        catch (Exception error) when (IsDiskError(error))
        {
            lock (_gate)
            {
                _syncFailures++;
                _lastError = error.Message;
                segment.SyncFailed = true;
            }

            return TryRewrite(segment);
        }

        lock (_gate)
        {
            var ticks = Stopwatch.GetTimestamp() - start;
            _syncs++;
            _syncTicks += ticks;
            _longestSyncTicks = Math.Max(_longestSyncTicks, ticks);
            segment.SyncedEnd = end;
            segment.SyncedSequence = endSequence;
        }

        return true;
    }

    /// <summary>Brings to the disk what a process that ended before may have left in the page cache. A segment that the disk does not
    /// take is not worth stopping everything for: nothing better can be had than what is there.</summary>
    private bool SyncRecovered(Segment segment)
    {
        try
        {
            using SafeFileHandle file = _files.OpenWrite(segment.Path);
            _files.Sync(file);
        }
        catch (Exception error) when (IsDiskError(error))
        {
            lock (_gate)
            {
                _syncFailures++;
                _lastError = error.Message;
            }
        }

        lock (_gate)
            segment.SyncedEnd = segment.End;
        return true;
    }

    private bool TrySyncDirectory()
    {
        try
        {
            _files.SyncDirectory(_directory.Path);
            return true;
        }
        catch (Exception error) when (IsDiskError(error))
        {
            lock (_gate)
            {
                _syncFailures++;
                _lastError = error.Message;
                _directoryDirty = true;
            }

            return false;
        }
    }

    private void NoteSync(bool ok, long target)
    {
        lock (_gate)
        {
            if (!ok)
            {
                _syncFailingSince ??= DateTimeOffset.UtcNow;
                return;
            }

            _syncFailingSince = null;
            _syncedOffset = target;
            while (_syncWaiters.TryPeek(out AppendWaiter? waiter) && waiter.End <= target)
            {
                _syncWaiters.Dequeue();
                if (!waiter.Task.IsCompleted)
                    waiter.Complete();
            }
        }
    }

    /// <summary>Gives reserved space behind the end back and closes a segment that is not written any more.</summary>
    private bool TrimAndClose(Segment segment)
    {
        if (segment.Writer is null)
            return true;
        try
        {
            if (_options.Preallocate)
                _files.SetLength(segment.Writer, segment.FilePosition(segment.End));
        }
        catch (Exception error) when (IsDiskError(error))
        {
            _lastError = error.Message; // Only reserved space is at stake.
        }

        segment.Writer.Dispose();
        segment.Writer = null;
        return true;
    }

    private void FailSyncWaiters()
    {
        lock (_gate)
        {
            while (_syncWaiters.TryDequeue(out AppendWaiter? waiter))
            {
                if (!waiter.Task.IsCompleted)
                    waiter.Complete(Closed());
            }
        }
    }
}
