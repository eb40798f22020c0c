namespace Ogrt.Specs.Soak;

/// <summary>What a run is.</summary>
/// <param name="Seed">What everything follows from: the frames, and a mixed schedule.</param>
/// <param name="Rate">Frames a second.</param>
/// <param name="FramesOfStep">Frames that are confirmed while the faults of a step are there.</param>
/// <param name="PoisonEvery">One process in so many is refused by targets with a schema; 0 for none.</param>
internal sealed record SoakOptions(ulong Seed, double Rate = 1500, int FramesOfStep = 800, int PoisonEvery = 50)
{
    /// <summary>How long the database of a cluster is stopped. A short run has time for the first tries that fail, a long one for the
    /// longest pauses between them.</summary>
    public TimeSpan DatabaseAway { get; init; } = TimeSpan.FromSeconds(6);
}
