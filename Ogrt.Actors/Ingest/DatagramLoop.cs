using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Ogrt.Journal;
using Ogrt.Wire;

namespace Ogrt.Actors.Ingest;

/// <summary>
/// The thread that receives the datagrams of a listener, many with one system call, and appends them together. While the journal
/// is full it waits; then the kernel's buffer fills, and the kernel counts what it drops.
/// </summary>
internal sealed unsafe class DatagramLoop
{
    /// <summary>No datagram is longer: the length in the header of UDP has 16 bits.</summary>
    private const int LongestDatagram = 65535;

    private readonly ListenerContext _context;
    private readonly Socket _socket;
    private readonly CancellationToken _giveUp;
    private readonly FrameBatch _batch = new();
    private readonly SocketAddress _address = new(AddressFamily.InterNetworkV6, NativeSocket.AddressSize);
    private readonly int _count;
    private readonly int _size;
    private readonly NativeSocket.TimeSpec _gather;
    private readonly long _quickSuccession;
    private long _received;
    private int _lastCount;
    private volatile bool _stop;

    /// <summary>Makes the loop; <see cref="Run"/> starts it.</summary>
    /// <param name="context">The listener.</param>
    /// <param name="socket">The socket, with a receive timeout.</param>
    /// <param name="giveUp">Ends the waiting for the journal.</param>
    public DatagramLoop(ListenerContext context, Socket socket, CancellationToken giveUp)
    {
        (_context, _socket, _giveUp) = (context, socket, giveUp);
        _count = context.Settings.Batch;
        _gather = new NativeSocket.TimeSpec { Nanoseconds = (long)context.Settings.Gather.TotalNanoseconds };
        _quickSuccession = 2 * (long)(context.Settings.Gather.TotalSeconds * Stopwatch.Frequency);
        _size = Math.Min(context.Ingest.MaxFrameSize + FrameHeader.Size, LongestDatagram);
    }

    /// <summary>Asks the loop to take what the kernel has received by now, and to end.</summary>
    public void Stop() => _stop = true;

    /// <summary>Receives until <see cref="Stop"/>.</summary>
    /// <exception cref="SocketException">The socket is broken.</exception>
    /// <exception cref="OperationCanceledException">The listener gave up while the journal was full.</exception>
    public void Run()
    {
        var buffers = (byte*)NativeMemory.Alloc((nuint)_count, (nuint)(_size + NativeSocket.AddressSize));
        var vectors = (NativeSocket.IoVector*)NativeMemory.Alloc((nuint)_count, (nuint)sizeof(NativeSocket.IoVector));
        var messages = (NativeSocket.MessageHeader*)NativeMemory.AllocZeroed((nuint)_count, (nuint)sizeof(NativeSocket.MessageHeader));
        try
        {
            byte* addresses = buffers + ((nint)_count * _size);
            for (int i = 0; i < _count; i++)
            {
                vectors[i] = new NativeSocket.IoVector { Base = buffers + ((nint)i * _size), Length = (nuint)_size };
                messages[i].Vectors = vectors + i;
                messages[i].VectorCount = 1;
                messages[i].Name = addresses + (i * NativeSocket.AddressSize);
                messages[i].NameLength = NativeSocket.AddressSize;
            }

            while (!_stop)
            {
                Receive(messages, NativeSocket.MsgWaitForOne);
                Gather();
            }

            ReceiveRest(messages);
        }
        finally
        {
            NativeMemory.Free(messages);
            NativeMemory.Free(vectors);
            NativeMemory.Free(buffers);
        }
    }

    /// <summary>Lets datagrams gather that follow one another quickly. Where the last batch is longer ago than the gathering itself
    /// takes, they do not, and the next one is taken as it comes.</summary>
    private void Gather()
    {
        long now = Stopwatch.GetTimestamp();
        bool quick = now - _received < _quickSuccession;
        _received = now;
        if (quick && _lastCount > 0 && _lastCount < _count) NativeSocket.Sleep(_gather, null);
    }

    /// <summary>What the kernel has received before the stop, and not what comes for ever after it.</summary>
    private void ReceiveRest(NativeSocket.MessageHeader* messages)
    {
        long left = ListenerSocket.ReceiveBufferOf(_socket);
        while (left > 0 && Receive(messages, NativeSocket.MsgDontWait) is var bytes and > 0) left -= bytes;
    }

    /// <summary>Receives a batch and appends it.</summary>
    /// <returns>The bytes received, 0 when there was nothing.</returns>
    private long Receive(NativeSocket.MessageHeader* messages, int flags)
    {
        int received = NativeSocket.ReceiveMany(_socket.SafeHandle, messages, (uint)_count, flags, null);
        _lastCount = received;
        if (received < 0)
        {
            Check(Marshal.GetLastPInvokeError());
            return 0;
        }

        long arrival = _context.Intake.ArrivalNow();
        long bytes = 0;
        for (int i = 0; i < received; i++)
        {
            bytes += messages[i].Received + 1;
            Take(messages + i, arrival);
        }

        _context.Metrics.DatagramsReceived(received);
        _context.Appender.Append(_batch, _giveUp);
        return bytes;
    }

    private void Take(NativeSocket.MessageHeader* message, long arrival)
    {
        if ((message->Flags & NativeSocket.MsgTruncated) != 0)
        {
            _context.Metrics.Reject(Rejection.DatagramTooLong);
        }
        else
        {
            new ReadOnlySpan<byte>(message->Name, NativeSocket.AddressSize).CopyTo(_address.Buffer.Span);
            var frame = new ReadOnlySpan<byte>(message->Vectors->Base, (int)message->Received);
            _context.Intake.TakeFrame(frame, arrival, JournalSender.FromSocketAddress(_address), _batch);
        }

        message->NameLength = NativeSocket.AddressSize;
    }

    private void Check(int errno)
    {
        switch (AcceptErrors.Classify(errno))
        {
            case AcceptError.None or AcceptError.Client:
                break;
            case AcceptError.Pressure:
                _context.Metrics.Reject(Rejection.ReceivePressure);
                _giveUp.WaitHandle.WaitOne(TimeSpan.FromMilliseconds(100));
                break;
            default:
                throw new SocketException(errno);
        }
    }
}
