namespace Ogrt.Sinks.Delivery;

/// <summary>
/// Batches complete in any order; the cursor may only move over those that are complete without a gap before them. What
/// lies behind a gap is delivered again after a crash, never skipped. Bounded by the batches in flight.
/// </summary>
internal sealed class CursorPrefix
{
    private readonly Dictionary<long, long> _completed = [];
    private long _next;

    /// <summary>Takes a completed batch; answers the offset that the cursor may move to, or null when it must stay.</summary>
    public long? Complete(long ordinal, long nextOffset)
    {
        if (ordinal != _next)
        {
            _completed.Add(ordinal, nextOffset);
            return null;
        }
        long offset = nextOffset;
        _next++;
        while (_completed.Remove(_next, out long following))
        {
            offset = following;
            _next++;
        }
        return offset;
    }
}
