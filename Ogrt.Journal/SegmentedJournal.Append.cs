namespace Ogrt.Journal;

public sealed partial class SegmentedJournal
{
    /// <summary>Appends that wait for room, in their order; new ones queue behind them. Guarded by the append lock.</summary>
    private readonly LinkedList<AppendWaiter> _waiters = new();

    /// <summary>Written appends that wait for their sync, in the order of their offsets. Guarded by the append lock.</summary>
    private readonly Queue<AppendWaiter> _syncWaiters = new();

    private long _appendedRecords;
    private long _appendedBytes;
    private long _writeFailures;
    private string? _lastError;
    private DateTimeOffset? _fullSince;
    private DateTimeOffset? _diskFullSince;
    private bool _syncRequested;

    /// <summary>
    /// Appends a batch, all of it or nothing. It completes at once when there is room and <see cref="SyncPolicy.Always"/> is not
    /// asked for; the records then survive the death of this process. With <see cref="SyncPolicy.Always"/> it completes when they
    /// are on the disk. While the journal is at its limit or the disk refuses to take more, it waits.
    /// </summary>
    /// <param name="batch">What to append. It belongs to the journal until the append completes; it is not cleared.</param>
    /// <param name="cancellationToken">Ends the waiting. A batch that waited for room is then not in the journal; one that waited
    /// only for its sync may be.</param>
    /// <exception cref="ArgumentException">A record is larger than <see cref="MaxRecordSize"/>, or the batch than half of <see cref="JournalOptions.MaxSize"/>.</exception>
    /// <exception cref="ObjectDisposedException">The journal is closed.</exception>
    public ValueTask AppendAsync(JournalBatch batch, CancellationToken cancellationToken = default)
    {
        AppendWaiter? waiter = Append(batch);
        if (waiter is null)
            return default;
        waiter.CancelWith(CancelAppend, cancellationToken);
        return new ValueTask(waiter.Task);
    }

    /// <summary>As <see cref="AppendAsync"/>, but blocks the calling thread while it waits.</summary>
    /// <inheritdoc cref="AppendAsync"/>
    public void Append(JournalBatch batch, CancellationToken cancellationToken)
    {
        AppendWaiter? waiter = Append(batch);
        if (waiter is null)
            return;
        waiter.CancelWith(CancelAppend, cancellationToken);
        waiter.Task.GetAwaiter().GetResult();
    }

    /// <summary>Writes the batch and returns null, or returns what to wait for.</summary>
    private AppendWaiter? Append(JournalBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        if (batch.Count == 0)
            return null;
        if (batch.LargestPayload > MaxRecordSize)
            throw new ArgumentException($"The batch holds a record of {batch.LargestPayload} bytes; the journal takes at most {MaxRecordSize}.", nameof(batch));
        if (batch.Bytes > _options.MaxSize / 2)
            throw new ArgumentException($"A batch of {batch.Bytes} bytes is larger than half of the journal's {_options.MaxSize}.", nameof(batch));

        AppendWaiter? waiter = null;
        var written = false;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closing, this);
            batch.BeginAppend();
            try
            {
                written = _waiters.Count == 0 && TryWrite(batch);
            }
            catch
            {
                batch.EndAppend();
                throw;
            }

