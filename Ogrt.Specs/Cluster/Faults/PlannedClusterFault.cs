namespace Ogrt.Specs.Cluster.Faults;

/// <summary>A fault of a run.</summary>
/// <param name="Kind">What goes wrong.</param>
/// <param name="Node">The node that has it, from 0 on; where it is not of one node, nothing.</param>
internal sealed record PlannedClusterFault(ClusterFaultKind Kind, int Node = 0)
{
    /// <summary>Whether it is of one node.</summary>
    public bool IsOfNode => Kind is ClusterFaultKind.KillNode or ClusterFaultKind.KillTwo or ClusterFaultKind.Pause or ClusterFaultKind.Partition
        or ClusterFaultKind.OneWay or ClusterFaultKind.Flapping or ClusterFaultKind.Delay or ClusterFaultKind.DiskLost or ClusterFaultKind.DiskFull
        or ClusterFaultKind.ClockForward or ClusterFaultKind.ClockBack or ClusterFaultKind.NamesChange or ClusterFaultKind.OtherShards;

    /// <summary>Whether it is something that an operator does, and is over when it has been done.</summary>
    public bool IsOrderly => Kind is ClusterFaultKind.RollingRestart or ClusterFaultKind.OtherShards;

    /// <inheritdoc/>
    public override string ToString() => IsOfNode ? $"{Kind}(node{Node + 1})" : Kind.ToString();
}
