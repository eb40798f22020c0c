namespace Ogrt.Server.Hosting;

/// <summary>How one part of the server is, for readiness.</summary>
/// <param name="State">A word: ok, starting, full, retrying, and so on.</param>
/// <param name="IsReady">Whether the server can take frames as far as this part is concerned.</param>
/// <param name="Detail">More about it; null when there is nothing to say.</param>
public sealed record PartState(string State, bool IsReady, string? Detail = null);
