using System.Diagnostics;

namespace Ogrt.Actors.Watch;

/// <summary>
/// What the actors of one kind count, all of them together. Plain numbers, raised once a message; a message of the busy kinds is
/// a batch of many frames.
/// </summary>
public sealed class ActorCounters
{
    private long _handled;
    private long _ticks;
    private long _restarts;
    private long _unhandled;
    private long _deadLetters;

    internal ActorCounters(bool isEnabled) => IsEnabled = isEnabled;

    /// <summary>Whether handling is counted and timed.</summary>
    public bool IsEnabled { get; }

    /// <summary>What was done.</summary>
    public ActorWork Work => new(
        Interlocked.Read(ref _handled),
        TimeSpan.FromTicks((long)(Interlocked.Read(ref _ticks) * ((double)TimeSpan.TicksPerSecond / Stopwatch.Frequency))),
        Interlocked.Read(ref _restarts));

    /// <summary>Messages that no handler took.</summary>
    public long Unhandled => Interlocked.Read(ref _unhandled);

    /// <summary>Messages to actors of this kind that were not there any more.</summary>
    public long DeadLetters => Interlocked.Read(ref _deadLetters);

    /// <summary>Counts a message, or a batch.</summary>
    /// <param name="ticks">How long it took, in ticks of <see cref="Stopwatch"/>; 0 where it is not measured.</param>
    internal void Handled(long ticks)
    {
        if (!IsEnabled) return;
        Interlocked.Increment(ref _handled);
        if (ticks != 0) Interlocked.Add(ref _ticks, ticks);
    }

    internal void Restarted() => Interlocked.Increment(ref _restarts);

    internal void WasUnhandled() => Interlocked.Increment(ref _unhandled);

    internal void WasDeadLetter() => Interlocked.Increment(ref _deadLetters);
}
