namespace Ogrt.Sinks.Delivery;

/// <summary>What an answer says in numbers, before anything follows from it.</summary>
/// <param name="Settled">Items that the target took or had.</param>
/// <param name="Refused">Items that it will never take.</param>
/// <param name="IsPressed">Whether it has too much to do.</param>
/// <param name="LastRefusal">Why it refused the last of those, empty without any.</param>
internal readonly record struct Tally(long Settled, long Refused, bool IsPressed, string LastRefusal)
{
    private const int TooManyRequests = 429;
    private const int ServerError = 500;
    private const int MaxWords = 300;

    public static Tally Of(SinkAttempt attempt, SinkVerdict verdict) => verdict.Kind switch
    {
        SinkVerdictKind.Delivered => new Tally(attempt.Count, 0, false, ""),
        SinkVerdictKind.PerItem => OfItems(attempt),
        // One record that cannot be halved any further.
        SinkVerdictKind.Split when attempt.Count == 1 => new Tally(0, 1, false, Words(new Refusal(verdict.Reason, verdict.Detail, verdict.Status))),
        SinkVerdictKind.Split => new Tally(0, 0, false, ""),
        // A target that does not answer is not asked for more either.
        SinkVerdictKind.Retry => new Tally(0, 0, true, ""),
        _ => default,
    };

    private static Tally OfItems(SinkAttempt attempt)
    {
        int settled = 0, refused = 0;
        bool pressed = false;
        int last = -1;
        for (int item = 0; item < attempt.Count; item++)
        {
            switch (attempt.Outcome(item))
            {
                case SinkOutcome.Delivered or SinkOutcome.Duplicate:
                    settled++;
                    break;
                case SinkOutcome.Rejected:
                    refused++;
                    last = item;
                    break;
                case SinkOutcome.Retry when attempt.RefusalOf(item).Status is TooManyRequests or >= ServerError:
                    pressed = true;
                    break;
            }
        }
        return new Tally(settled, refused, pressed, last < 0 ? "" : Words(attempt.RefusalOf(last)));
    }

    // A target's words may quote a whole document.
    private static string Words(Refusal refusal)
    {
        string words = $"{refusal.Reason} {refusal.Detail}";
        return words.Length <= MaxWords ? words : words[..MaxWords] + "…";
    }
}
