namespace Ogrt.Sinks.Endpoints;

/// <summary>
/// Leaves an endpoint alone after failures in a row, for a time that doubles while it goes on failing; then one request
/// tries it, and its success lets the others back. A circuit only chooses among endpoints: where all are open the one that
/// would be tried next is used, because how long a sink waits is its delivery's business. Safe for concurrent use.
/// </summary>
internal sealed class Circuit(int threshold, TimeSpan least, TimeSpan most, TimeProvider time)
{
    private readonly Lock _lock = new();
    private int _failures;
    private bool _open;
    private bool _probing;
    private TimeSpan _wait;
    private long _until;

    /// <summary>Whether the endpoint is being left alone.</summary>
    public bool IsOpen => Volatile.Read(ref _open);

    /// <summary>When it is tried again, in ticks of the clock's timestamp; in the past when it is not left alone.</summary>
    public long Until => Volatile.Read(ref _until);

    /// <summary>Whether a request may go there: always while the circuit is closed, and once when the time is over.</summary>
    /// <returns>Null when it may not; else a permit to give back with the outcome.</returns>
    public CircuitPermit? TryEnter()
    {
        if (!Volatile.Read(ref _open))
            return new CircuitPermit(IsProbe: false);
        lock (_lock)
        {
            if (!_open)
                return new CircuitPermit(IsProbe: false);
            if (_probing || time.GetTimestamp() < _until)
                return null;
            _probing = true;
            return new CircuitPermit(IsProbe: true);
        }
    }

    /// <summary>The endpoint answered, whatever it said.</summary>
    public void Succeeded(CircuitPermit permit)
    {
        lock (_lock)
        {
            Leave(permit);
            // An answer to a request from before says nothing about an endpoint that has failed since.
            if (_open && !permit.IsProbe && !permit.IsForced)
                return;
            _failures = 0;
            _open = false;
            _wait = default;
            _until = 0;
        }
    }

    /// <summary>The endpoint did not answer, or only to say that it cannot.</summary>
    public void Failed(CircuitPermit permit)
    {
        lock (_lock)
        {
            Leave(permit);
            if (_open && !permit.IsProbe && !permit.IsForced)
                return;
            if (!_open && ++_failures < threshold)
                return;
            _wait = _wait == default ? least : TimeSpan.FromTicks(Math.Min(_wait.Ticks * 2, Math.Max(most.Ticks, least.Ticks)));
            _until = time.GetTimestamp() + (long)(_wait.TotalSeconds * time.TimestampFrequency);
            _open = true;
        }
    }

    /// <summary>The request was given up before anything was known.</summary>
    public void Abandoned(CircuitPermit permit)
    {
        lock (_lock)
            Leave(permit);
    }

    private void Leave(CircuitPermit permit)
    {
        if (permit.IsProbe)
            _probing = false;
    }
}
