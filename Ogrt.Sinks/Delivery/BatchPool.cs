using System.Collections.Concurrent;

namespace Ogrt.Sinks.Delivery;

/// <summary>
/// The batches of one delivery: as many as can be under way at the same time, made when first needed and used again.
/// </summary>
/// <param name="expectedBytes">What a full batch has.</param>
/// <param name="keepBytes">A larger buffer is given up when its batch comes back.</param>
internal sealed class BatchPool(int expectedBytes, int keepBytes)
{
    private readonly ConcurrentBag<SinkBatch> _free = [];
    private int _outside;

    /// <summary>Batches that were rented and not returned.</summary>
    public int Outside => Volatile.Read(ref _outside);

    public SinkBatch Rent()
    {
        Interlocked.Increment(ref _outside);
        return _free.TryTake(out SinkBatch? batch) ? batch : new SinkBatch(expectedBytes);
    }

    public void Return(SinkBatch batch)
    {
        batch.Clear(keepBytes);
        _free.Add(batch);
        Interlocked.Decrement(ref _outside);
    }
}
