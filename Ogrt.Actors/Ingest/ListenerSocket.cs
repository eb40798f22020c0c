using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Ogrt.Actors.Ingest;

/// <summary>Binds the sockets of listeners.</summary>
internal static class ListenerSocket
{
    /// <summary>Binds and listens; the socket does not block.</summary>
    /// <exception cref="IngestBindException">The address cannot be bound.</exception>
    public static Socket Listen(ListenerSettings settings) => Bind(settings, SocketType.Stream, socket =>
    {
        // A new server takes the port over while connections of the old one are still in TIME_WAIT. On Linux .NET sets
        // SO_REUSEADDR by itself for streams; ExclusiveAddressUse would take it back.
        int defer = (int)Math.Ceiling(settings.DeferAccept.TotalSeconds);
        if (settings.ReceiveBuffer > 0) socket.ReceiveBufferSize = settings.ReceiveBuffer;
        if (defer > 0) SetRaw(socket, NativeSocket.ProtocolTcp, NativeSocket.TcpDeferAccept, defer);
        socket.Blocking = false;
    }, socket => socket.Listen(settings.Backlog));

    /// <summary>Binds a socket for datagrams; it blocks for at most <paramref name="receiveTimeout"/>.</summary>
    /// <exception cref="IngestBindException">The address cannot be bound.</exception>
    public static Socket Datagrams(ListenerSettings settings, TimeSpan receiveTimeout) =>
        Bind(settings, SocketType.Dgram, socket =>
        {
            if (settings.ReceiveBuffer > 0) SetReceiveBuffer(socket, settings.ReceiveBuffer);
            socket.ReceiveTimeout = (int)receiveTimeout.TotalMilliseconds;
        }, static _ => { });

    /// <summary>The receive buffer that the kernel has granted, in bytes as it counts them (twice what was asked for).</summary>
    public static int ReceiveBufferOf(Socket socket)
    {
        Span<byte> value = stackalloc byte[sizeof(int)];
        socket.GetRawSocketOption(NativeSocket.SolSocket, NativeSocket.SoReceiveBuffer, value);
        return MemoryMarshal.Read<int>(value);
    }

    private static Socket Bind(
        ListenerSettings settings, SocketType type, Action<Socket> configure, Action<Socket> afterBind)
    {
        try
        {
            return Bind(settings, settings.Address, type, configure, afterBind);
        }
        catch (SocketException e) when (HasNoIPv6(settings.Address, e))
        {
            try
            {
                return Bind(settings, IPAddress.Any, type, configure, afterBind);
            }
            catch (SocketException second)
            {
                throw new IngestBindException(settings.Name, new IPEndPoint(IPAddress.Any, settings.Port), second);
            }
        }
        catch (SocketException e)
        {
            throw new IngestBindException(settings.Name, new IPEndPoint(settings.Address, settings.Port), e);
        }
    }

    private static Socket Bind(
        ListenerSettings settings, IPAddress address, SocketType type, Action<Socket> configure, Action<Socket> afterBind)
    {
        var socket = new Socket(address.AddressFamily, type, type == SocketType.Stream ? ProtocolType.Tcp : ProtocolType.Udp);
        try
        {
            if (address.Equals(IPAddress.IPv6Any)) socket.DualMode = true;
            configure(socket);
            socket.Bind(new IPEndPoint(address, settings.Port));
            afterBind(socket);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Where IPv6 is off, either the socket cannot be made or "::" is not there to be bound.</summary>
    private static bool HasNoIPv6(IPAddress address, SocketException e) =>
        address.Equals(IPAddress.IPv6Any) && e.SocketErrorCode is SocketError.AddressFamilyNotSupported
            or SocketError.ProtocolFamilyNotSupported or SocketError.AddressNotAvailable;

    /// <summary>SO_RCVBUFFORCE passes net.core.rmem_max, and needs CAP_NET_ADMIN.</summary>
    private static void SetReceiveBuffer(Socket socket, int bytes)
    {
        try
        {
            SetRaw(socket, NativeSocket.SolSocket, NativeSocket.SoReceiveBufferForce, bytes);
        }
        catch (SocketException)
        {
            socket.ReceiveBufferSize = bytes;
        }
    }

    private static void SetRaw(Socket socket, int level, int option, int value) =>
        socket.SetRawSocketOption(level, option, MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in value)));
}
