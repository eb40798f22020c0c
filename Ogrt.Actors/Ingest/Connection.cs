using System.Net.Sockets;
using Ogrt.Actors.Watch;
using Ogrt.Journal;

namespace Ogrt.Actors.Ingest;

/// <summary>
/// A connection that is read until it ends. <see cref="RunAsync"/> is the only reader; <see cref="Sweep"/>, <see cref="Drain"/>
/// and <see cref="Abort"/> may be called from anywhere, at any time.
/// </summary>
/// <remarks>
/// It waits without a buffer unless a frame has begun, so that silent connections cost little. A buffer is held from the first
/// byte of a frame to its last, and given back before each wait with nothing pending and on every way out.
/// </remarks>
internal sealed class Connection
{
    /// <summary>Reads that may follow each other without letting others have the thread.</summary>
    private const int ReadsAtOnce = 16;

    /// <summary>A buffer that holds the beginning of a frame while its client is slow is made no smaller than this.</summary>
    private const int SmallBuffer = 1024;

    private readonly ListenerContext _context;
    private readonly Socket _socket;
    private readonly JournalSender _sender;
    private readonly CancellationToken _stop;
    private byte[]? _buffer;
    private StreamReader _reader;

    // 0: not waiting for the client. Above: the timestamp since when it waits for a frame to begin. Below: the negative
    // timestamp of the first byte of the frame that it waits for. One word, so that it is read and written as a whole.
    private long _waiting;
    private int _reason = -1;
    private volatile bool _draining;
    private bool _isClosed;
    private volatile CancellationTokenSource? _waitForRoom;

    /// <summary>Takes over a connection.</summary>
    /// <param name="context">The listener.</param>
    /// <param name="socket">The socket, which belongs to this from now on.</param>
    /// <param name="sender">The other end.</param>
    /// <param name="reader">How far it has been read.</param>
    /// <param name="pending">The buffer with the bytes that <paramref name="reader"/> has left over, rented from the pool; null
    /// when there are none. It belongs to this from now on.</param>
    /// <param name="stop">Ends the waiting for the journal and for buffers when the listener gives up.</param>
    public Connection(
        ListenerContext context, Socket socket, JournalSender sender, StreamReader reader, byte[]? pending, CancellationToken stop)
    {
        (_context, _socket, _sender, _reader, _buffer, _stop) = (context, socket, sender, reader, pending, stop);
        context.Metrics.ConnectionOpened();
    }

    /// <summary>Where its actor counts.</summary>
    public ActorMetrics Actors => _context.Actors;

    /// <summary>Reads to the end, then closes. Everything that was received as whole frames is in the journal afterwards.</summary>
    public async Task RunAsync()
    {
        try
        {
            await ReadAsync();
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // Closed by Abort, which has the reason; else the client has reset it while it was waited for.
            SetReason(Rejection.Reset);
        }
        catch
        {
            SetReason(Rejection.Failure);
            throw;
        }
        finally
        {
            Close();
        }
    }

    /// <summary>Closes a connection that was never run.</summary>
    public void Discard()
    {
        SetReason(Rejection.Failure);
        Close();
    }

    /// <summary>Ends the connection when it has waited too long for its client.</summary>
    /// <param name="now">The timestamp now.</param>
    /// <param name="crowded">Whether other connections wait for a place.</param>
    public void Sweep(long now, bool crowded)
    {
        long waiting = Volatile.Read(ref _waiting);
        ListenerSettings settings = _context.Settings;
        if (waiting > 0)
        {
            TimeSpan idle = _context.Time.GetElapsedTime(waiting, now);
            if (idle >= settings.IdleTimeout) End(Rejection.Idle);
            else if (crowded && idle >= settings.CrowdedIdleTimeout) End(Rejection.IdleCrowded);
        }
        else if (waiting < 0 && _context.Time.GetElapsedTime(-waiting, now) >= settings.FrameTimeout)
        {
            Abort(Rejection.SlowFrame);
        }
    }

    /// <summary>Ends the connection once what has been received is read, and the frame that has begun is complete.</summary>
    public void Drain()
    {
        _draining = true;
        Interlocked.MemoryBarrier();
        // Either the reader sees _draining before it waits, or this sees that it waits. What the kernel has received is still
        // read afterwards; only the waiting ends.
        if (Volatile.Read(ref _waiting) > 0) ShutdownReceive();
    }

    /// <summary>Closes the connection, whatever it is doing; its reader then ends by itself.</summary>
    public void Abort(Rejection reason)
    {
        SetReason(reason);
        CloseSocket();
        try
        {
            _waitForRoom?.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The wait has ended at the same moment.
        }
    }

