namespace Ogrt.Sinks.Delivery;

/// <summary>Leave to send one request.</summary>
/// <param name="IsProbe">Whether it is the one that finds out if a failed target is back.</param>
internal readonly record struct GatePermit(bool IsProbe);
