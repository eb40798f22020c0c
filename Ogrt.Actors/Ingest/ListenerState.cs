namespace Ogrt.Actors.Ingest;

/// <summary>A listener at one moment; counts are since the start.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Frames">Frames that are in the journal.</param>
/// <param name="Bytes">Their bytes.</param>
/// <param name="Connections">Connections that were accepted.</param>
/// <param name="OpenConnections">Those that are open and have an actor.</param>
/// <param name="Datagrams">Datagrams that were received.</param>
/// <param name="KernelDrops">Datagrams that the kernel has dropped.</param>
/// <param name="Restarts">Restarts of the listener.</param>
/// <param name="Rejected">What was rejected, by reason; only reasons that have occurred.</param>
public sealed record ListenerState(
    string Name,
    long Frames,
    long Bytes,
    long Connections,
    long OpenConnections,
    long Datagrams,
    long KernelDrops,
    long Restarts,
    IReadOnlyDictionary<string, long> Rejected);
