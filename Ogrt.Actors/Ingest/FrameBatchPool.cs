using System.Collections.Concurrent;

namespace Ogrt.Actors.Ingest;

/// <summary>Batches for use again. A batch belongs to whoever rented it until it is returned, exactly once.</summary>
internal sealed class FrameBatchPool
{
    /// <summary>A batch is out only while bytes are at hand, so there are rarely more of them than threads.</summary>
    private const int Kept = 64;

    private readonly ConcurrentQueue<FrameBatch> _batches = new();
    private int _rented;
    private int _kept;

    /// <summary>Batches that are out; 0 when nothing is being received.</summary>
    public int Rented => Volatile.Read(ref _rented);

    public FrameBatch Rent()
    {
        Interlocked.Increment(ref _rented);
        if (!_batches.TryDequeue(out FrameBatch? batch)) return new FrameBatch();
        Interlocked.Decrement(ref _kept);
        return batch;
    }

    public void Return(FrameBatch batch)
    {
        Interlocked.Decrement(ref _rented);
        batch.Clear();
        if (Interlocked.Increment(ref _kept) <= Kept)
            _batches.Enqueue(batch);
        else
            Interlocked.Decrement(ref _kept);
    }
}
