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

    /// <summary>How long the nodes' view of each other must stay the same before a side of a split decides, and as long again before it
    /// takes over what lived on the other: as the documentation of Akka's split brain resolver has it by the number of nodes.</summary>
    public static TimeSpan StableAfter(ClusterSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return TimeSpan.FromSeconds(settings.ExpectedNodes switch { <= 5 => 7, <= 10 => 10, <= 20 => 13, <= 50 => 17, _ => 20 });
    }

    /// <summary>What that means, for the operator.</summary>
    public static string Explain(ClusterSettings settings) => Of(settings) == KeepOldest
        ? "keep-oldest with down-if-alone, for two nodes: when they lose sight of each other, the one that has been up longer goes on and the other is started again. When the older one dies, the other stops too; with three nodes either loss is survived"
        : "keep-majority: the side of a network split that has more of the nodes goes on, the other is started again";
}
