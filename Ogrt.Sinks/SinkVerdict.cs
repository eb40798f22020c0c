namespace Ogrt.Sinks;

/// <summary>The answer of <see cref="ISink.SendAsync"/>.</summary>
public readonly record struct SinkVerdict
{
    private SinkVerdict(SinkVerdictKind kind, string reason, int status, string? detail, TimeSpan retryAfter)
    {
        Kind = kind;
        Reason = reason;
        Status = status;
        Detail = detail;
        RetryAfter = retryAfter;
    }

    /// <summary>What is to be done.</summary>
    public SinkVerdictKind Kind { get; }

    /// <summary>A short, snake_case word for the cause, from a small set: it is a metric's label.</summary>
    public string Reason { get; }

    /// <summary>The target's status, such as an HTTP code; 0 where there is none.</summary>
    public int Status { get; }

    /// <summary>The cause in the target's words, for the operator.</summary>
    public string? Detail { get; }

    /// <summary>The least time to wait that the target asked for; zero leaves it to the back-off.</summary>
    public TimeSpan RetryAfter { get; }

    /// <summary>Whether what is left waits for a configuration to change.</summary>
    public bool IsPause { get; private init; }

    /// <summary>
    /// Whether a request that the target had got stayed without an answer, so that one of its records may be the cause.
    /// </summary>
    public bool IsUnanswered { get; private init; }

    /// <summary>Everything was delivered.</summary>
    public static SinkVerdict Delivered => new(SinkVerdictKind.Delivered, "ok", 0, null, default);

    /// <summary>Each item's outcome is set on the attempt.</summary>
    public static SinkVerdict PerItem => new(SinkVerdictKind.PerItem, "ok", 0, null, default);

    /// <summary>
    /// Each item's outcome is set on the attempt, and those that are left wait for a configuration to change, as with
    /// <see cref="Pause"/>.
    /// </summary>
    public static SinkVerdict PerItemPause(string reason, string? detail = null, int status = 0, TimeSpan retryAfter = default) =>
        new(SinkVerdictKind.PerItem, reason, status, detail, retryAfter) { IsPause = true };

    /// <summary>All of it may pass later, or its outcome is unknown.</summary>
    public static SinkVerdict Retry(string reason, string? detail = null, int status = 0, TimeSpan retryAfter = default) =>
        new(SinkVerdictKind.Retry, reason, status, detail, retryAfter);

    /// <summary>
    /// As <see cref="Retry"/>, where the target had got the request and did not answer it: it may hang or die of one of the
    /// records, which the delivery then looks for.
    /// </summary>
    public static SinkVerdict Unanswered(string reason, string? detail = null, int status = 0, TimeSpan retryAfter = default) =>
        new(SinkVerdictKind.Retry, reason, status, detail, retryAfter) { IsUnanswered = true };

    /// <summary>The request is too large, or holds an item that the target cannot read and does not name.</summary>
    public static SinkVerdict Split(string reason, string? detail = null, int status = 0) =>
        new(SinkVerdictKind.Split, reason, status, detail, default);

    /// <summary>A configuration must change before anything is accepted.</summary>
    public static SinkVerdict Pause(string reason, string? detail = null, int status = 0, TimeSpan retryAfter = default) =>
        new(SinkVerdictKind.Pause, reason, status, detail, retryAfter) { IsPause = true };
}
