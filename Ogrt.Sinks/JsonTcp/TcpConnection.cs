using System.Buffers;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace Ogrt.Sinks.JsonTcp;

/// <summary>
/// One connection. Batches are written one behind the other, each as a whole, while those before it may still wait for their
/// acknowledgement; what the other end sends is read and dropped, so that its window never closes and its end is noticed.
/// After a failure nothing more can be written. Safe for concurrent use.
/// </summary>
internal sealed class TcpConnection : IAsyncDisposable
{
    private const int ChunkSize = 128 * 1024;
    private const int ReadSize = 4096;
    private const int MaxSaid = 200;

    // The acknowledgement of another machine comes after a round trip, and some wait with it for 40 ms or more.
    private static readonly TimeSpan FirstLook = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan LastLook = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan FarewellTime = TimeSpan.FromMilliseconds(200);

    private readonly Socket _socket;
    private readonly WireStream _wire;
    private readonly Stream _stream;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly long _opened;
    private readonly Lock _lock = new();
    private readonly byte[] _said = new byte[MaxSaid];
    private readonly Task _reading;
    private int _saidLength;
    private Exception? _fault;
    private volatile bool _aborted;
    private int _users;
    private bool _retired;

    /// <summary>Takes a connection over.</summary>
    /// <param name="socket">The socket below.</param>
    /// <param name="wire">The stream on it.</param>
    /// <param name="stream">The stream that lines are written to: <paramref name="wire"/>, or TLS on it.</param>
    /// <param name="time">The clock.</param>
    public TcpConnection(Socket socket, WireStream wire, Stream stream, TimeProvider time)
    {
        _socket = socket;
        _wire = wire;
        _stream = stream;
        _time = time;
        _opened = time.GetTimestamp();
        _reading = ReadAsync();
    }

    /// <summary>Ends when the other end has closed the connection, or it has broken.</summary>
    public Task Over => _reading;

    /// <summary>How it broke; null while it has not, and when it was closed in peace.</summary>
    public Exception? Fault => Volatile.Read(ref _fault);

    /// <summary>How long it has been there.</summary>
    public TimeSpan Age => _time.GetElapsedTime(_opened);

    /// <summary>What the other end has said, for whoever has to find out why it closed.</summary>
    public string Said
    {
        get
        {
            int length = Volatile.Read(ref _saidLength);
            if (length == 0)
                return "";
            string text = string.Concat(Encoding.UTF8.GetString(_said, 0, length).Select(c => char.IsControl(c) ? ' ' : c)).Trim();
            return $"; it had said: {text}";
        }
    }

    /// <summary>
    /// Whether it is as good as the system knows. What is written into a connection that the other end has closed may vanish
    /// without an error, so this asks the system, which may know more than the reader has got to.
    /// </summary>
    public bool IsOpen()
    {
        if (_aborted || _reading.IsCompleted)
            return false;
        try
        {
            // Readable and nothing to read: the end.
            return !_socket.Poll(0, SelectMode.SelectError) && !(_socket.Poll(0, SelectMode.SelectRead) && _socket.Available == 0);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return false;
        }
    }

    /// <summary>Registers a user; false when it is not given out any more.</summary>
    public bool TryEnter()
    {
        lock (_lock)
        {
            if (_retired)
                return false;
            _users++;
            return true;
        }
    }

    /// <summary>Unregisters a user.</summary>
    public void Leave()
    {
        bool last;
        lock (_lock)
            last = --_users == 0 && _retired;
        if (last)
            _ = CloseAsync();
    }

    /// <summary>Gives it out no more, and closes it behind its last user.</summary>
    public void Retire()
    {
        bool last;
        lock (_lock)
        {
            last = !_retired && _users == 0;
            _retired = true;
        }
        if (last)
            _ = CloseAsync();
    }

