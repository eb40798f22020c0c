using Npgsql;

namespace Ogrt.Actors.Jobs;

/// <summary>The claims that go with a store, and what a server asks of it before it joins others.</summary>
public static class JobClaims
{
    internal static IJobClaims Create(JobSettings settings) => settings.SnapshotStore switch
    {
        SnapshotStoreKind.SharedDirectory => new DirectoryClaims(settings),
        SnapshotStoreKind.PostgreSql => new PostgreSqlClaims(settings),
        _ => new LocalClaims(settings),
    };

    /// <summary>
    /// Compares the cluster's name and its number of shards with what the store of snapshots says, or writes them into a new
    /// store. To be done before a node joins others.
    /// </summary>
    /// <param name="settings">The block <c>ogrt.jobs</c>.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>Why a database could not be asked, and will be when the first job needs it; null when all is well.</returns>
    /// <exception cref="StoreMismatchException">They are others.</exception>
    /// <exception cref="IOException">The directory cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The directory cannot be written.</exception>
    public static async Task<string?> AgreeAsync(JobSettings settings, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(settings);
        IJobClaims claims = Create(settings);
        await using (claims.ConfigureAwait(false))
        {
            try
            {
                await claims.AgreeAsync(cancellation).ConfigureAwait(false);
                return null;
            }
            catch (Exception e) when (e is NpgsqlException or TimeoutException || e.InnerException is NpgsqlException)
            {
                return $"The database {settings.PostgreSql}: {e.Message}";
            }
        }
    }
}
