namespace Ogrt.Actors.Cluster.Formation;

/// <summary>What a node is to do next about being in a cluster.</summary>
public abstract record FormationDecision
{
    private FormationDecision()
    {
    }

    /// <summary>Nothing yet.</summary>
    /// <param name="Why">What it waits for, in words for the operator.</param>
    /// <param name="IsFault">True when waiting will not help: somebody has to change something.</param>
    public sealed record Wait(string Why, bool IsFault = false) : FormationDecision;

    /// <summary>Join a cluster that exists.</summary>
    /// <param name="ClusterId">Which.</param>
    /// <param name="Members">Nodes to join by; never this one.</param>
    public sealed record Join(string ClusterId, IReadOnlyList<NodeAddress> Members) : FormationDecision;

    /// <summary>Found a new cluster, at once: the votes for it do not last.</summary>
    public sealed record Found(string ClusterId) : FormationDecision;

    /// <summary>Stop, to be started again: this node is in a cluster that never came up, and another one exists.</summary>
    /// <param name="Why">Which, in words.</param>
    public sealed record Withdraw(string Why) : FormationDecision;

    /// <summary>Stop, and not be started again before somebody has changed the configuration.</summary>
    /// <param name="Why">What does not fit, in words.</param>
    public sealed record Refuse(string Why) : FormationDecision;

    /// <summary>Nothing: the node is in its cluster.</summary>
    public sealed record Settled : FormationDecision
    {
        /// <summary>The only one.</summary>
        public static readonly Settled Instance = new();
    }
}
