using System.Net;
using System.Net.Sockets;

namespace Ogrt.Bench.Sinks;

/// <summary>An end that reads and drops whatever comes.</summary>
internal sealed class TcpDrain : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public TcpDrain()
    {
        _listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = DrainAsync(await _listener.AcceptSocketAsync());
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The benchmark is over.
        }
    }

    private static async Task DrainAsync(Socket socket)
    {
        using (socket)
        {
            byte[] buffer = new byte[256 * 1024];
            try
            {
                while (await socket.ReceiveAsync(buffer) > 0)
                {
                }
            }
            catch (SocketException)
            {
                // A reset is an end, too.
            }
        }
    }
}
