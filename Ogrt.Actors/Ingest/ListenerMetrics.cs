namespace Ogrt.Actors.Ingest;

/// <summary>
/// The counters of one listener. They are plain numbers, raised once a batch or once an event and read when somebody asks, so
/// that a frame costs nothing here. They outlive a restart of the listener.
/// </summary>
internal sealed class ListenerMetrics(string name)
{
    private readonly long[] _rejected = new long[Rejections.Count];
    private long _frames;
    private long _bytes;
    private long _connections;
    private long _openConnections;
    private long _datagrams;
    private long _kernelDrops;
    private long _receiveBufferBytes;
    private long _journalWaitTicks;
    private long _restarts;

    public string Name => name;

    public long Frames => Interlocked.Read(ref _frames);

    public long Bytes => Interlocked.Read(ref _bytes);

    public long Connections => Interlocked.Read(ref _connections);

    public long OpenConnections => Interlocked.Read(ref _openConnections);

    public long Datagrams => Interlocked.Read(ref _datagrams);

    public long KernelDrops => Interlocked.Read(ref _kernelDrops);

    /// <summary>The receive buffer that the kernel has granted, in bytes as the kernel counts them; 0 for TCP.</summary>
    public long ReceiveBufferBytes => Interlocked.Read(ref _receiveBufferBytes);

    /// <summary>Time spent in appending to the journal, waiting for room included.</summary>
    public TimeSpan JournalWait => new(Interlocked.Read(ref _journalWaitTicks));

    public long Restarts => Interlocked.Read(ref _restarts);

    public long Rejected(int index) => Interlocked.Read(ref _rejected[index]);

    public long Rejected(Rejection rejection) => Rejected(Rejections.IndexOf(rejection));

    public long Rejected(Wire.WireError error) => Rejected(Rejections.IndexOf(error));

    /// <summary>Counts frames that are in the journal.</summary>
    public void Appended(int frames, long bytes)
    {
        Interlocked.Add(ref _frames, frames);
        Interlocked.Add(ref _bytes, bytes);
    }

    public void Reject(Rejection rejection, long count = 1) =>
        Interlocked.Add(ref _rejected[Rejections.IndexOf(rejection)], count);

    public void Reject(Wire.WireError error) => Interlocked.Increment(ref _rejected[Rejections.IndexOf(error)]);

    public void ConnectionAccepted() => Interlocked.Increment(ref _connections);

    public void ConnectionOpened() => Interlocked.Increment(ref _openConnections);

    public void ConnectionClosed() => Interlocked.Decrement(ref _openConnections);

    public void DatagramsReceived(int count) => Interlocked.Add(ref _datagrams, count);

    public void KernelDropped(long count) => Interlocked.Add(ref _kernelDrops, count);

    public void ReceiveBuffer(long bytes) => Interlocked.Exchange(ref _receiveBufferBytes, bytes);

    public void WaitedForJournal(TimeSpan time) => Interlocked.Add(ref _journalWaitTicks, time.Ticks);

    public void Restarted() => Interlocked.Increment(ref _restarts);
}
