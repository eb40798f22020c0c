using System.Globalization;
using Akka.Actor;
using Ogrt.Journal;

namespace Ogrt.Actors.Jobs;

/// <summary>What all job actors of a node share.</summary>
/// <param name="Settings">The block <c>ogrt.jobs</c>.</param>
/// <param name="Metrics">Where they count.</param>
/// <param name="Journal">Where they write their records.</param>
/// <param name="SnapshotStore">A plugin of Akka.Persistence.</param>
/// <param name="Claims">Who may save a job.</param>
internal sealed record JobContext(
    JobSettings Settings, JobMetrics Metrics, SegmentedJournal Journal, IActorRef SnapshotStore, IJobClaims Claims)
{
    /// <summary>Why a request to the store has failed that got no answer in time. Told, and never thrown.</summary>
    public TimeoutException NoAnswer { get; } = new(string.Create(
        CultureInfo.InvariantCulture, $"The store of snapshots has not answered for {Settings.SnapshotAnswerTimeout.TotalSeconds:0.#} s."));
}
