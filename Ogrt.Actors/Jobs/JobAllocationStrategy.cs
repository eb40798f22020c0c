using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster.Sharding;

namespace Ogrt.Actors.Jobs;

/// <summary>
/// Gives a new shard to the node with the fewest, and moves none: a job's tree is in memory, and moving it costs a snapshot
/// and a pause. Shards move when their node leaves.
/// </summary>
internal sealed class JobAllocationStrategy : IShardAllocationStrategy
{
    public Task<IActorRef> AllocateShard(
        IActorRef requester, string shardId, IImmutableDictionary<IActorRef, IImmutableList<string>> currentShardAllocations) =>
        Task.FromResult(currentShardAllocations.MinBy(pair => pair.Value.Count).Key ?? requester);

    public Task<IImmutableSet<string>> Rebalance(
        IImmutableDictionary<IActorRef, IImmutableList<string>> currentShardAllocations, IImmutableSet<string> rebalanceInProgress) =>
        Task.FromResult<IImmutableSet<string>>(ImmutableHashSet<string>.Empty);
}
