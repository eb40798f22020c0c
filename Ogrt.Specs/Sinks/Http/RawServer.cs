using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Ogrt.Specs.Sinks.Http;

/// <summary>
/// A server of bytes: a spec says what it does with each connection, so that it can answer early, break off anywhere, or
/// say nothing at all.
/// </summary>
internal sealed class RawServer : IAsyncDisposable
{
    public delegate Task Script(Connection connection);

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _connections = [];
    private readonly Task _accepting;
    private int _count;

    public RawServer(Script script)
    {
        _listener.Start();
        _accepting = AcceptAsync(script);
    }

    public Uri Uri => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    /// <summary>Connections so far.</summary>
    public int Connections => Volatile.Read(ref _count);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_connections);
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync(Script script)
    {
        while (true)
        {
            Socket socket;
            try
            {
                socket = await _listener.AcceptSocketAsync(_stop.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }
            int number = Interlocked.Increment(ref _count);
            _connections.Add(RunAsync(script, new Connection(socket, number, _stop.Token)));
        }
    }

    private static async Task RunAsync(Script script, Connection connection)
    {
        using (connection)
        {
            try
            {
                await script(connection);
            }
            catch (Exception e) when (e is OperationCanceledException or IOException or SocketException)
            {
                // The other end went away, or the spec is over.
            }
        }
    }

    internal sealed class Connection(Socket socket, int number, CancellationToken stop) : IDisposable
    {
        private readonly NetworkStream _stream = new(socket, ownsSocket: true);

        /// <summary>The number of the connection, from 1.</summary>
        public int Number => number;

        public CancellationToken Stop => stop;

        /// <summary>Reads up to the end of a request's head; empty when the other end closed.</summary>
        public async Task<string> ReadHeadAsync()
        {
            var head = new List<byte>();
            byte[] one = new byte[1];
            while (await _stream.ReadAsync(one, stop) == 1)
            {
                head.Add(one[0]);
                if (head.Count >= 4 && head[^4] == '\r' && head[^3] == '\n' && head[^2] == '\r' && head[^1] == '\n')
                    return Encoding.ASCII.GetString([.. head]);
            }
            return "";
        }

        public async Task<byte[]> ReadAsync(int count)
        {
            byte[] bytes = new byte[count];
            await _stream.ReadExactlyAsync(bytes, stop);
            return bytes;
        }

        /// <summary>Reads a whole request; null when the other end closed.</summary>
        public async Task<(string Head, byte[] Body)?> ReadRequestAsync()
        {
            string head = await ReadHeadAsync();
            return head.Length == 0 ? null : (head, await ReadAsync(ContentLength(head)));
        }

        /// <summary>Reads whatever comes until the other end closes or breaks off.</summary>
        public async Task<byte[]> ReadToEndAsync()
        {
            using var all = new MemoryStream();
            try
            {
                await _stream.CopyToAsync(all, stop);
            }
            catch (IOException)
            {
                // A reset is an end, too.
            }
            return all.ToArray();
        }

        public Task WriteAsync(string text) => _stream.WriteAsync(Encoding.UTF8.GetBytes(text), stop).AsTask();

        public Task AnswerAsync(int status, string body = "", string headers = "") => WriteAsync(
            $"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n{headers}Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}");

        /// <summary>Breaks the connection off with a reset.</summary>
        public void Reset() => socket.Close(0);

        public void Dispose() => _stream.Dispose();
    }

    public static int ContentLength(string head)
    {
        foreach (string line in head.Split("\r\n"))
        {
            if (line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase))
                return int.Parse(line.Split(':')[1], System.Globalization.CultureInfo.InvariantCulture);
        }
        return 0;
    }
}
