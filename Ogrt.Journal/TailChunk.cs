namespace Ogrt.Journal;

/// <summary>
/// A run of the journal's newest bytes in memory. The appender fills it; readers that hold a lease use it in place. It is used
/// again for newer bytes only while nobody holds a lease.
/// </summary>
internal sealed class TailChunk
{
    // The appender has it for itself.
    private const int Taken = -1;

    private long _begin;
    private int _length;
    private int _leases = Taken;

    /// <summary>Bytes of a chunk: several batches of an appender, and of the size of a reader's buffer.</summary>
    public const int Size = 256 * 1024;

    /// <summary>Memory that is not initialized, and valid up to <see cref="Length"/>.</summary>
    public byte[] Bytes { get; } = GC.AllocateUninitializedArray<byte>(Size);

    /// <summary>The offset of the first byte. Constant under a lease.</summary>
    public long Begin => Volatile.Read(ref _begin);

    /// <summary>Bytes that are there. It grows under a lease; what is there stays as it is.</summary>
    public int Length => Volatile.Read(ref _length);

    /// <summary>The offset behind the last byte.</summary>
    public long End => Begin + Length;

    /// <summary>Whether an offset lies in it. Without a lease the answer can be old when it comes.</summary>
    public bool Holds(long offset) => offset >= Begin && offset < End;

    /// <summary>Takes a lease: false while the appender has the chunk for itself.</summary>
    public bool TryLease()
    {
        var leases = Volatile.Read(ref _leases);
        while (leases != Taken)
        {
            var seen = Interlocked.CompareExchange(ref _leases, leases + 1, leases);
            if (seen == leases)
                return true;
            leases = seen;
        }

        return false;
    }

    /// <summary>Gives a lease back.</summary>
    public void Return() => Interlocked.Decrement(ref _leases);

    /// <summary>Takes the chunk out of use: false while there is a lease.</summary>
    public bool TryTake() => Interlocked.CompareExchange(ref _leases, Taken, 0) == 0;

    /// <summary>Puts a chunk that was taken, or is new, into use for the bytes from an offset on.</summary>
    public void Reuse(long begin)
    {
        Volatile.Write(ref _length, 0);
        Volatile.Write(ref _begin, begin);
        Volatile.Write(ref _leases, 0);
    }

    /// <summary>Adds bytes, for which there is room. By one thread at a time.</summary>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Bytes.AsSpan(_length));
        Volatile.Write(ref _length, _length + bytes.Length);
    }
}
