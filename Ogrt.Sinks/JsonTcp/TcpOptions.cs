using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Ogrt.Sinks.JsonTcp;

/// <summary>What the system is told and asked about a connection.</summary>
internal static partial class TcpOptions
{
    // linux/tcp.h and asm-generic/ioctls.h.
    private const int IpProtoTcp = 6;
    private const int TcpUserTimeout = 18;
    private const nuint SioCOutQ = 0x5411;

    private const int KeepaliveProbes = 4;

    /// <summary>Has the system notice an end that is gone: while nothing is sent, and while something is not acknowledged.</summary>
    /// <param name="socket">The connection.</param>
    /// <param name="keepalive">How long it is silent before the other end is asked.</param>
    /// <param name="stall">How long what was sent may be without an acknowledgement.</param>
    public static void Configure(Socket socket, TimeSpan keepalive, TimeSpan stall)
    {
        // Batches are written as a whole; their last piece is not to wait for the acknowledgement of the one before.
        socket.NoDelay = true;
        int seconds = (int)Math.Ceiling(keepalive.TotalSeconds);
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, seconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, Math.Max(seconds / KeepaliveProbes, 1));
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, KeepaliveProbes);
        if (!OperatingSystem.IsLinux())
            return;
        int milliseconds = (int)Math.Min(stall.TotalMilliseconds, int.MaxValue);
        socket.SetRawSocketOption(IpProtoTcp, TcpUserTimeout, MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in milliseconds)));
    }

    /// <summary>
    /// Bytes that the other end's system has not acknowledged, those included that have not been sent yet
    /// (https://man7.org/linux/man-pages/man7/tcp.7.html, SIOCOUTQ). 0 where the system does not tell.
    /// </summary>
    /// <exception cref="IOException">There is no such connection any more.</exception>
    public static int Unacknowledged(Socket socket)
    {
        if (!OperatingSystem.IsLinux())
            return 0;
        return Control(socket.SafeHandle, SioCOutQ, out int bytes) == 0
            ? bytes
            : throw new IOException("SIOCOUTQ failed: " + Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError()));
    }

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int Control(SafeHandle socket, nuint request, out int value);
}
