namespace Ogrt.Sinks.Delivery;

/// <summary>The phase of a sink, and the one place that logs when it changes.</summary>
internal sealed class SinkStatus(Action<SinkPhase, string?, string?> changed)
{
    private readonly Lock _lock = new();
    private Snapshot _current = new(SinkPhase.Starting, null, null, DateTimeOffset.UtcNow);

    public Snapshot Current => Volatile.Read(ref _current);

    /// <summary>Sets the phase. A detail that changes within a phase and reason is taken over silently.</summary>
    public void Set(SinkPhase phase, string? reason, string? detail)
    {
        lock (_lock)
        {
            Snapshot before = _current;
            if (before.Phase == SinkPhase.Stopped)
                return;
            bool same = before.Phase == phase && before.Reason == reason;
            if (same && before.Detail == detail)
                return;
            Volatile.Write(ref _current, new Snapshot(phase, reason, detail, same ? before.Since : DateTimeOffset.UtcNow));
            if (same)
                return;
        }
        changed(phase, reason, detail);
    }

    internal sealed record Snapshot(SinkPhase Phase, string? Reason, string? Detail, DateTimeOffset Since);
}
