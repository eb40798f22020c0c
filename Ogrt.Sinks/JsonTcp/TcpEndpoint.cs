using System.Diagnostics;
using Ogrt.Sinks.Endpoints;
using Ogrt.Sinks.Http;

namespace Ogrt.Sinks.JsonTcp;

/// <summary>One end with its connection and circuit. The connection is made when there is something to send. Safe for concurrent use.</summary>
internal sealed class TcpEndpoint : IEndpoint, IAsyncDisposable
{
    private readonly JsonTcpSettings _settings;
    private readonly TcpConnector _connector;
    private readonly CancellationTokenSource _closing = new();
    private readonly Lock _lock = new();
    private readonly HashSet<TcpConnection> _connections = [];
    private TcpConnection? _current;
    private Task<TcpConnection>? _connecting;
    private int _inFlight;

    public TcpEndpoint(HostPort where, JsonTcpSettings settings, HttpTls? tls, TimeProvider time)
    {
        Name = where.ToString();
        _settings = settings;
        _connector = new TcpConnector(where, settings, tls, time);
        Circuit = new Circuit(settings.CircuitFailures, settings.CircuitMin, settings.CircuitMax, time);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public Circuit Circuit { get; }

    /// <inheritdoc/>
    public EndpointMetrics Metrics { get; } = new();

    /// <inheritdoc/>
    public int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>Sends a batch and waits until it counts as delivered there. The circuit hears of what comes of it.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled: the outcome is unknown.</exception>
    public async Task<SinkVerdict> SendAsync(SinkAttempt attempt, CircuitPermit permit, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _inFlight);
        string code = "cancelled";
        try
        {
            await DeliverAsync(attempt, cancellationToken).ConfigureAwait(false);
            code = "ok";
            return SinkVerdict.Delivered;
        }
        catch (TcpFailure failure)
        {
            code = failure.Reason;
            string detail = $"{Name}: {failure.Message}";
            return failure.IsPause ? SinkVerdict.Pause(code, detail)
                : failure.HadLines ? SinkVerdict.Unanswered(code, detail) : SinkVerdict.Retry(code, detail);
        }
        finally
        {
            Interlocked.Decrement(ref _inFlight);
            Metrics.Ended(code);
            if (code == "ok")
                Circuit.Succeeded(permit);
            else
                Circuit.Failed(permit);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync().ConfigureAwait(false);
        Task<TcpConnection>? connecting;
        lock (_lock)
            connecting = _connecting;
        if (connecting is not null)
            await ((Task)connecting).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        TcpConnection[] connections;
        lock (_lock)
            connections = [.. _connections];
        foreach (TcpConnection connection in connections)
            await connection.DisposeAsync().ConfigureAwait(false);
        _closing.Dispose();
    }

    private async Task DeliverAsync(SinkAttempt attempt, CancellationToken cancellationToken)
    {
        TcpConnection connection = await EnterAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            long begin = Stopwatch.GetTimestamp();
            long bytes = BytesOf(attempt);
            Metrics.Sent(bytes, bytes);
            long place = await connection.WriteAsync(attempt, _settings.StallTimeout, cancellationToken).ConfigureAwait(false);
            if (_settings.Acknowledged)
                await connection.AcknowledgedAsync(place, _settings.StallTimeout, cancellationToken).ConfigureAwait(false);
            attempt.AnswerTook = Stopwatch.GetElapsedTime(begin);
            await SettleAsync(connection, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            connection.Leave();
        }
    }

    /// <summary>
    /// Waits whether the connection lasts. What a program has not read when it dies, or a proxy has not passed on, is lost
    /// although it was acknowledged; but the end of the connection comes close behind it.
    /// </summary>
    private async Task SettleAsync(TcpConnection connection, CancellationToken cancellationToken)
    {
        if (_settings.SettleTime == TimeSpan.Zero)
            return;
        try
        {
            await connection.Over.WaitAsync(_settings.SettleTime, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return;
        }
        throw connection.Fault is { } fault
            ? TcpFailure.Lost(connection.Said, fault)
            : TcpFailure.Retry("closed", "the other end closed the connection right behind the batch" + connection.Said);
    }

    private async Task<TcpConnection> EnterAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            TcpConnection connection = await ConnectionAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
            if (connection.TryEnter())
                return connection;
        }
    }

    // All who need one at the same time wait for the same one, and hear of the same failure.
    private Task<TcpConnection> ConnectionAsync()
    {
        lock (_lock)
        {
            if (_current is { } current)
            {
                if (current.IsOpen() && current.Age < _settings.ConnectionLifetime)
                    return Task.FromResult(current);
                current.Retire();
                _current = null;
            }
            if (_connecting is null || _connecting.IsCompleted)
            {
                _connecting = ConnectAsync();
                // Whoever waited may have been told to stop by the time it fails.
                _ = _connecting.ContinueWith(static t => t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
            }
            return _connecting;
        }
    }

    private async Task<TcpConnection> ConnectAsync()
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        TcpConnection connection;
        try
        {
            connection = await _connector.ConnectAsync(_closing.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            throw TcpFailure.Retry("closed", "the sink is closed");
        }
        lock (_lock)
        {
            _current = connection;
            _connections.Add(connection);
        }
        _ = ForgetAsync(connection);
        return connection;
    }

    private async Task ForgetAsync(TcpConnection connection)
    {
        await connection.Over.ConfigureAwait(false);
        lock (_lock)
            _connections.Remove(connection);
        connection.Retire();
    }

    private static long BytesOf(SinkAttempt attempt)
    {
        long bytes = 0;
        for (int item = 0; item < attempt.Count; item++)
            bytes += attempt.Payload(item).Length;
        return bytes;
    }
}
