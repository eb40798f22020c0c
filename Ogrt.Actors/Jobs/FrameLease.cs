using System.Buffers;

namespace Ogrt.Actors.Jobs;

/// <summary>
/// A buffer of the shared pool on its way from the feed to a job of the same process, where it is given back after it was
/// read. On a way that ends elsewhere, in another process or with an actor that has gone, the collector takes it.
/// </summary>
internal sealed class FrameLease(byte[] buffer)
{
    private byte[]? _buffer = buffer;

    /// <summary>Whether the bytes belong to somebody else by now.</summary>
    public bool IsReleased => Volatile.Read(ref _buffer) is null;

    /// <summary>Gives the buffer back, once.</summary>
    public void Release()
    {
        if (Interlocked.Exchange(ref _buffer, null) is { } buffer)
            ArrayPool<byte>.Shared.Return(buffer);
    }
}
