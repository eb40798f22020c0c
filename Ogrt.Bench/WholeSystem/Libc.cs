using System.Runtime.InteropServices;

namespace Ogrt.Bench.WholeSystem;

/// <summary>The system calls of the load generator. It calls them itself because it shares its two cores with the server
/// that it measures: what <see cref="System.Net.Sockets.Socket"/> costs above them would be taken from the server.</summary>
internal static unsafe partial class Libc
{
    public const int AddressFamilyInet = 2, SocketStream = 1, SocketDatagram = 2, NonBlocking = 0x800, NoSignal = 0x4000, ShutdownWrite = 1;
    public const short PollOut = 4;

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    public static partial int Socket(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "connect", SetLastError = true)]
    public static partial int Connect(int socket, SocketAddressInet* address, int length);

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    public static partial nint Send(int socket, byte* data, nint length, int flags);

    [LibraryImport("libc", EntryPoint = "sendmmsg", SetLastError = true)]
    public static partial int SendMany(int socket, MultipleMessageHeader* messages, uint count, int flags);

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    public static partial nint Receive(int socket, byte* data, nint length, int flags);

    [LibraryImport("libc", EntryPoint = "shutdown", SetLastError = true)]
    public static partial int Shutdown(int socket, int how);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    public static partial int Poll(PollDescriptor* descriptors, nuint count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int socket);

    /// <summary><c>struct sockaddr_in</c>; port and address in network order.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct SocketAddressInet
    {
        public ushort Family;
        public ushort Port;
        public uint Address;
        public ulong Zero;
    }

    /// <summary><c>struct pollfd</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct PollDescriptor
    {
        public int Socket;
        public short Wanted;
        public short Found;
    }

    /// <summary><c>struct iovec</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct IoVector
    {
        public byte* Base;
        public nuint Length;
    }

    /// <summary><c>struct mmsghdr</c> of 64-bit Linux.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct MultipleMessageHeader
    {
        public void* Name;
        public uint NameLength;
        public IoVector* Vectors;
        public nuint VectorCount;
        public void* Control;
        public nuint ControlLength;
        public int Flags;
        public uint SentLength;
        public uint Padding;
    }
}
