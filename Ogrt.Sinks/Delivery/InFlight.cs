namespace Ogrt.Sinks.Delivery;

/// <summary>Counts what is under way and tells when there is nothing left.</summary>
internal sealed class InFlight
{
    private readonly Lock _lock = new();
    private TaskCompletionSource? _drained;
    private int _count;

    public Entry Enter()
    {
        lock (_lock)
            _count++;
        return new Entry(this);
    }

    public Task DrainedAsync()
    {
        lock (_lock)
        {
            if (_count == 0)
                return Task.CompletedTask;
            _drained ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _drained.Task;
        }
    }

    private void Leave()
    {
        lock (_lock)
        {
            if (--_count == 0)
                _drained?.TrySetResult();
        }
    }

    internal readonly struct Entry(InFlight owner) : IDisposable
    {
        public void Dispose() => owner.Leave();
    }
}
