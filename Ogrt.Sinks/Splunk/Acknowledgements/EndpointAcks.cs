using System.Net.Http.Headers;
using Akka.Event;
using Ogrt.Sinks.Http;

namespace Ogrt.Sinks.Splunk.Acknowledgements;

/// <summary>
/// The channels of one endpoint: one that requests go to, and older ones of which answers are still waited for. While there
/// is something to wait for, one question for each channel goes out at a time, sooner where answers come and later where not.
/// </summary>
internal sealed class EndpointAcks : IAsyncDisposable
{
    private static readonly MediaTypeHeaderValue Json = new("application/json");

    private static readonly TimeSpan SuspicionInterval = TimeSpan.FromSeconds(5);

    private readonly HttpEndpoint _endpoint;
    private readonly SplunkSettings _settings;
    private readonly TimeProvider _time;
    private readonly ILoggingAdapter _log;
    private readonly AckCounts _counts;
    private readonly CancellationTokenSource _closing = new();
    private readonly Lock _lock = new();
    private readonly HashSet<AckChannel> _asked = [];
    private readonly HashSet<Task> _running = [];
    private AckChannel _current;
    private long _hangUps;
    private long _suspected;
    private bool _complained;

    public EndpointAcks(HttpEndpoint endpoint, SplunkSettings settings, TimeProvider time, ILoggingAdapter log, AckCounts counts)
    {
        _endpoint = endpoint;
        _settings = settings;
        _time = time;
        _log = log;
        _counts = counts;
        _current = new AckChannel(time);
    }

    /// <summary>A request is about to be sent to this endpoint.</summary>
    public AckPost Begin()
    {
        lock (_lock)
        {
            if (_current.IsBroken)
                _current = new AckChannel(_time);
            return _current.Begin();
        }
    }

    /// <summary>Waits for what becomes of a request.</summary>
    /// <exception cref="OperationCanceledException">The sink is stopping.</exception>
    public async Task<AckOutcome> WaitAsync(AckChannel channel, PendingAck pending, CancellationToken cancellationToken)
    {
        _counts.Waits(1);
        Ask(channel);
        try
        {
            AckOutcome outcome = await pending.Outcome.WaitAsync(cancellationToken).ConfigureAwait(false);
            _counts.Ended(outcome);
            return outcome;
        }
        finally
        {
            _counts.Waits(-1);
            channel.Forget(pending);
        }
    }

    /// <summary>Asks whether there is acknowledgement at all, by the way in which it will be asked for it.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public Task<HttpAnswer> ProbeAsync(CancellationToken cancellationToken) => AskAsync(_current, [0], cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync().ConfigureAwait(false);
        Task[] running;
        lock (_lock)
            running = [.. _running];
        await Task.WhenAll(running).ConfigureAwait(false);
        _closing.Dispose();
    }

    private void Ask(AckChannel channel)
    {
        lock (_lock)
        {
            if (_closing.IsCancellationRequested || !_asked.Add(channel))
                return;
            // What ended while nothing waited says nothing about what waits now.
            if (_asked.Count == 1)
                _hangUps = _endpoint.HangUps;
            Task? running = null;
            running = Task.Run(async () =>
            {
                await AskUntilAnsweredAsync(channel).ConfigureAwait(false);
                lock (_lock)
                    _running.Remove(running!);
            });
            _running.Add(running);
        }
    }

    private async Task AskUntilAnsweredAsync(AckChannel channel)
    {
        TimeSpan wait = _settings.PollMin;
        try
        {
            while (true)
            {
                await Task.Delay(wait, _time, _closing.Token).ConfigureAwait(false);
                bool heard = await AskOnceAsync(channel).ConfigureAwait(false);
                wait = heard
                    ? TimeSpan.FromTicks(Math.Max(wait.Ticks / 2, _settings.PollMin.Ticks))
                    : TimeSpan.FromTicks(Math.Min(wait.Ticks * 3 / 2, _settings.PollMax.Ticks));
                SuspectAfterHangUp(channel);
                if (channel.Expire(_settings.AcknowledgementTimeout))
                    Leave(channel);
                lock (_lock)
                {
                    if (channel.Count > 0)
                        continue;
                    _asked.Remove(channel);
                    return;
                }
            }
        }
        catch (OperationCanceledException) when (_closing.IsCancellationRequested)
        {
            // The sink is closed; who waited has been told by his own token.
        }
    }

    // A restart between two questions refuses none of them, and answers "false" to all from then on. But it ends connections.
    private void SuspectAfterHangUp(AckChannel channel)
    {
        long hangUps = _endpoint.HangUps;
        lock (_lock)
        {
            if (hangUps == _hangUps)
                return;
            // A server or balancer that ends connections now and then must not have everything sent twice.
            if (_suspected != 0 && _time.GetElapsedTime(_suspected) < SuspicionInterval)
                return;
            _hangUps = hangUps;
            if (channel.Suspect())
                _suspected = _time.GetTimestamp();
        }
    }

    private async Task<bool> AskOnceAsync(AckChannel channel)
    {
        List<PendingAck> asked = channel.Unanswered();
        if (asked.Count == 0)
            return false;
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(_closing.Token);
        timeout.CancelAfter(_settings.RequestTimeout);
        try
        {
            using HttpAnswer answer = await AskAsync(channel, asked.Select(p => p.Id), timeout.Token).ConfigureAwait(false);
            if (answer.Status == 400 && HecAnswer.Read(answer.Body.Span).Code == 14)
            {
                channel.CompleteAll(AckOutcome.Disabled);
                return false;
            }
            if (answer.Reason == "connect_failed")
            {
                // A collector that does not listen has ended, and with it its memory of what it took.
                channel.Unknown();
                return false;
            }
            if (!answer.IsSuccess || AckAnswer.Read(answer.Body) is not { } indexed)
            {
                Complain(answer.Describe());
                return false;
            }
            bool heard = false;
            foreach (PendingAck pending in asked)
                heard |= indexed.Contains(pending.Id) && channel.Indexed(pending);
            return heard;
        }
        catch (OperationCanceledException) when (!_closing.IsCancellationRequested)
        {
            Complain($"{_endpoint.Name}: no answer within {_settings.RequestTimeout}");
            return false;
        }
    }

    private async Task<HttpAnswer> AskAsync(AckChannel channel, IEnumerable<long> ids, CancellationToken cancellationToken)
    {
        var body = new RequestBody();
        await using (body.ConfigureAwait(false))
        {
            body.Add(AckAnswer.Ask(ids));
            var call = new HttpCall(HttpMethod.Post, HecPaths.Acknowledgement + "?channel=" + channel.Name)
            {
                Body = body,
                ContentType = Json,
                Headers = [new(HecPaths.ChannelHeader, channel.Name)],
            };
            return await HttpTarget.SendToAsync(_endpoint, call, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Requests go to a new channel from now on; those that wait in the old one go on waiting.</summary>
    private void Leave(AckChannel channel)
    {
        lock (_lock)
        {
            if (ReferenceEquals(_current, channel))
                _current = new AckChannel(_time);
        }
    }

    private void Complain(string what)
    {
        if (_complained)
            return;
        _complained = true;
        _log.Warning("A question for acknowledgements was not answered, and is asked again: {0}", what);
    }
}
