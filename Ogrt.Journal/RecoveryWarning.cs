namespace Ogrt.Journal;

/// <summary>One thing that was not as a clean end leaves it.</summary>
/// <param name="Finding">What it is.</param>
/// <param name="Message">The same in words, with names and numbers.</param>
public sealed record RecoveryWarning(RecoveryFinding Finding, string Message);
