using System.Net.Sockets;
using Ogrt.Specs.Cluster.Lab;

namespace Ogrt.Specs.Cluster;

/// <summary>
/// Compute nodes: sends numbered processes of several jobs to the servers, each number once, and remembers which ones were
/// confirmed. What fails is not sent again: it may have arrived or not.
/// </summary>
internal sealed class LabLoad : IAsyncDisposable
{
    public const int Jobs = 8;

    private const int FramesOfAConnection = 20;

    private readonly CancellationTokenSource _stop = new();
    private readonly HashSet<int> _confirmed = [];
    private readonly Task _sending;
    private int _number;

    private LabLoad(ClusterLab lab, int first)
    {
        _number = first;
        _sending = Task.WhenAll(lab.Nodes.Select(node => Task.Run(() => SendAsync(node))));
    }

    /// <summary>Numbers whose frames have been read by a server.</summary>
    public int Confirmed
    {
        get
        {
            lock (_confirmed)
                return _confirmed.Count;
        }
    }

    /// <summary>Begins to send to all servers at once.</summary>
    /// <param name="lab">The servers.</param>
    /// <param name="first">The first number.</param>
    public static LabLoad Start(ClusterLab lab, int first) => new(lab, first);

    /// <summary>The job of a number.</summary>
    public static string JobOf(int number) => $"LAB{number % Jobs}";

    /// <summary>Stops sending.</summary>
    /// <returns>The numbers that were confirmed.</returns>
    public async Task<IReadOnlySet<int>> StopAsync()
    {
        await _stop.CancelAsync();
        await _sending;
        return _confirmed;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

    private async Task SendAsync(LabNode node)
    {
        // A process that is killed closes connections whose bytes it has read and not kept. Only one that has closed a later
        // connection too was alive when it closed this one.
        int[] previous = [];
        while (!_stop.IsCancellationRequested)
        {
            int[] numbers = [.. Enumerable.Range(0, FramesOfAConnection).Select(_ => Interlocked.Increment(ref _number))];
            bool closed = await SendAsync(node, numbers);
            if (closed)
                lock (_confirmed)
                    _confirmed.UnionWith(previous);
            previous = closed ? numbers : [];
            // A pace that leaves the processor to the servers, and a pause where nobody listens.
            await Task.Delay(closed ? 25 : 100);
        }
    }

    private static async Task<bool> SendAsync(LabNode node, int[] numbers)
    {
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5));
            using Socket socket = new(node.Address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(node.Address, LabNode.FramePort, limit.Token);
            foreach (int number in numbers)
                await socket.SendAsync(EndToEnd.Frames.Process(JobOf(number), number), limit.Token);
            socket.Shutdown(SocketShutdown.Send);
            return await socket.ReceiveAsync(new byte[1], limit.Token) == 0;
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            return false;
        }
    }
}