            if (written && _options.Sync != SyncPolicy.Always)
            {
                batch.EndAppend();
            }
            else
            {
                waiter = new AppendWaiter(batch);
                Enqueue(waiter, written);
            }
        }

        if (written)
            WakeReaders();
        return waiter;
    }

    private void Enqueue(AppendWaiter waiter, bool written)
    {
        if (written)
        {
            waiter.End = _tailOffset;
            _syncWaiters.Enqueue(waiter);
        }
        else
        {
            _waiters.AddLast(waiter);
        }

        RequestPass();
    }

    /// <summary>Writes a batch at the tail, if there is room and the disk takes it. Under the append lock.</summary>
    private bool TryWrite(JournalBatch batch)
    {
        var roll = _active is null || (!_active.IsEmpty && _active.Size + batch.Bytes > _options.SegmentSize);
        if (_size + batch.Bytes + (roll ? SegmentHeader.Size : 0) > _options.MaxSize)
        {
            _fullSince ??= DateTimeOffset.UtcNow;
            return false;
        }

        _fullSince = null;
        if (roll && !TryRoll())
            return false;
        Segment active = _active!;
        ReadOnlySpan<byte> placed = batch.Place(_tailSequence, _tailOffset, _salt);
        try
        {
            _files.Write(active.Writer!, placed, active.FilePosition(_tailOffset));
        }
        catch (Exception error) when (IsDiskError(error))
        {
            NoteRefusal(error);
            CutBack(active);
            return false;
        }

        _diskFullSince = null;
        _tail?.Append(_tailOffset, placed);
        _size += batch.Bytes;
        _appendedRecords += batch.Count;
        _appendedBytes += batch.Bytes;
        Volatile.Write(ref _tailSequence, _tailSequence + batch.Count);
        active.End += batch.Bytes;
        Volatile.Write(ref _tailOffset, active.End);
        RequestSync();
        return true;
    }

    /// <summary>Begins a segment at the tail. Under the append lock.</summary>
    private bool TryRoll()
    {
        var path = _directory.In(JournalPaths.SegmentName(_tailOffset, _tailSequence));
        try
        {
            _files.Delete(path); // Left by an attempt that failed: nothing valid can lie at the tail.
            var segment = new Segment(path, _tailOffset, _tailSequence, _tailOffset) { HeaderChecked = true };
            segment.Writer = _files.Create(path, _options.Preallocate ? _options.SegmentSize : 0);
            try
            {
                Span<byte> header = stackalloc byte[SegmentHeader.Size];
                new SegmentHeader(Id, _tailOffset, _tailSequence, UnixNow()).Write(header);
                _files.Write(segment.Writer, header, 0);
            }
            catch
            {
                segment.Writer.Dispose();
                _files.Delete(path);
                throw;
            }

            _segments = [.. _segments, segment];
            _active = segment;
            _size += SegmentHeader.Size;
            _directoryDirty = true;
            return true;
        }
        catch (Exception error) when (IsDiskError(error))
        {
            NoteRefusal(error);
            return false;
        }
    }

    /// <summary>Takes away what a write left that failed half-way. When even that fails, the next write to the place does it.</summary>
    private void CutBack(Segment active)
    {
        try
        {
            _files.SetLength(active.Writer!, active.FilePosition(active.End));
        }
        catch (Exception error) when (IsDiskError(error))
        {
            _lastError = error.Message;
        }
    }

    private void NoteRefusal(Exception error)
    {
        _writeFailures++;
        _lastError = error.Message;
        _diskFullSince ??= DateTimeOffset.UtcNow;
    }

    /// <summary>Lets waiting appends go, first come, first served, as long as there is room.</summary>
    private void DrainWaiters()
    {
        var written = false;
        lock (_gate)
        {
            while (_waiters.First is { } first && !_closing && TryWrite(first.Value.Batch))
            {
                _waiters.RemoveFirst();
                written = true;
                if (_options.Sync == SyncPolicy.Always)
                    Enqueue(first.Value, written: true);
                else
                    first.Value.Complete();
            }
        }

        if (written)
            WakeReaders();
    }

    private void CancelAppend(AppendWaiter waiter, CancellationToken token)
    {
        lock (_gate)
        {
            if (waiter.Task.IsCompleted)
                return;
            _waiters.Remove(waiter);
            waiter.Cancel(token);
            if (_waiters.Count == 0)
                _fullSince = _diskFullSince = null;
        }
    }

    private static long UnixNow() => (DateTime.UtcNow - DateTime.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;
}
