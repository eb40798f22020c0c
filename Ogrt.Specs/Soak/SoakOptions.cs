namespace Ogrt.Specs.Soak;

/// <summary>What a run is.</summary>
/// <param name="Seed">What everything follows from: the frames, and a mixed schedule.</param>
/// <param name="Rate">Frames a second.</param>
/// <param name="FramesOfStep">Frames that are confirmed while the faults of a step are there.</param>
/// <param name="PoisonEvery">One process in so many is refused by targets with a schema; 0 for none.</param>
internal sealed record SoakOptions(ulong Seed, double Rate = 1500, int FramesOfStep = 800, int PoisonEvery = 50);
