namespace Ogrt.Actors.Cluster;

/// <summary>Which side of a network split goes on, and why.</summary>
public static class SplitBrainStrategy
{
    /// <summary>Akka's name for: the side with more nodes goes on.</summary>
    public const string KeepMajority = "keep-majority";

    /// <summary>Akka's name for: the side of the oldest node goes on.</summary>
    public const string KeepOldest = "keep-oldest";

    /// <summary>The strategy for a cluster of the expected size.</summary>
    public static string Of(ClusterSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return settings.ExpectedNodes == 2 ? KeepOldest : KeepMajority;
    }

    /// <summary>What that means, for the operator.</summary>
    public static string Explain(ClusterSettings settings) => Of(settings) == KeepOldest
        ? "keep-oldest with down-if-alone, for two nodes: when they lose sight of each other, the one that has been up longer goes on and the other is started again. When the older one dies, the other stops too; with three nodes either loss is survived"
        : "keep-majority: the side of a network split that has more of the nodes goes on, the other is started again";
}
