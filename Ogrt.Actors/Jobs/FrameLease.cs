using System.Buffers;

namespace Ogrt.Actors.Jobs;

/// <summary>
/// A pooled buffer on its way to a job, from the feed or from the bytes that came from another node. It is given back after it was
/// read: by the job, or by what makes bytes of it for another node. On a way that ends elsewhere, as with an actor that has
/// gone, the collector takes it.
/// </summary>
internal sealed class FrameLease(byte[] buffer)
{
    // While a job saves its tree, batches wait for it, and come back all at once: more than the shared pool keeps. A pool of
    // its own keeps those of a second at a high rate, and no more.
    private const int LargestKept = 1 << 17, KeptOfEachSize = 256;
    private static readonly ArrayPool<byte> Pool = ArrayPool<byte>.Create(LargestKept, KeptOfEachSize);

    private byte[]? _buffer = buffer;

    /// <summary>Whether the bytes belong to somebody else by now.</summary>
    public bool IsReleased => Volatile.Read(ref _buffer) is null;

    /// <summary>Gives the buffer back, once.</summary>
    public void Release()
    {
        if (Interlocked.Exchange(ref _buffer, null) is { } buffer)
            Pool.Return(buffer);
    }

    /// <summary>A buffer of at least <paramref name="size"/> bytes, to be filled and then leased or given back.</summary>
    public static byte[] Rent(int size) => Pool.Rent(size);

    /// <summary>Gives back a buffer that was rented and not leased.</summary>
    public static void Return(byte[] buffer) => Pool.Return(buffer);
}
