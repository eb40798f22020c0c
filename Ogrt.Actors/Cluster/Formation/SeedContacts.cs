namespace Ogrt.Actors.Cluster.Formation;

/// <summary>The configured seeds.</summary>
public sealed class SeedContacts(IReadOnlyList<NodeAddress> seeds) : IContactSource
{
    /// <inheritdoc/>
    public Task<(IReadOnlyList<NodeAddress>? Contacts, string Why)> LookUpAsync(CancellationToken cancellationToken) =>
        Task.FromResult<(IReadOnlyList<NodeAddress>?, string)>((seeds, ""));
}
