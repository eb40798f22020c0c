namespace Ogrt.Actors.Jobs;

/// <summary>
/// Snapshots in a directory that several nodes share. A claim is a file that only one of them can create; the one with the
/// highest epoch counts. The file system must show a new file to every node at once: docs/cluster.md says which do.
/// </summary>
internal sealed class DirectoryClaims(JobSettings settings) : LocalClaims(settings)
{
    public override async ValueTask<long> ClaimAsync(string entityId) =>
        await Task.Run(() => Directory.Claim(entityId)).ConfigureAwait(false);

    public override async ValueTask<bool> ConfirmAsync(string entityId, long epoch, bool isOver) =>
        await Task.Run(() => Directory.NewestClaim(entityId) <= epoch).ConfigureAwait(false);
}
