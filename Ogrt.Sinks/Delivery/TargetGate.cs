namespace Ogrt.Sinks.Delivery;

/// <summary>
/// Stands before a target. While it answers, everybody passes. After a failed request the gate is closed for all senders;
/// one of them at a time waits out the back-off and tries, and its success opens the gate for the others. So a dead target
/// sees one probe at a time, however many batches wait.
/// </summary>
internal sealed class TargetGate(SinkSettings settings, SinkStatus status) : IDisposable
{
    private readonly SemaphoreSlim _probe = new(1, 1);
    private readonly Lock _lock = new();
    private int _failures;
    private long _answers;
    private TimeSpan _asked;
    private bool _paused;
    private volatile bool _closed;
    private TaskCompletionSource _hurry = NewHurry();

    /// <summary>Requests that the target has answered, whatever it said of the records.</summary>
    public long Answers => Interlocked.Read(ref _answers);

    /// <summary>Waits until a request may be sent.</summary>
    /// <exception cref="OperationCanceledException">The sink is stopping.</exception>
    public async ValueTask<GatePermit> EnterAsync(CancellationToken stopping)
    {
        if (!_closed)
            return default;
        await _probe.WaitAsync(stopping).ConfigureAwait(false);
        if (!_closed)
        {
            _probe.Release();
            return default;
        }
        try
        {
            await WaitAsync(stopping).ConfigureAwait(false);
        }
        catch
        {
            _probe.Release();
            throw;
        }
        return new GatePermit(IsProbe: true);
    }

    /// <summary>Says that the target answered.</summary>
    public void Succeeded(GatePermit permit)
    {
        Interlocked.Increment(ref _answers);
        lock (_lock)
        {
            // An answer to a request that was sent before the gate closed says nothing about the target now.
            if (_closed && permit.IsProbe)
            {
                _closed = false;
                status.Set(SinkPhase.Running, null, null);
            }
            if (!_closed)
            {
                _failures = 0;
                _asked = default;
            }
        }
        Leave(permit);
    }

    /// <summary>Says that the target failed or refuses everything.</summary>
    public void Failed(GatePermit permit, SinkVerdict verdict)
    {
        lock (_lock)
        {
            // Requests that fail together count as one failure.
            if (permit.IsProbe || !_closed)
                _failures++;
            _closed = true;
            _asked = verdict.RetryAfter;
            _paused = verdict.IsPause;
            status.Set(_paused ? SinkPhase.Paused : SinkPhase.Retrying, verdict.Reason, verdict.Detail);
        }
        Leave(permit);
    }

    /// <summary>Ends the wait that is going on: somebody has removed its cause.</summary>
    public void Hurry() => Interlocked.Exchange(ref _hurry, NewHurry()).TrySetResult();

    /// <summary>Gives a permit back without an answer, at a stop.</summary>
    public void Leave(GatePermit permit)
    {
        if (permit.IsProbe)
            _probe.Release();
    }

    public void Dispose() => _probe.Dispose();

    private async Task WaitAsync(CancellationToken stopping)
    {
        Task hurry = Volatile.Read(ref _hurry).Task;
        try
        {
            await hurry.WaitAsync(Wait(), stopping).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The usual end of a wait.
        }
    }

    private static TaskCompletionSource NewHurry() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private TimeSpan Wait()
    {
        lock (_lock)
        {
            TimeSpan most = _paused ? settings.BackoffPaused : settings.BackoffMax;
            return Backoff.Next(settings.BackoffMin, most, _failures, _asked, Random.Shared);
        }
    }
}
