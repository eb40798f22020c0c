namespace Ogrt.Actors.Jobs;

/// <summary>Bounds of a job record.</summary>
public static class JobRecordLimits
{
    /// <summary>
    /// A larger record gets fewer nodes. It must fit into a message between nodes: half of
    /// <c>akka.remote.dot-netty.tcp.maximum-frame-size</c> as reference.conf sets it.
    /// </summary>
    public const int MaxBytes = 2 << 20;
}
