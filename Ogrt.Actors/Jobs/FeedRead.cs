using Akka.Actor;

namespace Ogrt.Actors.Jobs;

/// <summary>What the feed has read in one go.</summary>
/// <param name="Batches">Frames by job, in the order of their offsets within each job.</param>
/// <param name="Position">Everything before this offset has been read.</param>
/// <param name="Replay">What it was read again for; null for what is read for the first time.</param>
internal sealed record FeedRead(IReadOnlyList<JobFrames> Batches, long Position, FeedReplay? Replay) : INoSerializationVerificationNeeded;
