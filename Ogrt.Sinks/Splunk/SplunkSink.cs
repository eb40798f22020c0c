using System.Diagnostics;
using Akka.Event;
using Ogrt.Journal;
using Ogrt.Sinks.Splunk.Acknowledgements;

namespace Ogrt.Sinks.Splunk;

/// <summary>The sink for Splunk's HTTP event collector. docs/sinks-splunk.md tells about it.</summary>
internal sealed class SplunkSink : ISink
{
    private readonly SplunkSettings _settings;
    private readonly SinkContext _context;
    private readonly HecEncoder _encoder;
    private readonly HecClient _client;
    private readonly RequestLimit _limit = new();
    private volatile bool _numbersAreWrong;
    private volatile bool _askFirst;

    public SplunkSink(SinkSettings sink, SplunkSettings settings, SinkContext context)
    {
        Name = sink.Name;
        _settings = settings;
        _context = context;
        _encoder = new HecEncoder(settings, context.Cluster);
        _client = new HecClient(sink, settings, context);
        SplunkInstruments.Register(this);
    }

    /// <summary>The sink's name.</summary>
    public string Name { get; }

    /// <summary>What became of requests that were taken.</summary>
    public AckCounts Acknowledgements => _client.Counts;

    /// <summary>The largest request that the collector is thought to take; 0 while none was too large.</summary>
    public long LimitBytes => _limit.Bytes == long.MaxValue ? 0 : _limit.Bytes;

    public async ValueTask<SinkVerdict> OpenAsync(CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(_settings.RequestTimeout);
        try
        {
            SinkVerdict verdict = await _client.HealthAsync(timeout.Token).ConfigureAwait(false);
            if (verdict.Kind != SinkVerdictKind.Delivered || !_settings.Acknowledgement)
                return verdict;
            return await _client.AcknowledgementAsync(timeout.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return SinkVerdict.Retry("timeout", $"no answer within {_settings.RequestTimeout}");
        }
    }

    public EncodeResult Encode(in JournalRecord record, BatchBuffer output) => _encoder.Encode(record, output);

    public async ValueTask<SinkVerdict> SendAsync(SinkAttempt attempt, CancellationToken cancellationToken)
    {
        if (_askFirst)
        {
            // What was taken without a number would be taken again with each attempt.
            SinkVerdict again = await OpenAsync(cancellationToken).ConfigureAwait(false);
            if (again.Kind != SinkVerdictKind.Delivered)
                return again;
            _askFirst = false;
        }
        long bytes = BytesOf(attempt);
        if (attempt.Count > 1 && bytes > _limit.Bytes)
            return SinkVerdict.Split("too_large", $"the collector has refused requests of twice {_limit.Bytes} bytes");

        long begin = Stopwatch.GetTimestamp();
        HecReply reply = await _client.PostAsync(attempt, null, cancellationToken).ConfigureAwait(false);
        attempt.AnswerTook = Stopwatch.GetElapsedTime(begin);
        switch (reply.Meaning)
        {
            case HecMeaning.Taken:
                return reply.Exchange is null
                    ? SinkVerdict.Delivered
                    : await _client.IndexedAsync(reply.Exchange, cancellationToken).ConfigureAwait(false);

            case HecMeaning.EventRefused when attempt.Count > 1 && !_numbersAreWrong
                && reply.EventNumber is { } number && number >= 0 && number < attempt.Count:
                return await IsolateAsync(attempt, number, reply.Verdict, cancellationToken).ConfigureAwait(false);

            default:
                if (reply.Verdict.Kind == SinkVerdictKind.Split && reply.Meaning == HecMeaning.Other && attempt.Count > 1)
                    _limit.Refused(bytes);
                NoteMissingNumber(reply);
                return reply.Verdict;
        }
    }

    public async ValueTask DisposeAsync()
    {
        SplunkInstruments.Unregister(this);
        await _client.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>
    /// Sends the event that is named as the bad one by itself. Refused, it is the only one that is given up. Taken, the
    /// collector's numbers are not those of events, and bad ones are found by halving from now on.
    /// </summary>
    private async Task<SinkVerdict> IsolateAsync(SinkAttempt attempt, int number, SinkVerdict verdict, CancellationToken cancellationToken)
    {
        HecReply alone = await _client.PostAsync(attempt, number, cancellationToken).ConfigureAwait(false);
        switch (alone.Meaning)
        {
            case HecMeaning.EventRefused:
                for (int item = 0; item < attempt.Count; item++)
                    attempt.Set(item, SinkOutcome.Resend);
                attempt.Reject(number, alone.Verdict.Reason, alone.Verdict.Detail, alone.Verdict.Status);
                return SinkVerdict.PerItem;

            case HecMeaning.Taken:
                // It is sent once more with its half: at least once is what is promised.
                if (alone.Exchange is { Pending: { } pending } exchange)
                    exchange.Channel.Forget(pending);
                if (!_numbersAreWrong)
                {
                    _numbersAreWrong = true;
                    _context.Log.Warning(
                        "Sink {0}: the collector named event {1} of a request as the bad one, and takes it by itself. Bad events are found by halving from now on. Its words: {2}",
                        Name, number, verdict.Detail);
                }
                return verdict;

            default:
                NoteMissingNumber(alone);
                return alone.Verdict;
        }
    }

    private void NoteMissingNumber(HecReply reply)
    {
        if (reply.Exchange is { HasNoNumber: true })
            _askFirst = true;
    }

    private static long BytesOf(SinkAttempt attempt)
    {
        long bytes = 0;
        for (int item = 0; item < attempt.Count; item++)
            bytes += attempt.Payload(item).Length;
        return bytes;
    }
}
