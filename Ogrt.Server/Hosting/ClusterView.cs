namespace Ogrt.Server.Hosting;

/// <summary>A cluster as one of its nodes sees it: the answer to <c>ogrt-server cluster show</c>.</summary>
public sealed record ClusterView
{
    /// <summary>The cluster's name.</summary>
    public required string Name { get; init; }

    /// <summary>Which founding of it this is; empty for a node that is alone.</summary>
    public required string Id { get; init; }

    /// <summary>The node that answers.</summary>
    public required string Self { get; init; }

    /// <summary>What the node waits for on its way into a cluster; null when it is in one.</summary>
    public string? WaitsFor { get; init; }

    /// <summary>How many nodes are expected.</summary>
    public required int ExpectedNodes { get; init; }

    /// <summary>How many of them have to be there to found it.</summary>
    public required int RequiredNodes { get; init; }

    /// <summary>What decides which side of a network split goes on.</summary>
    public required string SplitBrainStrategy { get; init; }

    /// <summary>Why shards and jobs are not told; null when they are.</summary>
    public string? ShardsUnknown { get; init; }

    /// <summary>Its nodes, the oldest first.</summary>
    public required IReadOnlyList<ClusterMemberView> Members { get; init; }
}

/// <summary>A node of the cluster.</summary>
public sealed record ClusterMemberView
{
    /// <summary>HOST:PORT.</summary>
    public required string Node { get; init; }

    /// <summary>Akka's status: joining, up, leaving, exiting, down.</summary>
    public required string Status { get; init; }

    /// <summary>What it does.</summary>
    public required IReadOnlyList<string> Roles { get; init; }

    /// <summary>Whether it is the node that answers.</summary>
    public required bool IsSelf { get; init; }

    /// <summary>Whether it moves nodes in and out.</summary>
    public required bool IsLeader { get; init; }

    /// <summary>Whether it gives shards to nodes: the oldest that hosts jobs.</summary>
    public required bool IsCoordinator { get; init; }

    /// <summary>False when a node of the cluster has lost sight of it.</summary>
    public required bool IsReachable { get; init; }

    /// <summary>Shards on it; null when it did not tell them in time, and on a node that hosts no jobs.</summary>
    public int? Shards { get; init; }

    /// <summary>Jobs in its memory; null as above.</summary>
    public int? Jobs { get; init; }
}