    private async Task ReadAsync()
    {
        for (int reads = 1; await WaitForDataAsync(); reads++)
        {
            await HaveRoomAsync();
            FrameBatch batch = _context.Batches.Rent();
            try
            {
                ReadStep step = Read(batch);
                await _context.Appender.AppendAsync(batch, _stop);
                if (step == ReadStep.End) return;
            }
            finally
            {
                _context.Batches.Return(batch);
            }

            if (reads % ReadsAtOnce == 0) await Task.Yield();
        }
    }

    /// <summary>Waits until there is something to read, without holding more memory than the frame that has begun.</summary>
    /// <returns>Whether there is; else the connection was drained.</returns>
    private async ValueTask<bool> WaitForDataAsync()
    {
        bool isWithinFrame = _reader.Filled > 0;
        Interlocked.Exchange(ref _waiting, isWithinFrame ? -_reader.FrameSince : Timestamp());
        if (_draining && !isWithinFrame)
        {
            Volatile.Write(ref _waiting, 0);
            return _socket.Poll(0, SelectMode.SelectRead);
        }

        // A read of no bytes ends when there are some, or the end.
        ValueTask<int> readable = _socket.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None);
        if (!readable.IsCompleted) ReleaseRoom();
        await readable;
        Volatile.Write(ref _waiting, 0);
        return true;
    }

    private unsafe ReadStep Read(FrameBatch batch)
    {
        byte[] buffer = _buffer!;
        nint received;
        fixed (byte* free = &buffer[_reader.Filled])
            received = NativeSocket.Receive(_socket.SafeHandle, free, buffer.Length - _reader.Filled, NativeSocket.MsgDontWait);
        return _reader.Digest(received, buffer, _sender, batch, _context);
    }

    /// <summary>Has a buffer with room for the rest of the frame that has begun.</summary>
    private async ValueTask HaveRoomAsync()
    {
        int size = Math.Max(_context.Settings.ReadSize, _reader.Filled > 0 ? _reader.Needed : 0);
        if (_buffer is not { } held)
        {
            _buffer = await RentAsync(size);
            return;
        }

        if (held.Length >= size) return;
        // The clock of the frame goes on: buffers that wait for each other are freed by the frame timeout at last.
        Volatile.Write(ref _waiting, -_reader.FrameSince);
        byte[] larger = await RentAsync(size);
        Volatile.Write(ref _waiting, 0);
        held.AsSpan(0, _reader.Filled).CopyTo(larger);
        _buffer = larger;
        _context.Buffers.Return(held);
    }

    private ValueTask<byte[]> RentAsync(int size) =>
        _context.Buffers.TryRent(size, out byte[]? buffer) ? new ValueTask<byte[]>(buffer) : WaitForRoomAsync(size);

    private async ValueTask<byte[]> WaitForRoomAsync(int size)
    {
        using var wait = CancellationTokenSource.CreateLinkedTokenSource(_stop);
        _waitForRoom = wait;
        try
        {
            if (Volatile.Read(ref _reason) >= 0) throw new OperationCanceledException();
            return await _context.Buffers.RentAsync(size, wait.Token);
        }
        finally
        {
            _waitForRoom = null;
        }
    }

    /// <summary>Gives the buffer back, or takes a smaller one when it is mostly empty.</summary>
    private void ReleaseRoom()
    {
        if (_buffer is not { } buffer) return;
        if (_reader.Filled == 0)
        {
            _buffer = null;
            _context.Buffers.Return(buffer);
        }
        else if (buffer.Length > SmallBuffer && _reader.Filled <= buffer.Length / 4)
        {
            _buffer = _context.Buffers.Shrink(buffer, _reader.Filled, Math.Max(SmallBuffer, 2 * _reader.Filled));
        }
    }

    private void End(Rejection reason)
    {
        SetReason(reason);
        Drain();
    }

    private void SetReason(Rejection reason) => Interlocked.CompareExchange(ref _reason, (int)reason, -1);

    private void ShutdownReceive()
    {
        // Not while it is being closed: .NET resets a connection that is closed while a call on it is under way.
        lock (_socket)
        {
            if (!_isClosed) NativeSocket.Shutdown(_socket.SafeHandle, NativeSocket.ShutdownRead);
        }
    }

    private void CloseSocket()
    {
        lock (_socket)
        {
            _isClosed = true;
            _socket.Dispose();
        }
    }

    private long Timestamp() => Math.Max(1, _context.Time.GetTimestamp());

    private void Close()
    {
        Volatile.Write(ref _waiting, 0);
        CloseSocket();
        if (_buffer is { } buffer)
        {
            _buffer = null;
            _context.Buffers.Return(buffer);
        }

        if (_reason >= 0) _context.Metrics.Reject((Rejection)_reason);
        _context.Metrics.ConnectionClosed();
    }
}
