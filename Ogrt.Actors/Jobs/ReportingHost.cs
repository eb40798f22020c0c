namespace Ogrt.Actors.Jobs;

/// <summary>A compute node, by what it has sent.</summary>
/// <param name="Name">The name that its frames give.</param>
/// <param name="Frames">Frames with this name since the start.</param>
/// <param name="FirstNs">When the first of them arrived, in nanoseconds since 1970.</param>
/// <param name="LastNs">When the latest did.</param>
public sealed record ReportingHost(string Name, long Frames, long FirstNs, long LastNs);
