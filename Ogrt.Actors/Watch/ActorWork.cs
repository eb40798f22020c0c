namespace Ogrt.Actors.Watch;

/// <summary>What the actors of a kind have done since the start.</summary>
/// <param name="Handled">Messages, or batches where those are what passes.</param>
/// <param name="Time">How long handling them took together; zero where it is not measured.</param>
/// <param name="Restarts">How often one of them was restarted after it had failed.</param>
public readonly record struct ActorWork(long Handled, TimeSpan Time, long Restarts);
