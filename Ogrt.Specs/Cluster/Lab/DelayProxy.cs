using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace Ogrt.Specs.Cluster.Lab;

/// <summary>Passes TCP connections on, and what comes either way later than it came: a long way between two places.</summary>
internal sealed class DelayProxy : IAsyncDisposable
{
    private const int Buffer = 64 * 1024, MostUnderWay = 256;

    private readonly IPEndPoint _to;
    private readonly TimeSpan _delay;
    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;
    private int _connections;

    private DelayProxy(IPAddress at, IPEndPoint to, TimeSpan delay)
    {
        (_to, _delay) = (to, delay);
        _listener = new TcpListener(at, 0);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint Place => (IPEndPoint)_listener.LocalEndpoint;

    /// <summary>How many connections have come so far.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Starts one.</summary>
    /// <param name="at">The address that it listens at.</param>
    /// <param name="to">Where it connects to.</param>
    /// <param name="delay">How much later everything comes, each way.</param>
    public static DelayProxy Start(IPAddress at, IPEndPoint to, TimeSpan delay) => new(at, to, delay);

    /// <summary>Ends it; what it had connected is broken off.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var passing = new List<Task>();
        try
        {
            while (true)
            {
                Socket client = await _listener.AcceptSocketAsync(_stop.Token);
                Interlocked.Increment(ref _connections);
                passing.RemoveAll(p => p.IsCompleted);
                passing.Add(PassAsync(client));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // It ends.
        }
        await Task.WhenAll(passing);
    }

    private async Task PassAsync(Socket client)
    {
        using (client)
        using (Socket server = new(_to.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true })
        {
            client.NoDelay = true;
            try
            {
                await server.ConnectAsync(_to, _stop.Token);
                // Either side's end is the end of both, once what is under way has arrived.
                await Task.WhenAny(OneWayAsync(client, server), OneWayAsync(server, client));
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException)
            {
                // Nobody is there, or it ends.
            }
        }
    }

    private async Task OneWayAsync(Socket from, Socket to)
    {
        var underWay = Channel.CreateBounded<(long Due, byte[] Bytes)>(MostUnderWay);
        Task writing = WriteAsync(underWay.Reader, to);
        try
        {
            byte[] buffer = new byte[Buffer];
            while (await from.ReceiveAsync(buffer, _stop.Token) is int count and > 0)
                await underWay.Writer.WriteAsync((Stopwatch.GetTimestamp() + (long)(_delay.TotalSeconds * Stopwatch.Frequency), buffer[..count]), _stop.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The connection is broken off.
        }
        underWay.Writer.Complete();
        await writing;
    }

    private async Task WriteAsync(ChannelReader<(long Due, byte[] Bytes)> underWay, Socket to)
    {
        try
        {
            await foreach ((long due, byte[] bytes) in underWay.ReadAllAsync(_stop.Token))
            {
                TimeSpan early = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due);
                if (early > TimeSpan.Zero)
                    await Task.Delay(early, _stop.Token);
                await to.SendAsync(bytes, _stop.Token);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The connection is broken off.
        }
    }
}
