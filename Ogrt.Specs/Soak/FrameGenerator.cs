using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Sockets;

namespace Ogrt.Specs.Soak;

/// <summary>
/// Sends the frames of a run to its servers, each number once: some over TCP, many of a connection and cut anywhere, some as
/// datagrams. A number whose connection the server has read to its end and closed in order is known to be confirmed. What a
/// dying server does to the others is left open: the journal tells.
/// </summary>
internal sealed class FrameGenerator : IAsyncDisposable
{
    private const int MostOfAConnection = 60, DatagramsAtOnce = 8;
    private static readonly TimeSpan Refused = TimeSpan.FromMilliseconds(20);

    private readonly NumberedFrames _frames;
    private readonly Func<FramePeer> _next;
    private readonly double _rate;
    private readonly TimeSpan _deadline;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentQueue<long> _confirmed = new();
    private readonly Task[] _senders;
    private readonly ManualResetEventSlim _going = new(initialState: true);
    private readonly Stopwatch _time = Stopwatch.StartNew();
    private long _sent;
    private int _busy;

    /// <summary>Begins to send.</summary>
    /// <param name="frames">What is sent.</param>
    /// <param name="next">Chooses the server of a connection, or of some datagrams.</param>
    /// <param name="rate">Frames a second.</param>
    /// <param name="senders">How many connections there are at a time.</param>
    /// <param name="deadline">How long a connection may take; none without it.</param>
    public FrameGenerator(NumberedFrames frames, Func<FramePeer> next, double rate, int senders = 2, TimeSpan? deadline = null)
    {
        _frames = frames;
        _next = next;
        _rate = rate;
        _deadline = deadline ?? Timeout.InfiniteTimeSpan;
        _senders = [.. Enumerable.Range(0, senders).Select(n => Task.Run(() => SendConnectionsAsync(new Random((int)frames.Seed + n)))), Task.Run(SendDatagramsAsync)];
    }

    /// <summary>Numbers that were given out so far.</summary>
    public long Sent => Interlocked.Read(ref _sent);

    /// <summary>Numbers that the server is known to have read.</summary>
    public IReadOnlyCollection<long> Confirmed => _confirmed;

    /// <summary>Sends no more, and waits until what was begun has been sent.</summary>
    public async Task PauseAsync(CancellationToken cancellation)
    {
        _going.Reset();
        _time.Stop();
        while (Volatile.Read(ref _busy) > 0)
            await Task.Delay(2, cancellation);
    }

    /// <summary>Goes on.</summary>
    public void Resume()
    {
        _time.Start();
        _going.Set();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_stopping.IsCancellationRequested)
            return;
        await _stopping.CancelAsync();
        _going.Set();
        await Task.WhenAll(_senders).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
        _going.Dispose();
    }

    private async Task SendConnectionsAsync(Random random)
    {
        while (await BeginAsync())
        {
            try
            {
                await SendConnectionAsync(random);
            }
            catch (Exception e) when (e is SocketException || (e is OperationCanceledException && !_stopping.IsCancellationRequested))
            {
                // The server is not there, has just died, or takes longer than it may.
                await Task.Delay(Refused, _stopping.Token);
            }
            finally
            {
                Interlocked.Decrement(ref _busy);
            }
        }
    }

    /// <summary>Sends some frames down one connection, and waits until the server closes it.</summary>
    private async Task SendConnectionAsync(Random random)
    {
        FramePeer server = _next();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        limit.CancelAfter(_deadline);
        using Socket socket = new(server.Place.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(server.Place, limit.Token);
        int life = server.Life;
        int count = 1 + random.Next(MostOfAConnection);
        long first = Interlocked.Add(ref _sent, count) - count;
        byte[] bytes = [.. Enumerable.Range(0, count).SelectMany(n => _frames.Frame(first + n))];
        for (int at = 0; at < bytes.Length;)
        {
            int size = Math.Min(1 + random.Next(32 * 1024), bytes.Length - at);
            at += await socket.SendAsync(bytes.AsMemory(at, size), limit.Token);
        }
        socket.Shutdown(SocketShutdown.Send);
        bool closedInOrder = await socket.ReceiveAsync(new byte[1], limit.Token) == 0;
        if (!closedInOrder || life != server.Life)
            return;
        for (int n = 0; n < count; n++)
            _confirmed.Enqueue(first + n);
    }

    private async Task SendDatagramsAsync()
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        while (await BeginAsync())
        {
            try
            {
                FramePeer server = _next();
                long first = Interlocked.Add(ref _sent, DatagramsAtOnce) - DatagramsAtOnce;
                for (int n = 0; n < DatagramsAtOnce; n++)
                {
                    byte[] frame = _frames.Frame(first + n);
                    // What does not fit into a datagram has a library send it by TCP; here it is left out.
                    if (frame.Length < 60_000)
                        await socket.SendToAsync(frame, server.Place, _stopping.Token);
                }
            }
            catch (SocketException)
            {
                // Nobody listened to an earlier one.
            }
            finally
            {
                Interlocked.Decrement(ref _busy);
            }
        }
    }

    /// <summary>Waits for its turn by the rate, and while it is paused; false at the end.</summary>
    private async Task<bool> BeginAsync()
    {
        try
        {
            while (true)
            {
                Interlocked.Increment(ref _busy);
                double ahead = (Sent / _rate) - _time.Elapsed.TotalSeconds;
                if (_going.IsSet && ahead <= 0 && !_stopping.IsCancellationRequested)
                    return true;
                Interlocked.Decrement(ref _busy);
                await Task.Delay(TimeSpan.FromSeconds(Math.Clamp(ahead, 0.002, 0.1)), _stopping.Token);
            }
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
