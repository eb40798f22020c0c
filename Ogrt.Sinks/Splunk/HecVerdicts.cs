using Ogrt.Sinks.Http;

namespace Ogrt.Sinks.Splunk;

/// <summary>
/// What the collector's answers mean for the events of a request. Codes up to 23 are those of
/// https://docs.splunk.com/Documentation/Splunk/latest/Data/TroubleshootHTTPEventCollector; others go by their status.
/// </summary>
internal static class HecVerdicts
{
    /// <summary>Reads an answer to a request with events, or to the question whether the collector is well.</summary>
    public static (HecMeaning Meaning, SinkVerdict Verdict) Of(HttpAnswer answer, HecAnswer said)
    {
        if (answer.Kind != HttpAnswerKind.Answered)
            return (HecMeaning.Other, HttpVerdicts.Of(answer));
        if (answer.IsSuccess)
        {
            // A proxy's page of welcome is a success as well, and half an answer may be of anybody.
            return said.Code is 0 or 17
                ? (HecMeaning.Taken, SinkVerdict.Delivered)
                : (HecMeaning.Other, SinkVerdict.Retry("unexpected_answer", Words(answer, "this is not what a collector answers"), answer.Status));
        }
        string reason = ReasonOf(said.Code);
        switch (said.Code)
        {
            case 1 or 2 or 3 or 4 or 16 or 21 or 22 when answer.Status is 400 or 401 or 403:
                return Pause(answer, reason, "the token must be put right, in token-file or at the server");
            case 7 when answer.Status == 400:
                return Pause(answer, reason, "the token may not write to this index, or it does not exist: see the setting index, and the token's list of indexes");
            case 10 or 11 when answer.Status == 400:
                return Pause(answer, reason, "the token wants indexer acknowledgement: set acknowledgement = on, or switch it off at the token");
            case 14 when answer.Status == 400:
                return AcknowledgementIsOff(answer);
            case 8 or 9 or 18 or 19 or 20 or 23:
                return (HecMeaning.Other, SinkVerdict.Retry(reason, answer.Describe(), answer.Status, answer.RetryAfter));
        }
        if (answer.Status != 400)
        {
            SinkVerdict verdict = HttpVerdicts.Of(answer);
            return (HecMeaning.Other, said.Code is null || verdict.Kind == SinkVerdictKind.Split
                ? verdict
                : verdict.Kind == SinkVerdictKind.Pause
                    ? SinkVerdict.Pause(reason, verdict.Detail, verdict.Status, verdict.RetryAfter)
                    : SinkVerdict.Retry(reason, verdict.Detail, verdict.Status, verdict.RetryAfter));
        }
        // A proxy that wants a certificate, or to be spoken to in another way, says so in a page.
        if (said.Code is null && answer.MediaType == "text/html")
            return Pause(answer, answer.Reason, "this is a page of somebody between here and the collector");
        return (HecMeaning.EventRefused, SinkVerdict.Split(reason, answer.Describe(), answer.Status));
    }

    /// <summary>The verdict where the token has no acknowledgement and the sink wants it.</summary>
    public static (HecMeaning Meaning, SinkVerdict Verdict) AcknowledgementIsOff(HttpAnswer answer) =>
        Pause(answer, "acknowledgement_disabled", "the token has no indexer acknowledgement: switch it on there, or set acknowledgement = off");

    /// <summary>The word for a code.</summary>
    public static string ReasonOf(int? code) => code switch
    {
        1 => "token_disabled",
        2 => "token_required",
        3 => "invalid_authorization",
        4 => "invalid_token",
        5 => "no_data",
        6 => "invalid_data_format",
        7 => "incorrect_index",
        8 => "internal_server_error",
        9 => "server_busy",
        10 => "channel_missing",
        11 => "invalid_channel",
        12 => "event_required",
        13 => "event_blank",
        14 => "acknowledgement_disabled",
        15 => "invalid_indexed_fields",
        16 => "query_authorization_disabled",
        18 or 19 or 20 => "unhealthy",
        21 or 22 => "invalid_token",
        23 => "shutting_down",
        null => "bad_request",
        _ => "other_code",
    };

    private static (HecMeaning Meaning, SinkVerdict Verdict) Pause(HttpAnswer answer, string reason, string advice) =>
        (HecMeaning.Other, SinkVerdict.Pause(reason, Words(answer, advice), answer.Status, answer.RetryAfter));

    private static string Words(HttpAnswer answer, string advice) => answer.Describe() + " (" + advice + ")";
}
