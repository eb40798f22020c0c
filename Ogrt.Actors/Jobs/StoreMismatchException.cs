using Akka.Configuration;

namespace Ogrt.Actors.Jobs;

/// <summary>The store of snapshots belongs to a cluster with another name or number of shards.</summary>
public sealed class StoreMismatchException : ConfigurationException
{
    /// <summary>Says what is stored and what to do.</summary>
    /// <param name="message">For the operator.</param>
    public StoreMismatchException(string message)
        : base(message)
    {
    }

    internal static void Check(string where, string storedCluster, int storedShards, JobSettings settings)
    {
        if (storedCluster != settings.Cluster)
        {
            throw new StoreMismatchException(
                $"{where} has the snapshots of the cluster \"{storedCluster}\", and ogrt.cluster is \"{settings.Cluster}\". Set it "
                + "back, or give this cluster another place for its snapshots.");
        }
        if (storedShards != settings.Shards)
        {
            throw new StoreMismatchException(
                $"The cluster \"{storedCluster}\" has {storedShards} shards, as {where} says, and ogrt.jobs.shards is {settings.Shards}. "
                + "Nodes with different numbers would look for one job in different places: set it back. To change it, stop all "
                + "nodes, change it on each, and take the stored number away as docs/cluster.md tells.");
        }
    }
}
