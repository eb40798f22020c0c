namespace Ogrt.Actors.Jobs;

/// <summary>Where snapshots of jobs are kept: <c>ogrt.jobs.snapshots.store</c>.</summary>
public enum SnapshotStoreKind
{
    /// <summary>In a directory of this node, which no other node reads.</summary>
    Local,

    /// <summary>In a directory on a file system that all nodes of the cluster share.</summary>
    SharedDirectory,

    /// <summary>In a PostgreSQL database that all nodes of the cluster use.</summary>
    PostgreSql,
}
