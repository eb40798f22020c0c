namespace Ogrt.Server.Tail;

/// <summary>What was not shown since the last notice.</summary>
/// <param name="NotShown">Records that match, beyond the rate that was asked for.</param>
/// <param name="Skipped">Records that were not looked at, because there were too many or the reader of this was too slow.</param>
public sealed record TailNotice(long NotShown, long Skipped);
