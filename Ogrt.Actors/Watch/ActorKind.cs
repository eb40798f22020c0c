namespace Ogrt.Actors.Watch;

/// <summary>The kinds of actors that an operator may want to know about. A kind's label in metrics is its name in lower case.</summary>
public enum ActorKind
{
    /// <summary>Whatever is none of the others: Akka's own, for the most part.</summary>
    Other,

    /// <summary>The root of ingest.</summary>
    Ingest,

    /// <summary>A listener, its receiving thread included.</summary>
    Listener,

    /// <summary>A connection that goes on after it was accepted.</summary>
    Connection,

    /// <summary>The job feed and its stream.</summary>
    Feed,

    /// <summary>The shard region: the way from this node to all jobs.</summary>
    Region,

    /// <summary>A shard of jobs on this node.</summary>
    Shard,

    /// <summary>The coordinator of the shards, on the node that has it.</summary>
    Coordinator,

    /// <summary>A job.</summary>
    Job,

    /// <summary>The store of snapshots.</summary>
    Snapshots,

    /// <summary>The stream of a sink.</summary>
    Sink,
}
