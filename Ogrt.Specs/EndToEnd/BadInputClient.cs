using System.Net;
using System.Net.Sockets;

namespace Ogrt.Specs.EndToEnd;

/// <summary>Sends to a server, good frames and bad ones, and knows which processes must have arrived.</summary>
internal sealed class BadInputClient(ServerProcess server, CancellationToken cancellation) : IDisposable
{
    /// <summary>The job of the good frames.</summary>
    public const string Job = "GOOD";

    private readonly Socket _datagrams = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private Socket? _bystander;

    /// <summary>How many good processes have been sent so far.</summary>
    public int Sent { get; private set; }

    /// <summary>A frame with the next good process.</summary>
    public byte[] NextGood() => Frames.Process(Job, Sent++);

    /// <summary>Opens a connection.</summary>
    public async Task<Socket> ConnectAsync()
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, server.Port, cancellation);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Sends bytes over a connection of their own, ends it, and waits until the server has ended it too.</summary>
    public async Task SendAsync(params byte[] bytes)
    {
        using Socket socket = await ConnectAsync();
        try
        {
            for (int sent = 0; sent < bytes.Length;)
                sent += await socket.SendAsync(bytes.AsMemory(sent), cancellation);
            socket.Shutdown(SocketShutdown.Send);
            await socket.ReceiveAsync(new byte[1], cancellation);
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionReset or SocketError.Shutdown)
        {
            // The server has closed it in the middle of the bytes: its answer to a frame that has no end.
        }
    }

    /// <summary>Sends bytes as one datagram.</summary>
    public async Task SendDatagramAsync(ReadOnlyMemory<byte> bytes) =>
        await _datagrams.SendToAsync(bytes, new IPEndPoint(IPAddress.Loopback, server.Port), cancellation);

    /// <summary>Sends a good frame over a connection that stays open from the first time on, and one as a datagram.</summary>
    public async Task SendGoodAsync()
    {
        _bystander ??= await ConnectAsync();
        await _bystander.SendAsync(NextGood(), cancellation);
        await SendDatagramAsync(NextGood());
    }

    /// <summary>Waits until every good process has arrived in the store and stands in the tree.</summary>
    public async Task UntilAllArrivedAsync()
    {
        await server.UntilAsync(() => ServerAnswers.ProcessesAsync(server, Job), list => list.Count >= Sent, cancellation);
        int[] pids = [.. (await ServerAnswers.ProcessesAsync(server, Job)).Select(process => process.GetProperty("pid").GetInt32()).Order()];
        Assert.Equal(Enumerable.Range(1000, Sent), pids);
        ulong inTree = await server.UntilAsync(
            async () => (await ServerAnswers.TreeAsync(server, Job))?.GetProperty("process_count").GetUInt64() ?? 0,
            count => count >= (ulong)Sent, cancellation);
        Assert.Equal((ulong)Sent, inTree);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _bystander?.Dispose();
        _datagrams.Dispose();
    }
}
