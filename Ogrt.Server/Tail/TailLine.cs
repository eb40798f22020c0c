namespace Ogrt.Server.Tail;

/// <summary>A line of the answer: one of the two.</summary>
/// <param name="Record">A record.</param>
/// <param name="Notice">What was not shown.</param>
public sealed record TailLine(TailRecord? Record, TailNotice? Notice);
