using Ogrt.Sinks.Http;

namespace Ogrt.Sinks.Elasticsearch;

/// <summary>
/// Turns an answer into outcomes of the items and a verdict on the request. It knows no connection and no clock, so that
/// every answer there is can be put to it.
/// </summary>
internal sealed class BulkOutcome
{
    // Requests that break off while they are sent, again and again, are refused for their size by something that says
    // nothing; smaller ones may pass.
    private const int AttemptsBeforeHalving = 3;

    private readonly SinkAttempt _attempt;
    private int _taken;
    private int _inFailureStore;
    private string? _pauseReason;
    private string? _pauseDetail;
    private int _pauseStatus;

    private BulkOutcome(SinkAttempt attempt) => _attempt = attempt;

    /// <summary>The verdict, and how many documents a failure store has taken.</summary>
    public static (SinkVerdict Verdict, int InFailureStore) Of(HttpAnswer answer, SinkAttempt attempt)
    {
        if (answer.IsSuccess)
        {
            var outcome = new BulkOutcome(attempt);
            SinkVerdict verdict = outcome.Items(answer);
            return (verdict, verdict.Kind is SinkVerdictKind.PerItem or SinkVerdictKind.Delivered ? outcome._inFailureStore : 0);
        }
        return (WholeRequest(answer, attempt), 0);
    }

    private static SinkVerdict WholeRequest(HttpAnswer answer, SinkAttempt attempt)
    {
        bool canHalve = attempt.Count > 1 && attempt.Number >= AttemptsBeforeHalving;
        switch (answer)
        {
            // The answer grows with the request, so that a smaller one may be understood.
            case { Kind: HttpAnswerKind.TooLong } when attempt.Count > 1:
                return SinkVerdict.Split(answer.Reason, answer.Describe(), answer.Status);
            case { Kind: HttpAnswerKind.NoAnswer, Reason: "connection_lost_while_sending" } when canHalve:
                return SinkVerdict.Split("broken_off", answer.Describe());
            case { Kind: HttpAnswerKind.Answered, Status: 400 }:
                return BadRequest(answer);
            default:
                return HttpVerdicts.Of(answer);
        }
    }

    private static SinkVerdict BadRequest(HttpAnswer answer)
    {
        bool isOurs = BulkResponse.TryReadError(answer.Body.Span, out string type, out string reason);
        if (isOurs && BulkErrors.IsConfiguration(type, reason))
            return SinkVerdict.Pause(BulkErrors.LabelOf(type), $"{type}: {reason}", answer.Status);
        // A page is from something between us and the server, which asks for a certificate or for TLS.
        if (answer.MediaType == "text/html")
            return SinkVerdict.Pause("http_400", answer.Describe(), answer.Status);
        return SinkVerdict.Split("bad_request", answer.Describe(), answer.Status);
    }

    private SinkVerdict Items(HttpAnswer answer)
    {
        bool isWhole = BulkResponse.Read(answer.Body.Span, _attempt.Count, Take, out int count);
        if (!isWhole)
            return SinkVerdict.Retry("unreadable_answer", answer.Describe(), answer.Status);
        if (count != _attempt.Count)
        {
            string detail = $"{count} items in an answer to {_attempt.Count}: nobody knows which";
            return _attempt.Count > 1 && _attempt.Number >= AttemptsBeforeHalving
                ? SinkVerdict.Split("item_count", detail, answer.Status)
                : SinkVerdict.Retry("item_count", detail, answer.Status);
        }
        if (_taken == count)
            return SinkVerdict.Delivered;
        return _pauseReason is null
            ? SinkVerdict.PerItem
            : SinkVerdict.PerItemPause(_pauseReason, _pauseDetail, _pauseStatus);
    }

    private void Take(int number, in BulkItem item)
    {
        if (item.IsTaken)
        {
            _taken++;
            if (item.IsInFailureStore)
                _inFailureStore++;
            _attempt.Set(number, SinkOutcome.Delivered);
            return;
        }
        string type = BulkResponse.Text(item.ErrorType);
        string reason = BulkResponse.Text(item.ErrorReason);
        BulkAction action = BulkLines.ActionOf(_attempt.Payload(number).Span);
        switch (BulkErrors.FateOf(action, item.Status, type, reason))
        {
            case BulkItemFate.Duplicate:
                _attempt.Set(number, SinkOutcome.Duplicate);
                break;
            case BulkItemFate.Reject:
                _attempt.Reject(number, BulkErrors.LabelOf(type), $"{type}: {reason}", item.Status);
                break;
            case BulkItemFate.Pause:
                // Cluster-wide causes are the same for all: the first is told.
                _pauseReason ??= BulkErrors.LabelOf(type);
                _pauseDetail ??= $"{type}: {reason}";
                _pauseStatus = _pauseStatus == 0 ? item.Status : _pauseStatus;
                _attempt.Retry(number, BulkErrors.LabelOf(type), item.Status);
                break;
            default:
                _attempt.Retry(number, BulkErrors.LabelOf(type), item.Status);
                break;
        }
    }
}
