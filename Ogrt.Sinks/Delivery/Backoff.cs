namespace Ogrt.Sinks.Delivery;

/// <summary>
/// Exponential back-off with full jitter: a random time between nothing and a bound that doubles with each failure. Full
/// jitter spreads the senders of a whole cluster over the time in which a target recovers
/// (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
/// </summary>
internal static class Backoff
{
    /// <summary>The bound after a number of failures in a row, from 1.</summary>
    public static TimeSpan Bound(TimeSpan least, TimeSpan most, int failures)
    {
        // 2^40 times anything sensible is past any limit; the cap keeps the shift in range.
        double factor = Math.Pow(2, Math.Clamp(failures - 1, 0, 40));
        double ticks = Math.Min(least.Ticks * factor, Math.Max(most.Ticks, least.Ticks));
        return TimeSpan.FromTicks((long)ticks);
    }

    /// <summary>A random time up to the bound, and at least what the target asked for.</summary>
    public static TimeSpan Next(TimeSpan least, TimeSpan most, int failures, TimeSpan asked, Random random)
    {
        TimeSpan bound = Bound(least, most, failures);
        var jittered = TimeSpan.FromTicks((long)(bound.Ticks * random.NextDouble()));
        return jittered > asked ? jittered : asked;
    }
}
