namespace Ogrt.Sinks;

/// <summary>Why a target did not take an item.</summary>
/// <param name="Reason">A short, snake_case word.</param>
/// <param name="Detail">The target's words.</param>
/// <param name="Status">The target's status.</param>
internal readonly record struct Refusal(string? Reason, string? Detail, int Status);
