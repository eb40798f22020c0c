namespace Ogrt.Server.Overview;

/// <summary>A stage of the pipeline. What does not apply to it, or is not known, is null.</summary>
/// <param name="Stage">listener, connections, journal, feed, shards or sink.</param>
/// <param name="Name">Which one, where there are several.</param>
/// <param name="In">What has come in.</param>
/// <param name="Out">What has gone on.</param>
/// <param name="Queue">What waits in it.</param>
/// <param name="OldestSeconds">How long the oldest of that has waited.</param>
/// <param name="State">ok, or why it is not: <c>blocked-by: …</c>, retrying, paused.</param>
/// <param name="Lost">What was lost here.</param>
/// <param name="Errors">What failed here and was tried again, or was refused.</param>
/// <param name="Detail">More about the state; null when there is nothing to say.</param>
public sealed record StageView(
    string Stage, string Name, long? In, long? Out, long? Queue, double? OldestSeconds, string State, long? Lost, long? Errors, string? Detail);
