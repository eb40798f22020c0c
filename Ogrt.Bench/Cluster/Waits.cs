using System.Globalization;

namespace Ogrt.Bench.Cluster;

/// <summary>How often something took how long, in steps of 10 us up to 2 s, and the longest. For one thread; others may read.</summary>
internal sealed class Waits
{
    private const int Steps = 200_000;
    private const double StepsPerMillisecond = 100;

    private readonly long[] _counts = new long[Steps + 1];

    /// <summary>How often.</summary>
    public long Count { get; private set; }

    /// <summary>The longest, in milliseconds.</summary>
    public double Longest { get; private set; }

    /// <summary>All of them together.</summary>
    public static Waits Sum(IEnumerable<Waits> parts)
    {
        var sum = new Waits();
        foreach (Waits part in parts)
        {
            sum.Count += part.Count;
            sum.Longest = Math.Max(sum.Longest, part.Longest);
            for (int n = 0; n <= Steps; n++)
                sum._counts[n] += part._counts[n];
        }
        return sum;
    }

    /// <summary>Counts one.</summary>
    public void Add(TimeSpan took)
    {
        Count++;
        Longest = Math.Max(Longest, took.TotalMilliseconds);
        _counts[(int)Math.Min(took.TotalMilliseconds * StepsPerMillisecond, Steps)]++;
    }

    /// <summary>The time that so large a share stayed below, in milliseconds, rounded up to a step.</summary>
    public double Quantile(double share)
    {
        long below = 0;
        for (int n = 0; n <= Steps; n++)
        {
            below += _counts[n];
            if (below > 0 && below >= share * Count)
                return (n + 1) / StepsPerMillisecond;
        }
        return 0;
    }

    /// <summary>How many took longer.</summary>
    public long Above(TimeSpan limit) => _counts.AsSpan((int)Math.Min(limit.TotalMilliseconds * StepsPerMillisecond, Steps)).ToArray().Sum();

    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"median {Quantile(0.5):F2} ms, 99 % below {Quantile(0.99):F2}, 99.9 % below {Quantile(0.999):F2}, the longest {Longest:F1}");
}