    /// <summary>Writes the lines of an attempt.</summary>
    /// <param name="attempt">The attempt.</param>
    /// <param name="stall">How long the other end may take nothing.</param>
    /// <param name="cancellationToken">Ends it; the connection cannot be used any more when that is in the middle of a batch.</param>
    /// <returns>The place behind them, for <see cref="AcknowledgedAsync"/>.</returns>
    /// <exception cref="TcpFailure">The connection broke, or the other end takes nothing.</exception>
    public async Task<long> WriteAsync(SinkAttempt attempt, TimeSpan stall, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        bool whole = false;
        try
        {
            if (!IsOpen())
                throw TcpFailure.Retry("connection_lost", "closed by the other end" + Said);
            await WriteLinesAsync(attempt, stall, cancellationToken).ConfigureAwait(false);
            whole = true;
            return _wire.Written;
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
        {
            throw TcpFailure.Lost(Said, Fault ?? e);
        }
        finally
        {
            if (!whole)
                Abort();
            _turn.Release();
        }
    }

    /// <summary>Waits until the other end's system has acknowledged everything before a place.</summary>
    /// <exception cref="TcpFailure">The connection broke, or nothing at all was acknowledged for too long.</exception>
    public async Task AcknowledgedAsync(long place, TimeSpan stall, CancellationToken cancellationToken)
    {
        TimeSpan wait = FirstLook;
        long most = long.MinValue;
        long progress = _time.GetTimestamp();
        while (true)
        {
            long acknowledged;
            try
            {
                // In this order: what is written in between only makes it less.
                long written = _wire.Written;
                acknowledged = written - TcpOptions.Unacknowledged(_socket);
                if (_aborted || Fault is not null || _socket.Poll(0, SelectMode.SelectError))
                    throw Fault ?? new IOException("the connection broke");
            }
            catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
            {
                Abort();
                throw TcpFailure.Lost(Said, Fault ?? e);
            }
            if (acknowledged >= place)
                return;
            if (acknowledged > most)
            {
                most = acknowledged;
                progress = _time.GetTimestamp();
            }
            else if (_time.GetElapsedTime(progress) >= stall)
            {
                Abort();
                throw Stalled("acknowledged", stall);
            }
            await Task.Delay(wait, _time, cancellationToken).ConfigureAwait(false);
            wait = wait * 2 > LastLook ? LastLook : wait * 2;
        }
    }

    /// <summary>Breaks it off with a reset: what the other end has of an unfinished line must not look like a line.</summary>
    public void Abort()
    {
        if (_aborted)
            return;
        _aborted = true;
        try
        {
            _socket.LingerState = new LingerOption(true, 0);
            _socket.Close();
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It was gone already.
        }
    }

    /// <summary>Closes it: in peace when nobody uses it, else by breaking it off.</summary>
    public async ValueTask DisposeAsync()
    {
        bool used;
        lock (_lock)
        {
            used = _users > 0;
            _retired = true;
        }
        if (!used)
            await CloseAsync().ConfigureAwait(false);
        Abort();
        await _reading.ConfigureAwait(false);
        await _stream.DisposeAsync().ConfigureAwait(false);
        _turn.Dispose();
    }

    private async Task WriteLinesAsync(SinkAttempt attempt, TimeSpan stall, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (attempt.TryGetWhole(out ReadOnlyMemory<byte> whole))
        {
            await WriteChunksAsync(whole, timeout, stall, cancellationToken).ConfigureAwait(false);
            return;
        }
        byte[] buffer = ArrayPool<byte>.Shared.Rent(ChunkSize);
        try
        {
            int length = 0;
            for (int item = 0; item < attempt.Count; item++)
            {
                ReadOnlyMemory<byte> line = attempt.Payload(item);
                if (line.Length > buffer.Length - length)
                {
                    await WriteChunksAsync(buffer.AsMemory(0, length), timeout, stall, cancellationToken).ConfigureAwait(false);
                    length = 0;
                }
                if (line.Length > buffer.Length)
                {
                    await WriteChunksAsync(line, timeout, stall, cancellationToken).ConfigureAwait(false);
                    continue;
                }
                line.CopyTo(buffer.AsMemory(length));
                length += line.Length;
            }
            await WriteChunksAsync(buffer.AsMemory(0, length), timeout, stall, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async Task WriteChunksAsync(ReadOnlyMemory<byte> bytes, CancellationTokenSource timeout, TimeSpan stall, CancellationToken cancellationToken)
    {
        while (!bytes.IsEmpty)
        {
            // Anew for each piece: a line may be slow, but it must move.
            timeout.CancelAfter(stall);
            int count = Math.Min(bytes.Length, ChunkSize);
            try
            {
                await _stream.WriteAsync(bytes[..count], timeout.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                throw Stalled("taken", stall);
            }
            bytes = bytes[count..];
        }
    }

    private TcpFailure Stalled(string what, TimeSpan stall) => TcpFailure.Retry("stalled", $"nothing was {what} for {stall}" + Said);

    private async Task ReadAsync()
    {
        byte[] buffer = new byte[ReadSize];
        try
        {
            while (true)
            {
                int read = await _stream.ReadAsync(buffer).ConfigureAwait(false);
                if (read == 0)
                    return;
                int kept = Math.Min(read, MaxSaid - _saidLength);
                buffer.AsSpan(0, kept).CopyTo(_said.AsSpan(_saidLength));
                Volatile.Write(ref _saidLength, _saidLength + kept);
            }
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // Told to whoever writes or waits.
            Volatile.Write(ref _fault, e);
        }
    }

    // In peace: nobody uses it. With TLS the other end is told, so that it does not think the line was cut.
    private async Task CloseAsync()
    {
        try
        {
            if (_stream is SslStream secure && !_aborted)
                await secure.ShutdownAsync().WaitAsync(FarewellTime).ConfigureAwait(false);
            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or IOException or ObjectDisposedException or InvalidOperationException or TimeoutException)
        {
            // It was gone already.
        }
        _aborted = true;
        await _stream.DisposeAsync().ConfigureAwait(false);
    }
}
