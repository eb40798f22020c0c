using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Ogrt.Specs.Sinks.JsonTcp;

/// <summary>The other end: takes lines over TCP, or does with a connection what a spec says.</summary>
internal sealed class LineServer : IAsyncDisposable
{
    /// <summary>What is done with a connection.</summary>
    public delegate Task Script(LineServer server, Socket socket, Stream stream, int number);

    private readonly Socket _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentBag<Task> _tasks = [];
    private readonly ConcurrentDictionary<Socket, int> _open = [];
    private readonly ConcurrentQueue<string> _lines = [];
    private readonly ConcurrentQueue<string> _refused = [];
    private int _count;

    /// <summary>Starts to listen.</summary>
    /// <param name="script">What is done with each connection; null for taking lines.</param>
    /// <param name="address">Where; null for 127.0.0.1.</param>
    /// <param name="port">On which port; 0 for a free one.</param>
    /// <param name="tls">How it is encrypted; null for not at all.</param>
    /// <param name="receiveBuffer">Bytes that its system takes before anybody reads; 0 for as the system likes.</param>
    public LineServer(Script? script = null, IPAddress? address = null, int port = 0, SslServerAuthenticationOptions? tls = null, int receiveBuffer = 0)
    {
        address ??= IPAddress.Loopback;
        _listener = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        if (receiveBuffer > 0)
            _listener.ReceiveBufferSize = receiveBuffer;
        _listener.Bind(new IPEndPoint(address, port));
        _listener.Listen();
        _tasks.Add(AcceptAsync(script ?? TakeLinesAsync, tls));
    }

    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    /// <summary>Connections so far.</summary>
    public int Connections => Volatile.Read(ref _count);

    /// <summary>Whole lines, in the order in which they came.</summary>
    public IReadOnlyCollection<string> Lines => _lines;

    /// <summary>Handshakes that failed.</summary>
    public IReadOnlyCollection<string> Refused => _refused;

    /// <summary>Takes lines until the other end closes.</summary>
    public static async Task TakeLinesAsync(LineServer server, Socket socket, Stream stream, int number)
    {
        // What is not ended by a newline is no line.
        var text = new List<byte>();
        byte[] buffer = new byte[65536];
        int read;
        while ((read = await stream.ReadAsync(buffer, server._stop.Token)) > 0)
        {
            text.AddRange(buffer.AsSpan(0, read));
            int end = text.LastIndexOf((byte)'\n');
            foreach (string line in Encoding.UTF8.GetString([.. text.Take(end + 1)]).Split('\n', StringSplitOptions.RemoveEmptyEntries))
                server._lines.Enqueue(line);
            text.RemoveRange(0, end + 1);
        }
    }

    /// <summary>Takes a line, for a script that reads by itself.</summary>
    public void Take(string line) => _lines.Enqueue(line);

    /// <summary>Waits until it has so many lines: what was acknowledged may not have been read yet.</summary>
    public Task HasAsync(int lines) => SinkServer.UntilAsync(() => _lines.Count >= lines, () => $"{_lines.Count} lines of {lines}");

    /// <summary>Waits until the spec is over.</summary>
    public Task NothingAsync() => Task.Delay(Timeout.Infinite, _stop.Token);

    /// <summary>Breaks all connections off.</summary>
    public void ResetAll()
    {
        foreach (Socket socket in _open.Keys)
            socket.Close(0);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        foreach (Socket socket in _open.Keys)
            socket.Dispose();
        while (_tasks.TryTake(out Task? task))
            await task;
        _stop.Dispose();
    }

    private async Task AcceptAsync(Script script, SslServerAuthenticationOptions? tls)
    {
        while (true)
        {
            Socket socket;
            try
            {
                socket = await _listener.AcceptAsync(_stop.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }
            _open.TryAdd(socket, 0);
            _tasks.Add(RunAsync(script, tls, socket, Interlocked.Increment(ref _count)));
        }
    }

    private async Task RunAsync(Script script, SslServerAuthenticationOptions? tls, Socket socket, int number)
    {
        Stream stream = new NetworkStream(socket);
        try
        {
            if (tls is not null)
            {
                var secure = new SslStream(stream);
                stream = secure;
                await secure.AuthenticateAsServerAsync(tls, _stop.Token);
            }
            await script(this, socket, stream, number);
        }
        catch (System.Security.Authentication.AuthenticationException e)
        {
            _refused.Enqueue(e.Message);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or SocketException or ObjectDisposedException)
        {
            // The other end went away, or the spec is over.
        }
        finally
        {
            _open.TryRemove(socket, out _);
            await stream.DisposeAsync();
            socket.Dispose();
        }
    }

    public static SslServerAuthenticationOptions Tls(X509Certificate2 certificate, X509Certificate2? clients = null) => new()
    {
        ServerCertificate = certificate,
        ClientCertificateRequired = clients is not null,
        RemoteCertificateValidationCallback = (_, shown, _, _) => clients is null || shown?.Issuer == clients.Subject,
    };
}
