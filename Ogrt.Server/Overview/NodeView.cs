namespace Ogrt.Server.Overview;

/// <summary>A compute node.</summary>
/// <param name="Name">The name that its frames give.</param>
/// <param name="Frames">Frames since the start.</param>
/// <param name="First">When the first came.</param>
/// <param name="Last">When the latest came.</param>
/// <param name="IdleSeconds">How long ago that was.</param>
/// <param name="State">sending, quiet or silent.</param>
public sealed record NodeView(string Name, long Frames, DateTimeOffset First, DateTimeOffset Last, double IdleSeconds, string State);
