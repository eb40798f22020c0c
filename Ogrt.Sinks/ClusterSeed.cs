using System.IO.Hashing;
using System.Text;

namespace Ogrt.Sinks;

/// <summary>The cluster's name as the seed of event ids, so that the same host and pid in two clusters are two events.</summary>
public readonly record struct ClusterSeed
{
    /// <summary>Makes the seed of a cluster.</summary>
    public ClusterSeed(string cluster)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        Value = (long)XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(cluster));
    }

    internal long Value { get; }
}
