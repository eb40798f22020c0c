using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Ogrt.Journal;

namespace Ogrt.Actors.Ingest;

/// <summary>
/// The thread that accepts the connections of a listener. With <see cref="ListenerSettings.ReadAtAccept"/> it reads each one
/// once, and a connection that is at its end by then, as those of most clients are, is finished here; see
/// docs/decisions/0003-connections-that-end-at-once.md. All others are handed over.
/// </summary>
/// <remarks>The frames of several connections are appended together, at the latest before the thread waits for the next one;
/// only then are these connections closed, so that an orderly end tells a client that its frames are kept.</remarks>
internal sealed unsafe class AcceptLoop : IDisposable
{
    /// <summary>How long the thread sleeps before it looks whether it should stop.</summary>
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);

    /// <summary>At the end, how long nobody must have come, and how long that is waited for. A client that has had the answer of the
    /// kernel sends what it has at once; of its time to find another server this takes a part.</summary>
    private static readonly TimeSpan LastQuiet = TimeSpan.FromMilliseconds(10), LongestLast = TimeSpan.FromMilliseconds(250);

    /// <summary>Enough to make the cost of an append small, and little enough to be written soon.</summary>
    private const int BatchFrames = 64;
    private const int BatchBytes = 256 * 1024;

    private readonly ListenerContext _context;
    private readonly Socket _listener;
    private readonly Action<Connection> _handOver;
    private readonly Func<bool> _isFull;
    private readonly CancellationToken _giveUp;
    private readonly ManualResetEventSlim _stop = new();
    private readonly FrameBatch _batch = new();

    /// <summary>Connections at their end whose frames are in the batch.</summary>
    private readonly List<int> _ended = new(BatchFrames);
    private readonly byte[] _buffer;
    private readonly SocketAddress _address = new(AddressFamily.InterNetworkV6, NativeSocket.AddressSize);

    /// <summary>Makes the loop; <see cref="Run"/> starts it.</summary>
    /// <param name="context">The listener.</param>
    /// <param name="listener">The listening socket, which belongs to the loop from now on.</param>
    /// <param name="handOver">Takes a connection that goes on.</param>
    /// <param name="isFull">Whether there are as many connections as there may be.</param>
    /// <param name="giveUp">Ends the waiting for the journal.</param>
    public AcceptLoop(
        ListenerContext context, Socket listener, Action<Connection> handOver, Func<bool> isFull, CancellationToken giveUp)
    {
        (_context, _listener, _handOver, _isFull, _giveUp) = (context, listener, handOver, isFull, giveUp);
        _buffer = new byte[Math.Max(context.Settings.ReadSize, 512)];
    }

    /// <summary>Whether connections wait because there are as many as there may be, or files or memory have run out.</summary>
    public bool IsCrowded { get; private set; }

    /// <summary>Asks the loop to take what has been waiting to be accepted, and to end.</summary>
    public void Stop() => _stop.Set();

    /// <summary>Accepts until <see cref="Stop"/>, then closes the listening socket.</summary>
    /// <exception cref="SocketException">The listening socket is broken.</exception>
    /// <exception cref="OperationCanceledException">The listener gave up while the journal was full.</exception>
    public void Run()
    {
        try
        {
            while (!_stop.IsSet)
            {
                IsCrowded = _isFull();
                if (IsCrowded)
                    Pause(Tick);
                else if (!AcceptOne())
                    WaitForConnection();
            }

            AcceptLast();
            // First of all, as what is completed behind the last look would be lost with the socket.
            _listener.Dispose();
            Flush();
        }
        finally
        {
            _listener.Dispose();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _stop.Dispose();

    /// <summary>Accepts what clients believe to have been heard: what the kernel has completed, and what it is just completing. New
    /// clients are ignored meanwhile, and a moment later refused, so that each finds the next server.</summary>
    private void AcceptLast()
    {
        bool isLast = NativeSocket.TryIgnoreConnects(_listener);
        long end = Environment.TickCount64 + (long)LongestLast.TotalMilliseconds;
        int left = isLast ? int.MaxValue : _context.Settings.Backlog;
        do
        {
            for (; left > 0 && AcceptOne(); left--)
            {
            }
        }
        while (isLast && Environment.TickCount64 < end && Poll(LastQuiet));
    }

    /// <summary>Accepts a connection and deals with it.</summary>
    /// <returns>Whether there may be another one at once.</returns>
    private bool AcceptOne()
    {
        int socket;
        int length = NativeSocket.AddressSize;
        fixed (byte* address = _address.Buffer.Span)
        {
            socket = NativeSocket.Accept(
                _listener.SafeHandle, address, &length, NativeSocket.SockNonBlock | NativeSocket.SockCloseOnExec);
        }

        if (socket < 0) return Failed(Marshal.GetLastPInvokeError());
        _context.Metrics.ConnectionAccepted();
        JournalSender sender = JournalSender.FromSocketAddress(_address);
        if (_context.Settings.ReadAtAccept)
            ReadAtAccept(socket, sender);
        else
            HandOver(socket, sender, default);
        if (_batch.Count >= BatchFrames || _batch.Records.Bytes >= BatchBytes || _ended.Count >= BatchFrames) Flush();
        return true;
    }

    private bool Failed(int errno)
    {
        switch (AcceptErrors.Classify(errno))
        {
            case AcceptError.None:
                return false;
            case AcceptError.Client:
                _context.Metrics.Reject(Rejection.AcceptClient);
                return true;
            case AcceptError.Pressure:
                _context.Metrics.Reject(Rejection.AcceptPressure);
                IsCrowded = true;
                Pause(Tick);
                return false;
            default:
                throw new SocketException(errno);
        }
    }

    private void ReadAtAccept(int socket, JournalSender sender)
    {
        var reader = new StreamReader();
        fixed (byte* buffer = _buffer)
        {
            // The second read mostly finds the end. A connection that has more is for a reader of its own.
            for (int reads = 0; reads < 2 && reader.Filled < _buffer.Length; reads++)
            {
                nint received = NativeSocket.Receive(
                    socket, buffer + reader.Filled, _buffer.Length - reader.Filled, NativeSocket.MsgDontWait);
                ReadStep step = reader.Digest(received, _buffer, sender, _batch, _context);
                if (step == ReadStep.Data) continue;
                if (step == ReadStep.Empty) break;
                _ended.Add(socket);
                return;
            }
        }

        HandOver(socket, sender, reader);
    }

    private void HandOver(int socket, JournalSender sender, StreamReader reader)
    {
        var managed = new Socket(new SafeSocketHandle(socket, ownsHandle: true));
        byte[]? pending = null;
        try
        {
            // First what has already been read, so that the frames of a connection stay in their order.
            Flush();
            if (reader.Filled > 0)
            {
                pending = _context.Buffers.RentAsync(reader.Filled, _giveUp).AsTask().GetAwaiter().GetResult();
                _buffer.AsSpan(0, reader.Filled).CopyTo(pending);
            }
        }
        catch
        {
            managed.Dispose();
            throw;
        }

        _handOver(new Connection(_context, managed, sender, reader, pending, _giveUp));
    }

    private void Flush()
    {
        try
        {
            _context.Appender.Append(_batch, _giveUp);
        }
        finally
        {
            foreach (int socket in _ended)
                _ = NativeSocket.Close(socket);
            _ended.Clear();
        }
    }

    private void WaitForConnection()
    {
        Flush();
        _ = Poll(Tick);
    }

    /// <summary>Waits for a connection.</summary>
    /// <returns>Whether there is one.</returns>
    private bool Poll(TimeSpan time)
    {
        var waiting = new NativeSocket.PollDescriptor
        {
            Descriptor = (int)_listener.SafeHandle.DangerousGetHandle(),
            Events = NativeSocket.PollIn,
        };
        return NativeSocket.Poll(&waiting, 1, (int)time.TotalMilliseconds) > 0;
    }

    private void Pause(TimeSpan time)
    {
        Flush();
        _stop.Wait(time, CancellationToken.None);
    }
}
