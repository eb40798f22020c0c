using Akka.Actor;

namespace Ogrt.Actors.Jobs;

/// <summary>Published on the event stream of a node: a job that had not ended was stopped here because its shard moves.</summary>
/// <param name="EntityId">The job.</param>
internal sealed record JobHandedOff(string EntityId) : INoSerializationVerificationNeeded;
