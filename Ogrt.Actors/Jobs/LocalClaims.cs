using System.Runtime.CompilerServices;
using Ogrt.Actors.Jobs.Protocol;
using Ogrt.Wire.Protocol;

namespace Ogrt.Actors.Jobs;

/// <summary>Snapshots in a directory that only this process writes: a job lives once, and nothing is claimed.</summary>
internal class LocalClaims(JobSettings settings) : IJobClaims
{
    protected SnapshotDirectory Directory { get; } = new(settings.SnapshotDirectory, settings.SnapshotSync);

    public string PersistenceIdOf(string entityId) => entityId;

    public Task AgreeAsync(CancellationToken cancellation) => Task.Run(
        () =>
        {
            (string cluster, int shards) = Directory.Agree(settings.Cluster, settings.Shards);
            StoreMismatchException.Check(settings.SnapshotDirectory, cluster, shards, settings);
        },
        cancellation);

    public virtual ValueTask<long> ClaimAsync(string entityId) => ValueTask.FromResult(0L);

    public virtual ValueTask<bool> ConfirmAsync(string entityId, long epoch, bool isOver) => ValueTask.FromResult(true);

    public async IAsyncEnumerable<string> SweepAsync(DateTime oldest, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.Yield();
        foreach (SnapshotContent content in Directory.Sweep(oldest))
        {
            cancellation.ThrowIfCancellationRequested();
            JobSnapshot snapshot = JobSnapshot.Parser.ParseFrom(content.Payload);
            if (snapshot.Incarnations.Any(i => i.NeedsRecord || i.State != (uint)JobState.JobEnded))
                yield return snapshot.EntityId;
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
