using Akka.Event;

namespace Ogrt.Actors.Cluster.Formation;

/// <summary>What nodes say to each other about the cluster itself; <see cref="ClusterSerializer"/> takes it over the wire.</summary>
public interface IClusterMessage;

/// <summary>One process of a node: a node that is started again has another one.</summary>
/// <param name="Address">Where it is reached.</param>
/// <param name="Uid">Drawn at its start.</param>
public readonly record struct Incarnation(NodeAddress Address, long Uid)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Address}#{Uid:x}";
}

/// <summary>Where a node is on its way into a cluster.</summary>
public enum FormationStatus
{
    /// <summary>In no cluster.</summary>
    Waiting = 0,

    /// <summary>In a cluster, but not yet up in it: founding it, or joining.</summary>
    Joining = 1,

    /// <summary>Up.</summary>
    Up = 2,

    /// <summary>On its way out: nobody should join by it.</summary>
    Leaving = 3,
}

/// <summary>Node to node, while the sender is looking for a cluster: who are you, and may I found one?</summary>
/// <param name="Cluster">The name of the sender's cluster.</param>
/// <param name="From">The sender.</param>
/// <param name="AskedAt">The sender's clock, which the answer repeats.</param>
/// <param name="AsksVote">Whether it wants to found a cluster.</param>
public sealed record Hello(string Cluster, Incarnation From, long AskedAt, bool AsksVote) : IClusterMessage, IDeadLetterSuppression;

/// <summary>Answers <see cref="Hello"/>.</summary>
/// <param name="Cluster">The name of the cluster.</param>
/// <param name="From">Who answers.</param>
/// <param name="AskedAt">As in the question.</param>
/// <param name="Status">Where it is.</param>
/// <param name="ClusterId">Which cluster it is in, or empty.</param>
/// <param name="Members">Nodes of that cluster by which it can be joined.</param>
/// <param name="Seeds">Its list of seeds in its order, to compare; empty where there is none.</param>
/// <param name="Granted">Whether the asker has its vote.</param>
/// <param name="Shards">The number of shards that jobs are spread over; 0 from a node that does not tell.</param>
public sealed record HelloReply(
    string Cluster, Incarnation From, long AskedAt, FormationStatus Status, string ClusterId, IReadOnlyList<NodeAddress> Members,
    string Seeds, bool Granted, int Shards = 0) : IClusterMessage, IDeadLetterSuppression;

/// <summary>Node to node: stop in an orderly way and leave the cluster, because an operator has asked for it.</summary>
/// <param name="From">The node that the operator is on, for the log.</param>
public sealed record LeaveRequest(string From) : IClusterMessage;

/// <summary>Answers <see cref="LeaveRequest"/>: the stop has begun.</summary>
public sealed record LeaveStarted : IClusterMessage
{
    /// <summary>The only one.</summary>
    public static readonly LeaveStarted Instance = new();
}
