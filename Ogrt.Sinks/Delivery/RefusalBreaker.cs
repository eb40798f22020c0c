namespace Ogrt.Sinks.Delivery;

/// <summary>
/// Notices when a target refuses so many records for good that it is the target, and not the records, that is at fault: one
/// wrong mapping would otherwise turn a whole stream into dead letters. Then nothing becomes a dead letter and the sink waits
/// for somebody to look; the same records are tried again, and what is taken by then is taken. Safe for concurrent use.
/// </summary>
internal sealed class RefusalBreaker(double share, int least, TimeSpan window)
{
    private const int Slices = 10;

    private readonly Lock _lock = new();
    private readonly (long Number, long Settled, long Refused)[] _slices = new (long, long, long)[Slices];
    private readonly TimeSpan _slice = window / Slices;
    private TimeSpan _acceptedUntil = TimeSpan.MinValue;

    /// <summary>Whether refusals of an answer may become dead letters. Answers that may not are not counted.</summary>
    /// <param name="now">The time since any fixed point.</param>
    /// <param name="settled">Records that the answer settles, refusals not among them.</param>
    /// <param name="refused">Records that it refuses for good.</param>
    public bool Allows(TimeSpan now, long settled, long refused)
    {
        lock (_lock)
        {
            long number = now.Ticks / Math.Max(_slice.Ticks, 1);
            (long allSettled, long allRefused) = (settled, refused);
            foreach ((long at, long sliceSettled, long sliceRefused) in _slices)
            {
                if (at <= number - Slices)
                    continue;
                allSettled += sliceSettled;
                allRefused += sliceRefused;
            }
            if (refused > 0 && now >= _acceptedUntil && allRefused >= least && allRefused > share * (allSettled + allRefused))
                return false;
            ref (long Number, long Settled, long Refused) slice = ref _slices[number % Slices];
            if (slice.Number != number)
                slice = (number, 0, 0);
            slice.Settled += settled;
            slice.Refused += refused;
            return true;
        }
    }

    /// <summary>An operator says that the refusals are right: for one window they all become dead letters.</summary>
    public void Accept(TimeSpan now)
    {
        lock (_lock)
            _acceptedUntil = now + window;
    }
}
