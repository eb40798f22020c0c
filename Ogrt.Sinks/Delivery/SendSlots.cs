using System.Diagnostics;

namespace Ogrt.Sinks.Delivery;

/// <summary>
/// Lets as many requests out at the same time as the target takes well (<see cref="AdaptiveLimit"/>) and as many bytes as
/// the settings allow. First come, first served; one request always goes, however large it is. Safe for concurrent use.
/// </summary>
internal sealed class SendSlots
{
    // Where a sink begins: enough to keep a target busy, too little to hurt one that has just come up.
    private const int Start = 2;

    private readonly Lock _lock = new();
    private readonly LinkedList<Waiter> _waiting = [];
    private readonly AdaptiveLimit? _adaptive;
    private readonly int _most;
    private readonly long _mostBytes;
    private int _count;
    private long _bytes;

    public SendSlots(SinkSettings settings)
    {
        _most = settings.MaxInFlight;
        _mostBytes = settings.MaxInFlightBytes;
        _adaptive = settings.AdaptiveConcurrency ? new AdaptiveLimit(_most, Start) : null;
    }

    /// <summary>Requests that may be under way now.</summary>
    public int Limit
    {
        get
        {
            lock (_lock)
                return LimitNow;
        }
    }

    private int LimitNow => _adaptive?.Current ?? _most;

    /// <summary>Waits until a request of a size may be sent.</summary>
    /// <exception cref="OperationCanceledException">The sink is stopping.</exception>
    public async ValueTask<SendSlot> EnterAsync(long bytes, CancellationToken stopping)
    {
        LinkedListNode<Waiter> waiter;
        lock (_lock)
        {
            if (_waiting.Count == 0 && HasRoom(bytes))
                return Take(bytes);
            waiter = _waiting.AddLast(new Waiter(bytes));
        }
        using CancellationTokenRegistration registration = stopping.Register(() => GiveUp(waiter, stopping));
        return await waiter.Value.Granted.Task.ConfigureAwait(false);
    }

    /// <summary>Gives a slot back with what the target's answer says about it.</summary>
    public void Leave(SendSlot slot, TimeSpan took, bool pressed)
    {
        lock (_lock)
        {
            _adaptive?.Answered(Stopwatch.GetElapsedTime(0), took, pressed, slot.UsedUp);
            Release(slot);
        }
    }

    /// <summary>Gives a slot back that was not used.</summary>
    public void Leave(SendSlot slot)
    {
        lock (_lock)
            Release(slot);
    }

    private void Release(SendSlot slot)
    {
        _count--;
        _bytes -= slot.Bytes;
        while (_waiting.First is { } first && HasRoom(first.Value.Bytes))
        {
            _waiting.RemoveFirst();
            first.Value.Granted.TrySetResult(Take(first.Value.Bytes));
        }
    }

    private bool HasRoom(long bytes) => _count == 0 || (_count < LimitNow && _bytes + bytes <= _mostBytes);

    private SendSlot Take(long bytes)
    {
        _count++;
        _bytes += bytes;
        return new SendSlot(bytes, UsedUp: _count >= LimitNow);
    }

    private void GiveUp(LinkedListNode<Waiter> waiter, CancellationToken stopping)
    {
        lock (_lock)
        {
            if (waiter.List is null)
                return;
            _waiting.Remove(waiter);
        }
        waiter.Value.Granted.TrySetCanceled(stopping);
    }

    private sealed class Waiter(long bytes)
    {
        public long Bytes { get; } = bytes;

        public TaskCompletionSource<SendSlot> Granted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
