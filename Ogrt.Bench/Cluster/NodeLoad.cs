using System.Buffers.Binary;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Ogrt.Bench.Jobs;
using Ogrt.Bench.WholeSystem;
using Ogrt.Specs.Cluster.Lab;

namespace Ogrt.Bench.Cluster;

/// <summary>
/// Compute nodes that send to the servers of a cluster over TCP, each frame a new process of one of many jobs. With one frame a
/// connection they do as the preload library does: the next server when one refuses, all within the deadline, and no second
/// look at what was sent. With more, they send again what a server has not read to the end.
/// </summary>
internal sealed class NodeLoad : IDisposable
{
    /// <summary>How a process is to be sent.</summary>
    /// <param name="Jobs">The jobs that the processes are of, in turn.</param>
    /// <param name="Hosts">How many hosts each job runs on.</param>
    /// <param name="Rate">Frames a second; 0 for as fast as they are taken.</param>
    /// <param name="PerConnection">Frames of a connection.</param>
    /// <param name="Processes">How many there are to be; -1 for no end.</param>
    /// <param name="WithEnds">Whether the end of a process follows it.</param>
    /// <param name="Threads">Connections at a time.</param>
    internal sealed record Plan(IReadOnlyList<string> Jobs, int Hosts, double Rate, int PerConnection, long Processes = -1, bool WithEnds = false, int Threads = 2);

    /// <summary>That of the preload library, as it is built.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromMilliseconds(50);

    private const int MostServers = 4;

    private readonly Plan _plan;
    private readonly Libc.SocketAddressInet[] _servers;
    private readonly Thread[] _threads;
    private readonly Waits[] _waits;
    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly ManualResetEventSlim _going = new(initialState: true);
    private volatile bool _stopped;
    private long _sent, _unsent, _elsewhere, _broken;

    private NodeLoad(IReadOnlyList<LabNode> nodes, Plan plan)
    {
        _plan = plan;
        _servers =
        [
            .. nodes.Select(n => new Libc.SocketAddressInet
            {
                Family = Libc.AddressFamilyInet,
                Port = BinaryPrimitives.ReverseEndianness((ushort)LabNode.FramePort),
                Address = MemoryMarshal.Read<uint>(n.Address.GetAddressBytes()),
            }),
        ];
        _waits = [.. Enumerable.Range(0, plan.Threads).Select(_ => new Waits())];
        _threads = [.. Enumerable.Range(0, plan.Threads).Select(n => new Thread(() => Send(n)) { IsBackground = true })];
        foreach (Thread thread in _threads)
            thread.Start();
    }

    /// <summary>Processes that were handed to a server.</summary>
    public long Sent => Interlocked.Read(ref _sent);

    /// <summary>Those that no server took within the deadline.</summary>
    public long Unsent => Interlocked.Read(ref _unsent);

    /// <summary>Those that another than the first server took.</summary>
    public long Elsewhere => Interlocked.Read(ref _elsewhere);

    /// <summary>Connections that a server did not read to the end, and whose frames were sent again.</summary>
    public long Broken => Interlocked.Read(ref _broken);

    /// <summary>How long each process waited for its sending. While it goes on, roughly.</summary>
    public Waits Waited => Waits.Sum(_waits);

    /// <summary>Begins to send.</summary>
    public static NodeLoad Start(IReadOnlyList<LabNode> nodes, Plan plan) => new(nodes, plan);

    /// <summary>Waits until all processes of the plan are sent.</summary>
    public Task SentAsync() => Task.Run(() =>
    {
        foreach (Thread thread in _threads)
            thread.Join();
    });

    /// <summary>Begins no further connection, or goes on.</summary>
    public void Hold(bool held)
    {
        if (held) _going.Reset();
        else _going.Set();
    }

    /// <summary>Ends it, and waits for what was begun.</summary>
    public Task StopAsync()
    {
        _stopped = true;
        _going.Set();
        return SentAsync();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        StopAsync().GetAwaiter().GetResult();
        _going.Dispose();
    }

