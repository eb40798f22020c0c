namespace Ogrt.Sinks.DeadLetters;

/// <summary>What sending dead letters again has come to.</summary>
/// <param name="Sent">Letters that the target was asked to take.</param>
/// <param name="Delivered">Those that it took, or had: they are letters no more.</param>
/// <param name="Refused">Those that it refused again: they stay.</param>
public readonly record struct RetryResult(long Sent, long Delivered, long Refused);
