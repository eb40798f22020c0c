namespace Ogrt.Sinks.Delivery;

/// <summary>
/// How many requests a target takes well at the same time, found by additive increase and multiplicative decrease (AIMD).
/// It rises by one where the limit was used up and answers did not slow down, and falls to nine tenths where they did or the
/// target said that it has too much to do, also for single items of a request that it answered with success. Not
/// thread-safe.
/// </summary>
/// <remarks>
/// The rule is that of adaptive request concurrency in Vector
/// (https://vector.dev/docs/architecture/arc/): latency as a moving average, judged once a round trip, so that the answers
/// of one burst count as one. What is added here is that items refused with 429 count as well.
/// </remarks>
internal sealed class AdaptiveLimit
{
    private const double Decrease = 0.9;

    // Of the averages: the newest answer counts with this share.
    private const double Alpha = 0.4;

    // Answers slower than the average by this many deviations are a sign of queues at the target.
    private const double Deviations = 2.5;

    // Below this, differences are the scheduler's and not the target's.
    private const double NoiseSeconds = 0.005;

    private readonly int _most;
    private double _limit;
    private double _average;
    private double _variance;
    private TimeSpan _judged;
    private bool _pressed;
    private bool _usedUp;
    private double _slowest;
    private bool _any;

    /// <summary>Makes a limit from 1 to <paramref name="most"/> that begins low.</summary>
    public AdaptiveLimit(int most, int start)
    {
        _most = most;
        _limit = Math.Clamp(start, 1, most);
    }

    /// <summary>Requests that may be under way, at least 1.</summary>
    public int Current => Math.Max(1, (int)_limit);

    /// <summary>Takes an answer in.</summary>
    /// <param name="now">The time since any fixed point.</param>
    /// <param name="took">How long the answer took.</param>
    /// <param name="pressed">Whether the target has too much to do.</param>
    /// <param name="usedUp">Whether as many requests as the limit allows were under way when this one was sent.</param>
    public void Answered(TimeSpan now, TimeSpan took, bool pressed, bool usedUp)
    {
        double seconds = took.TotalSeconds;
        _pressed |= pressed;
        _usedUp |= usedUp;
        _slowest = Math.Max(_slowest, seconds);
        if (!_any)
        {
            (_any, _average, _judged) = (true, seconds, now);
            if (pressed)
                Judge(now);
            return;
        }
        // Once a round trip: what was sent before the last change says nothing about it.
        if (now - _judged >= TimeSpan.FromSeconds(_average))
            Judge(now);
        double difference = seconds - _average;
        _average += Alpha * difference;
        _variance = (1 - Alpha) * (_variance + (Alpha * difference * difference));
    }

    private void Judge(TimeSpan now)
    {
        double margin = Math.Max(Deviations * Math.Sqrt(_variance), NoiseSeconds);
        bool slowed = _slowest > _average + margin;
        if (_pressed || slowed)
            _limit = Math.Max(1, _limit * Decrease);
        else if (_usedUp)
            _limit = Math.Min(_most, _limit + 1);
        (_pressed, _usedUp, _slowest, _judged) = (false, false, 0, now);
    }
}
