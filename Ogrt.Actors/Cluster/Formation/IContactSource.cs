namespace Ogrt.Actors.Cluster.Formation;

/// <summary>Tells which nodes there are.</summary>
public interface IContactSource
{
    /// <summary>The nodes, in the order in which they may found a cluster.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The nodes, possibly none; null with a reason when they cannot be told now.</returns>
    Task<(IReadOnlyList<NodeAddress>? Contacts, string Why)> LookUpAsync(CancellationToken cancellationToken);
}
