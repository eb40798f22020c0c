namespace Ogrt.Sinks.Http;

/// <summary>What an answer to a whole request means where the target's protocol says nothing else.</summary>
internal static class HttpVerdicts
{
    /// <summary>The verdict on an answer that is not a success, but for status 400, which each protocol explains its own way.</summary>
    public static SinkVerdict Of(HttpAnswer answer)
    {
        switch (answer.Kind)
        {
            // The server had got it, or a part of it.
            case HttpAnswerKind.NoAnswer when answer.Reason is "connection_lost" or "connection_lost_while_sending":
                return SinkVerdict.Unanswered(answer.Reason, answer.Describe(), answer.Status, answer.RetryAfter);
            case HttpAnswerKind.NoAnswer:
            case HttpAnswerKind.TooLong:
                return SinkVerdict.Retry(answer.Reason, answer.Describe(), answer.Status, answer.RetryAfter);
            case HttpAnswerKind.Misconfigured:
                return SinkVerdict.Pause(answer.Reason, answer.Describe());
        }
        return answer.Status switch
        {
            413 => SinkVerdict.Split("too_large", answer.Describe(), answer.Status),
            408 or 425 or 429 => SinkVerdict.Retry(answer.Reason, answer.Describe(), answer.Status, answer.RetryAfter),
            // Not implemented, version not supported: that will not pass.
            501 or 505 => SinkVerdict.Pause(answer.Reason, answer.Describe(), answer.Status, answer.RetryAfter),
            // A gateway whose server does not answer.
            502 or 504 => SinkVerdict.Unanswered(answer.Reason, answer.Describe(), answer.Status, answer.RetryAfter),
            >= 500 => SinkVerdict.Retry(answer.Reason, answer.Describe(), answer.Status, answer.RetryAfter),
            // Redirects, wrong credentials, paths, methods and types: nothing is said about the records.
            _ => SinkVerdict.Pause(answer.Reason, answer.Describe(), answer.Status, answer.RetryAfter),
        };
    }
}
