using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Ogrt.Actors.Ingest;

/// <summary>
/// Reads how many datagrams the kernel has dropped on a socket, from SO_MEMINFO (Linux 4.12 and later). Unlike SO_RXQ_OVFL it
/// costs nothing per datagram, and it is right also when nothing comes after the drops.
/// </summary>
internal sealed class KernelDrops(Socket socket, ListenerMetrics metrics)
{
    // SK_MEMINFO_DROPS of include/uapi/linux/sock_diag.h, in an array of 32-bit numbers.
    private const int DropsIndex = 8;

    private uint _seen;

    /// <summary>Counts what has been dropped since the last call. A kernel that does not tell counts nothing.</summary>
    public void Count()
    {
        Span<uint> info = stackalloc uint[DropsIndex + 1];
        try
        {
            int length = socket.GetRawSocketOption(NativeSocket.SolSocket, NativeSocket.SoMemoryInfo, MemoryMarshal.AsBytes(info));
            if (length < info.Length * sizeof(uint)) return;
        }
        catch (SocketException)
        {
            return;
        }

        // The kernel's number has 32 bits and begins again at 0.
        uint drops = info[DropsIndex];
        metrics.KernelDropped(unchecked(drops - _seen));
        _seen = drops;
    }
}
