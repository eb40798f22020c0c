namespace Ogrt.Actors.Watch;

/// <summary>How the actors of a kind stood at one moment.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Live">How many there were.</param>
/// <param name="Messages">Messages in all of their mailboxes.</param>
/// <param name="Deepest">Messages in the fullest of them.</param>
/// <param name="Wait">How long a message waited for its turn; of one that still waits, how long it has by now. Zero where there
/// was nobody to ask.</param>
public sealed record KindSample(ActorKind Kind, int Live, long Messages, long Deepest, TimeSpan Wait)
{
    /// <summary>Nobody.</summary>
    public static KindSample None(ActorKind kind) => new(kind, 0, 0, 0, TimeSpan.Zero);
}
