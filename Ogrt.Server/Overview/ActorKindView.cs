using Ogrt.Actors.Watch;

namespace Ogrt.Server.Overview;

/// <summary>The actors of one kind on this node.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Live">How many there are.</param>
/// <param name="Messages">Messages in their mailboxes.</param>
/// <param name="Deepest">Messages in the fullest of them.</param>
/// <param name="WaitSeconds">How long a message waited for its turn; null where nobody was asked.</param>
/// <param name="Handled">Messages, or batches, handled; null for kinds that do not count.</param>
/// <param name="HandlingSeconds">Time spent in that; null for kinds that do not measure it.</param>
/// <param name="Restarts">Restarts after failures.</param>
/// <param name="Unhandled">Messages that nobody took.</param>
/// <param name="DeadLetters">Messages to actors that were gone.</param>
public sealed record ActorKindView(
    string Kind, int Live, long Messages, long Deepest, double? WaitSeconds, long? Handled, double? HandlingSeconds, long Restarts, long Unhandled, long DeadLetters)
{
    /// <summary>A kind with what it counts.</summary>
    public static ActorKindView Of(ActorMetrics metrics, KindSample sample)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        ArgumentNullException.ThrowIfNull(sample);
        ActorWork work = metrics.WorkOf(sample.Kind);
        ActorCounters counters = metrics[sample.Kind];
        bool counts = ActorKinds.Counting.Contains(sample.Kind);
        return new ActorKindView(
            ActorKinds.Label(sample.Kind), sample.Live, sample.Messages, sample.Deepest,
            sample.Live > 0 && sample.Kind != ActorKind.Other ? sample.Wait.TotalSeconds : null,
            counts ? work.Handled : null, counts && sample.Kind != ActorKind.Region ? work.Time.TotalSeconds : null,
            work.Restarts, counters.Unhandled, counters.DeadLetters);
    }
}
