namespace Ogrt.Sinks.Delivery;

/// <summary>
/// What speaks for it that the items of an attempt are why the target does not answer. A target that answers nobody says nothing
/// about them; one that answers others between two of their attempts does.
/// </summary>
/// <param name="Unanswered">Attempts without an answer.</param>
/// <param name="Proven">Those of them, of a single item, before which the target had answered others since the one before.</param>
/// <param name="Answers">Answers of the target at the last of them.</param>
/// <param name="IsPart">Whether the attempt is a part of one that was halved for it.</param>
internal readonly record struct Suspicion(int Unanswered, int Proven, long Answers, bool IsPart)
{
    /// <summary>One more attempt without an answer.</summary>
    /// <param name="answers">Answers of the target so far.</param>
    /// <param name="single">Whether it was of one item.</param>
    public Suspicion Grow(long answers, bool single) => this with
    {
        Unanswered = Unanswered + 1,
        Proven = Proven + (single && Unanswered > 0 && answers > Answers ? 1 : 0),
        Answers = answers,
    };
}
