namespace Ogrt.Sinks.Endpoints;

/// <summary>Leave to send one request to an endpoint.</summary>
/// <param name="IsProbe">It is the one request that tries an endpoint again.</param>
/// <param name="IsForced">It goes to an endpoint whose time is not over, because there is no other.</param>
internal readonly record struct CircuitPermit(bool IsProbe, bool IsForced = false);
