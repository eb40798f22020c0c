namespace Ogrt.Server.Overview;

/// <summary>Something that was lost.</summary>
/// <param name="Where">The stage and its name.</param>
/// <param name="Reason">Why.</param>
/// <param name="Count">How often.</param>
public sealed record LossView(string Where, string Reason, long Count);
