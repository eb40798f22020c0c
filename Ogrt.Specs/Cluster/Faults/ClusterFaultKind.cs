namespace Ogrt.Specs.Cluster.Faults;

/// <summary>What goes wrong in a cluster.</summary>
internal enum ClusterFaultKind
{
    /// <summary>SIGKILL of a node.</summary>
    KillNode,

    /// <summary>SIGKILL of the node that has the coordinator of shards.</summary>
    KillCoordinator,

    /// <summary>SIGKILL of all nodes but one.</summary>
    KillTwo,

    /// <summary>SIGKILL of all nodes.</summary>
    KillAll,

    /// <summary>SIGSTOP of a node for 15 s, then SIGCONT.</summary>
    Pause,

    /// <summary>A node and all others lose the packets of each other.</summary>
    Partition,

    /// <summary>Every node loses the packets of every other.</summary>
    PartitionAll,

    /// <summary>The others lose the packets of a node, and it has theirs.</summary>
    OneWay,

    /// <summary>A node is cut off from the others and back every 3 s.</summary>
    Flapping,

    /// <summary>One packet in twenty between nodes gets lost.</summary>
    Loss,

    /// <summary>Everything between two nodes takes 200 ms longer, each way.</summary>
    Delay,

    /// <summary>A node dies and comes back without anything that it had on its disk.</summary>
    DiskLost,

    /// <summary>No room is left on a node's disk.</summary>
    DiskFull,

    /// <summary>A node's clock goes forward by an hour.</summary>
    ClockForward,

    /// <summary>A node's clock goes back by an hour.</summary>
    ClockBack,

    /// <summary>The database of snapshots is stopped, and started at the end.</summary>
    DatabaseStopped,

    /// <summary>The database of snapshots is killed, and started again at once.</summary>
    DatabaseKilled,

    /// <summary>Each answer of the database of snapshots takes 400 ms longer.</summary>
    DatabaseSlow,

    /// <summary>Each node in turn leaves in order, and is started again.</summary>
    RollingRestart,

    /// <summary>The alias names some of the nodes only, and an address that nobody has.</summary>
    NamesChange,

    /// <summary>A node leaves, and comes back with another number of shards.</summary>
    OtherShards,
}
