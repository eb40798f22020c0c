namespace Ogrt.Actors.Jobs;

/// <summary>
/// Who may save a job. Each life of a job actor claims its job and gets an epoch, larger than any that was given before; what it
/// saves counts only while nobody has claimed the job after it.
/// </summary>
/// <remarks>
/// A life claims, then loads the newest snapshot, saves under sequence numbers that begin with its epoch, and confirms its claim
/// after each save, before it acknowledges a frame. If the confirmation came before the claim of the next life, that life's load
/// came after the save and has it; else nothing is acknowledged, and the frames come again. docs/decisions/0012 has the whole.
/// </remarks>
internal interface IJobClaims : IAsyncDisposable
{
    /// <summary>Under which name the snapshots of a job are kept.</summary>
    string PersistenceIdOf(string entityId);

    /// <summary>Compares number of shards and cluster name with what is stored, or stores them.</summary>
    /// <exception cref="StoreMismatchException">They are others.</exception>
    Task AgreeAsync(CancellationToken cancellation);

    /// <summary>Claims a job.</summary>
    /// <returns>The epoch; 0 where only this process saves jobs and none is needed.</returns>
    ValueTask<long> ClaimAsync(string entityId);

    /// <summary>Whether nobody has claimed the job since.</summary>
    /// <param name="entityId">The job.</param>
    /// <param name="epoch">What <see cref="ClaimAsync"/> gave.</param>
    /// <param name="isOver">Whether nothing is to be done for the job until a frame comes.</param>
    ValueTask<bool> ConfirmAsync(string entityId, long epoch, bool isOver);

    /// <summary>Forgets jobs that have not been saved for long, and tells those for which something is to be done.</summary>
    /// <param name="oldest">What was saved before is forgotten.</param>
    /// <param name="cancellation">Ends it.</param>
    IAsyncEnumerable<string> SweepAsync(DateTime oldest, CancellationToken cancellation);
}
