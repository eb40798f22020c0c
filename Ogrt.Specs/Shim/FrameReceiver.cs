using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

using Ogrt.Wire;
using Ogrt.Wire.Protocol;

namespace Ogrt.Specs.Shim;

/// <summary>A server that takes what the preload library sends, in the order in which it is complete.</summary>
internal sealed class FrameReceiver : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    private readonly Socket _socket;
    private readonly Channel<byte[]> _frames = Channel.CreateUnbounded<byte[]>();

    private FrameReceiver(Socket socket, IPEndPoint at)
    {
        _socket = socket;
        _socket.Bind(at);
        EndPoint = (IPEndPoint)_socket.LocalEndPoint!;
    }

    public IPEndPoint EndPoint { get; }

    public static FrameReceiver Tcp(IPEndPoint? at = null)
    {
        IPEndPoint end = at ?? new IPEndPoint(IPAddress.Loopback, 0);
        var receiver = new FrameReceiver(new Socket(end.AddressFamily, SocketType.Stream, ProtocolType.Tcp), end);
        receiver._socket.Listen(4096);
        _ = receiver.AcceptAsync();
        return receiver;
    }

    public static FrameReceiver Udp()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = 4 << 20 };
        var receiver = new FrameReceiver(socket, new IPEndPoint(IPAddress.Loopback, 0));
        _ = receiver.ReceiveAsync();
        return receiver;
    }

    /// <summary>The bytes of the next connection or datagram.</summary>
    public async Task<byte[]> FrameAsync()
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(_patience);
        return await _frames.Reader.ReadAsync(patience.Token);
    }

    /// <summary>The message of the next frame, whose header must be right.</summary>
    public async Task<ProcessInfo> ProcessAsync() => ProcessInfo.Parser.ParseFrom(Payload(await FrameAsync()));

    /// <summary>The end of a process, which must be what comes next.</summary>
    public async Task<ProcessEnd> EndAsync() => End(await FrameAsync());

    /// <summary>The end of a process from its frame, whose header must be right and which the server's reader must accept.</summary>
    public static ProcessEnd End(byte[] frame)
    {
        byte[] payload = Payload(frame, 16u);
        Assert.Equal(WireError.None, ProcessEndView.TryParse(payload, WireLayout.Current, out _));
        return ProcessEnd.Parser.ParseFrom(payload);
    }

    /// <summary>The payload of a frame, whose header must be right and which the server's reader must accept.</summary>
    public static byte[] Payload(byte[] frame)
    {
        byte[] payload = Payload(frame, 12u);
        Assert.Equal(WireError.None, ProcessInfoView.TryParse(payload, WireLayout.Current, out _));
        return payload;
    }

    private static byte[] Payload(byte[] frame, uint type)
    {
        Assert.Equal(type, BinaryPrimitives.ReadUInt32BigEndian(frame));
        Assert.Equal((uint)frame.Length - 8, BinaryPrimitives.ReadUInt32BigEndian(frame.AsSpan(4)));
        return frame[8..];
    }

    public void Dispose() => _socket.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = ReadAsync(await _socket.AcceptAsync());
        }
        catch (Exception stopped) when (stopped is SocketException or ObjectDisposedException)
        {
        }
    }

    private async Task ReadAsync(Socket connection)
    {
        using var stream = new NetworkStream(connection, ownsSocket: true);
        using var frame = new MemoryStream();
        try
        {
            await stream.CopyToAsync(frame);
            _frames.Writer.TryWrite(frame.ToArray());
        }
        catch (IOException reset)
        {
            _frames.Writer.TryComplete(reset);
        }
    }

    private async Task ReceiveAsync()
    {
        byte[] buffer = new byte[65536];
        try
        {
            while (true)
            {
                int length = await _socket.ReceiveAsync(buffer.AsMemory());
                _frames.Writer.TryWrite(buffer[..length]);
            }
        }
        catch (Exception stopped) when (stopped is SocketException or ObjectDisposedException)
        {
        }
    }
}
