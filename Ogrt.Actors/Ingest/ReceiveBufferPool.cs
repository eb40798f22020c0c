using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;

namespace Ogrt.Actors.Ingest;

/// <summary>
/// Pooled buffers under one limit of bytes, over all connections. A buffer belongs to whoever rented it until it is returned,
/// exactly once. Who asks for more than there is waits, first come first served, and reads nothing meanwhile.
/// </summary>
internal sealed class ReceiveBufferPool(long limit)
{
    private readonly Lock _lock = new();
    private readonly Queue<Waiter> _waiters = new();
    private long _rentedBytes;
    private int _rentedBuffers;

    /// <summary>Bytes of all buffers that are out.</summary>
    public long RentedBytes => Interlocked.Read(ref _rentedBytes);

    /// <summary>Buffers that are out; 0 when nothing is being received.</summary>
    public int RentedBuffers => Volatile.Read(ref _rentedBuffers);

    /// <summary>Rents a buffer when there is room and nobody waits.</summary>
    /// <param name="size">The least size; a buffer is a power of two, and at least 16 bytes.</param>
    /// <param name="buffer">The buffer.</param>
    public bool TryRent(int size, [NotNullWhen(true)] out byte[]? buffer)
    {
        int rounded = Round(size);
        lock (_lock)
        {
            buffer = _waiters.Count == 0 && Fits(rounded) ? Take(rounded) : null;
        }

        return buffer is not null;
    }

    /// <summary>Rents a buffer, waiting until there is room.</summary>
    /// <param name="size">The least size; a buffer is a power of two, and at least 16 bytes.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    public ValueTask<byte[]> RentAsync(int size, CancellationToken cancellation)
    {
        int rounded = Round(size);
        lock (_lock)
        {
            if (_waiters.Count == 0 && Fits(rounded)) return new ValueTask<byte[]>(Take(rounded));
            var waiter = new Waiter(rounded);
            _waiters.Enqueue(waiter);
            return new ValueTask<byte[]>(waiter.WaitAsync(this, cancellation));
        }
    }

    /// <summary>Gives a buffer back.</summary>
    public void Return(byte[] buffer)
    {
        ArrayPool<byte>.Shared.Return(buffer);
        lock (_lock)
        {
            _rentedBytes -= buffer.Length;
            _rentedBuffers--;
            Serve();
        }
    }

    /// <summary>Exchanges a buffer for a smaller one, which never has to wait.</summary>
    /// <param name="buffer">The buffer to give back.</param>
    /// <param name="filled">Bytes at its front to keep.</param>
    /// <param name="size">The least size of the other one.</param>
    public byte[] Shrink(byte[] buffer, int filled, int size)
    {
        byte[] smaller;
        lock (_lock) smaller = Take(Round(size));
        buffer.AsSpan(0, filled).CopyTo(smaller);
        Return(buffer);
        return smaller;
    }

    private static int Round(int size) => (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(size, 16));

    /// <summary>One buffer may always be out, however large: else a limit that is too small would stop everything.</summary>
    private bool Fits(int size) => _rentedBuffers == 0 || _rentedBytes + size <= limit;

    private byte[] Take(int size)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(size);
        _rentedBytes += buffer.Length;
        _rentedBuffers++;
        return buffer;
    }

    private void Serve()
    {
        while (_waiters.TryPeek(out Waiter? first) && (first.IsGone || Fits(first.Size)))
        {
            _waiters.Dequeue();
            if (!first.IsGone) first.Give(Take(first.Size));
        }
    }

    private sealed class Waiter(int size)
    {
        private readonly TaskCompletionSource<byte[]> _buffer = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int Size => size;

        public bool IsGone { get; private set; }

        public void Give(byte[] buffer) => _buffer.SetResult(buffer);

        public async Task<byte[]> WaitAsync(ReceiveBufferPool pool, CancellationToken cancellation)
        {
            try
            {
                return await _buffer.Task.WaitAsync(cancellation);
            }
            catch (OperationCanceledException)
            {
                pool.Leave(this);
                throw;
            }
        }

        /// <summary>Called under the pool's lock: either the buffer has been given, or it never will be.</summary>
        public byte[]? GoAway()
        {
            IsGone = true;
            return _buffer.Task.IsCompletedSuccessfully ? _buffer.Task.Result : null;
        }
    }

    private void Leave(Waiter waiter)
    {
        byte[]? given;
        lock (_lock)
        {
            given = waiter.GoAway();
            Serve();
        }

        if (given is not null) Return(given);
    }
}
