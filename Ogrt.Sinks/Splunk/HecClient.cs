using System.Net.Http.Headers;
using Ogrt.Sinks.Http;
using Ogrt.Sinks.Splunk.Acknowledgements;

namespace Ogrt.Sinks.Splunk;

/// <summary>Speaks to the collectors of one sink: asks whether they are well, sends events, and waits until these are indexed.</summary>
internal sealed class HecClient : IAsyncDisposable
{
    // Beside the batches: questions for acknowledgements, and for requests that are given up.
    private const int MoreConnections = 4;

    private static readonly MediaTypeHeaderValue Json = new("application/json");

    private readonly SplunkSettings _settings;
    private readonly Dictionary<HttpEndpoint, EndpointAcks> _acks = [];

    public HecClient(SinkSettings sink, SplunkSettings settings, SinkContext context, TimeProvider? time = null)
    {
        _settings = settings;
        Target = new HttpTarget(sink.Name, settings.Http, context.PathOf, sink.MaxInFlight + MoreConnections, time);
        if (!settings.Acknowledgement)
            return;
        foreach (HttpEndpoint endpoint in Target.Endpoints)
            _acks.Add(endpoint, new EndpointAcks(endpoint, settings, time ?? TimeProvider.System, context.Log, Counts));
    }

    /// <summary>The servers.</summary>
    public HttpTarget Target { get; }

    /// <summary>What became of requests that were taken.</summary>
    public AckCounts Counts { get; } = new();

    /// <summary>Asks whether a collector is well, and whether the token is good.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task<SinkVerdict> HealthAsync(CancellationToken cancellationToken)
    {
        using HttpAnswer answer = await Target.SendAsync(new HttpCall(HttpMethod.Get, HecPaths.Health), cancellationToken).ConfigureAwait(false);
        HecAnswer said = HecAnswer.Read(answer.Body.Span);
        // What only speaks the collector's protocol may have no such page: only what would hinder events as well hinders here.
        bool hinders = answer.Kind != HttpAnswerKind.Answered || answer.Status is 401 or 403 or 429 or >= 500
            || (answer.Status == 400 && said.Code is >= 1 and <= 4 or 21 or 22);
        return hinders ? HecVerdicts.Of(answer, said).Verdict : SinkVerdict.Delivered;
    }

    /// <summary>Asks each collector that can be reached whether the token has indexer acknowledgement.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task<SinkVerdict> AcknowledgementAsync(CancellationToken cancellationToken)
    {
        foreach (EndpointAcks acks in _acks.Values)
        {
            using HttpAnswer answer = await acks.ProbeAsync(cancellationToken).ConfigureAwait(false);
            if (answer.Kind == HttpAnswerKind.Misconfigured)
                return HttpVerdicts.Of(answer);
            // Codes 5, 6 and 12: it takes the question for an event.
            int? code = HecAnswer.Read(answer.Body.Span).Code;
            if (answer.Status == 404 || (answer.Status == 400 && code is 5 or 6 or 12 or 14))
                return HecVerdicts.AcknowledgementIsOff(answer).Verdict;
        }
        return SinkVerdict.Delivered;
    }

    /// <summary>Sends events.</summary>
    /// <param name="attempt">Where they are.</param>
    /// <param name="only">The one that is sent; null for all.</param>
    /// <param name="cancellationToken">Ends it; what became of them is not known then.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task<HecReply> PostAsync(SinkAttempt attempt, int? only, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(_settings.RequestTimeout);
        var body = new RequestBody();
        // Its end is that of the last reader of the batch's memory.
        await using (body.ConfigureAwait(false))
        {
            if (only is { } item)
                body.Add(attempt.Payload(item));
            else
                Fill(body, attempt);
            if (_settings.Http.Gzip)
                body.Compress();
            AckExchange? exchange = _settings.Acknowledgement ? new AckExchange(e => _acks[e]) : null;
            var call = new HttpCall(HttpMethod.Post, HecPaths.Event) { Body = body, ContentType = Json, Exchange = exchange };
            try
            {
                using HttpAnswer answer = await Target.SendAsync(call, timeout.Token).ConfigureAwait(false);
                HecAnswer said = HecAnswer.Read(answer.Body.Span);
                (HecMeaning meaning, SinkVerdict verdict) = HecVerdicts.Of(answer, said);
                if (meaning == HecMeaning.Taken && exchange is { HasNoNumber: true })
                    (meaning, verdict) = HecVerdicts.AcknowledgementIsOff(answer);
                return new HecReply(meaning, verdict, said.EventNumber, exchange);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                return new HecReply(HecMeaning.Other, SinkVerdict.Unanswered("timeout", $"no answer within {_settings.RequestTimeout}"));
            }
        }
    }

    /// <summary>Waits until the events of a request that was taken are indexed.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task<SinkVerdict> IndexedAsync(AckExchange exchange, CancellationToken cancellationToken)
    {
        AckOutcome outcome = exchange.Pending is { } pending
            ? await exchange.Acks.WaitAsync(exchange.Channel, pending, cancellationToken).ConfigureAwait(false)
            : AckOutcome.Ambiguous;
        return outcome switch
        {
            AckOutcome.Acknowledged => SinkVerdict.Delivered,
            AckOutcome.TimedOut => SinkVerdict.Retry("acknowledgement_timeout",
                $"not indexed within {_settings.AcknowledgementTimeout}; the events are sent again on a new channel"),
            AckOutcome.Disabled => SinkVerdict.Pause("acknowledgement_disabled",
                "the token has no indexer acknowledgement any more: switch it on there, or set acknowledgement = off"),
            _ => SinkVerdict.Retry("acknowledgement_lost",
                "the collector restarted, or a request went without an answer, so that numbers of requests may stand for others; the events are sent again on a new channel"),
        };
    }

    public async ValueTask DisposeAsync()
    {
        foreach (EndpointAcks acks in _acks.Values)
            await acks.DisposeAsync().ConfigureAwait(false);
        Target.Dispose();
    }

    // Pieces that lie one behind the other go as one.
    private static void Fill(RequestBody body, SinkAttempt attempt)
    {
        for (int item = 0; item < attempt.Count;)
        {
            int last = item;
            while (last + 1 < attempt.Count && attempt.IndexOf(last + 1) == attempt.IndexOf(last) + 1)
                last++;
            body.Add(attempt.Batch.EncodedRange(attempt.IndexOf(item), attempt.IndexOf(last)));
            item = last + 1;
        }
    }
}