    private unsafe void Send(int thread)
    {
        (PatchedFrame Process, PatchedFrame End)[] mine =
        [
            .. from host in Enumerable.Range(0, _plan.Hosts)
               from job in Enumerable.Range(0, _plan.Jobs.Count)
               where (host + job) % _plan.Threads == thread
               let process = new PatchedFrame("frame-mpi", _plan.Jobs[job], FormattableString.Invariant($"node{host}"))
               select (process, process.End()),
        ];
        int size = mine.Max(m => m.Process.Bytes.Length + m.End.Bytes.Length) * _plan.PerConnection;
        byte[] buffer = GC.AllocateUninitializedArray<byte>(size, pinned: true);
        byte* bytes = (byte*)Marshal.UnsafeAddrOfPinnedArrayElement(buffer, 0);
        long share = _plan.Processes < 0 ? long.MaxValue : (_plan.Processes / _plan.Threads) + (thread < _plan.Processes % _plan.Threads ? 1 : 0);
        double rate = _plan.Rate / _plan.Threads;
        for (long done = 0; done < share && !_stopped;)
        {
            _going.Wait();
            int count = (int)Math.Min(_plan.PerConnection, share - done), length = 0;
            for (int n = 0; n < count; n++)
                length += Fill(mine[(done + n) % mine.Length], buffer.AsSpan(length));
            if (_plan.PerConnection == 1)
                SendAsLibrary(thread, done, bytes, length);
            else
                SendWhole(thread + (done / _plan.PerConnection), bytes, length, count);
            done += count;
            double ahead = rate > 0 ? (done / rate) - Stopwatch.GetElapsedTime(_start).TotalSeconds : 0;
            if (ahead > 0)
                Thread.Sleep(TimeSpan.FromSeconds(ahead));
        }
    }

    private int Fill((PatchedFrame Process, PatchedFrame End) frames, Span<byte> to)
    {
        frames.Process.Next();
        frames.Process.Bytes.CopyTo(to);
        if (!_plan.WithEnds)
            return frames.Process.Bytes.Length;
        frames.End.Next();
        frames.End.Bytes.CopyTo(to[frames.Process.Bytes.Length..]);
        return frames.Process.Bytes.Length + frames.End.Bytes.Length;
    }

    /// <summary>Sends a frame as the preload library does: it does not wait until somebody has read it.</summary>
    private unsafe void SendAsLibrary(int thread, long process, byte* frame, int length)
    {
        long start = Stopwatch.GetTimestamp();
        bool sent = false;
        int tries = 0;
        for (; tries < Math.Min(MostServers, _servers.Length) && !sent && Stopwatch.GetElapsedTime(start) < Deadline; tries++)
        {
            Libc.SocketAddressInet server = _servers[(process + thread + tries) % _servers.Length];
            int socket = Libc.Socket(Libc.AddressFamilyInet, Libc.SocketStream | Libc.NonBlocking, 0);
            _ = Libc.Connect(socket, &server, sizeof(Libc.SocketAddressInet));
            var wait = new Libc.PollDescriptor { Socket = socket, Wanted = Libc.PollOut };
            // A server that does not answer takes its share of the time, not all of it.
            int left = (int)((Deadline - Stopwatch.GetElapsedTime(start)) / (Math.Min(MostServers, _servers.Length) - tries)).TotalMilliseconds;
            // A connection that was refused shows as one that cannot be written to.
            sent = Libc.Poll(&wait, 1, Math.Max(0, left)) == 1 && Libc.Send(socket, frame, length, Libc.NoSignal) == length;
            _ = Libc.Close(socket);
        }
        _waits[thread].Add(Stopwatch.GetElapsedTime(start));
        Interlocked.Increment(ref sent ? ref _sent : ref _unsent);
        if (sent && tries > 1)
            Interlocked.Increment(ref _elsewhere);
    }

    /// <summary>Sends frames down a connection until a server has read all of them, and closes.</summary>
    private unsafe void SendWhole(long first, byte* frames, int length, int processes)
    {
        for (long server = first; !_stopped; server++)
        {
            if (TrySendWhole(_servers[server % _servers.Length], frames, length))
            {
                Interlocked.Add(ref _sent, processes);
                return;
            }
        }
    }

    private unsafe bool TrySendWhole(Libc.SocketAddressInet server, byte* frames, int length)
    {
        int socket = Libc.Socket(Libc.AddressFamilyInet, Libc.SocketStream, 0);
        try
        {
            if (Libc.Connect(socket, &server, sizeof(Libc.SocketAddressInet)) != 0)
                return false;
            byte answer;
            bool whole = Libc.Send(socket, frames, length, Libc.NoSignal) == length && Libc.Shutdown(socket, Libc.ShutdownWrite) == 0 &&
                Libc.Receive(socket, &answer, 1, 0) == 0;
            if (!whole)
                Interlocked.Increment(ref _broken);
            return whole;
        }
        finally
        {
            _ = Libc.Close(socket);
        }
    }
}
