using System.Net.Sockets;

namespace Ogrt.Sinks.JsonTcp;

/// <summary>What lies between TLS and a socket: counts what was handed to the system, as TLS makes more of it than was written.</summary>
internal sealed class WireStream(Socket socket) : NetworkStream(socket, ownsSocket: true)
{
    private long _written;

    /// <summary>Bytes that the system has taken.</summary>
    public long Written => Interlocked.Read(ref _written);

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await base.WriteAsync(buffer, cancellationToken).ConfigureAwait(false);
        Interlocked.Add(ref _written, buffer.Length);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
}
