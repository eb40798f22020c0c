using Akka.Cluster.Sharding;

namespace Ogrt.Actors.Jobs;

/// <summary>Tells sharding the entity of a message. All nodes must agree on the number of shards, for ever.</summary>
internal sealed class JobMessageExtractor(int shards) : HashCodeMessageExtractor(shards)
{
    public override string? EntityId(object message) => (message as IJobMessage)?.EntityId;
}
