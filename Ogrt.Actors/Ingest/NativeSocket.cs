using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Ogrt.Actors.Ingest;

/// <summary>
/// The system calls of the receiving threads. .NET has no accept that does not block, throw or go through its event loop, and
/// no <c>recvmmsg</c>; what the two save is in docs/ingest.md. Values are those of Linux, the only system that OGRT runs on.
/// </summary>
internal static unsafe partial class NativeSocket
{
    public const int SockNonBlock = 0x800;
    public const int SockCloseOnExec = 0x80000;
    public const int SolSocket = 1;
    public const int SoReceiveBuffer = 8;
    public const int SoReceiveTimeout = 20;
    public const int SoAttachFilter = 26;
    public const int SoReceiveBufferForce = 33;
    public const int SoMemoryInfo = 55;
    public const int ProtocolTcp = 6;
    public const int TcpDeferAccept = 9;
    public const int MsgTruncated = 0x20;
    public const int MsgDontWait = 0x40;
    public const int MsgWaitForOne = 0x10000;
    public const int ShutdownRead = 0;
    public const short PollIn = 1;

    public const int Interrupted = 4;
    public const int Again = 11;

    /// <summary>Bytes of the largest internet address, <c>sockaddr_in6</c>.</summary>
    public const int AddressSize = 28;

    /// <summary><c>accept4</c>; -1 and an error, or the connection.</summary>
    [LibraryImport("libc", EntryPoint = "accept4", SetLastError = true)]
    public static partial int Accept(SafeHandle listener, byte* address, int* addressLength, int flags);

    /// <summary><c>recv</c> from a handle; -1 and an error, 0 at the end, or a number of bytes.</summary>
    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    public static partial nint Receive(SafeHandle socket, byte* buffer, nint length, int flags);

    /// <summary>The same from a descriptor that the caller owns.</summary>
    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    public static partial nint Receive(int socket, byte* buffer, nint length, int flags);

    /// <summary><c>recvmmsg</c>; -1 and an error, or a number of datagrams.</summary>
    [LibraryImport("libc", EntryPoint = "recvmmsg", SetLastError = true)]
    public static partial int ReceiveMany(SafeHandle socket, MessageHeader* messages, uint count, int flags, void* timeout);

    /// <summary><c>poll</c> of one descriptor, in milliseconds.</summary>
    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    public static partial int Poll(PollDescriptor* descriptors, nuint count, int timeout);

    /// <summary><c>shutdown</c>; with 0 for the receiving side.</summary>
    [LibraryImport("libc", EntryPoint = "shutdown", SetLastError = true)]
    public static partial int Shutdown(SafeHandle socket, int how);

    /// <summary><c>close</c> of a descriptor that the caller owns.</summary>
    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int socket);

    /// <summary><c>nanosleep</c>, which .NET has only in milliseconds; it may end early.</summary>
    [LibraryImport("libc", EntryPoint = "nanosleep")]
    public static partial int Sleep(in TimeSpec duration, void* remaining);

    /// <summary>Lets the kernel pass over clients that begin to connect, as if their packets had got lost; connections that have begun
    /// go on to be completed and accepted.</summary>
    /// <returns>Whether it does; not where a sandbox forbids socket filters.</returns>
    public static bool TryIgnoreConnects(Socket listener)
    {
        // On a listening socket a filter sees each packet from the TCP header on (tcp_filter in Linux's net/ipv4/tcp_ipv4.c).
        const ushort LoadByte = 0x30, And = 0x54, JumpIfEqual = 0x15, Return = 0x06;
        const uint Flags = 13, Syn = 0x02, Ack = 0x10;
        ReadOnlySpan<FilterInstruction> filter =
        [
            new(LoadByte, 0, 0, Flags), new(And, 0, 0, Syn | Ack), new(JumpIfEqual, 0, 1, Syn), new(Return, 0, 0, 0), new(Return, 0, 0, uint.MaxValue),
        ];
        fixed (FilterInstruction* instructions = filter)
        {
            var program = new FilterProgram { Length = (ushort)filter.Length, Instructions = instructions };
            try
            {
                listener.SetRawSocketOption(SolSocket, SoAttachFilter, new ReadOnlySpan<byte>(&program, sizeof(FilterProgram)));
                return true;
            }
            catch (SocketException)
            {
                return false;
            }
        }
    }

    /// <summary><c>struct sock_filter</c>: operation, jumps, operand.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct FilterInstruction(ushort Operation, byte JumpIfTrue, byte JumpIfFalse, uint Operand);

    /// <summary><c>struct sock_fprog</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct FilterProgram
    {
        public ushort Length;
        public FilterInstruction* Instructions;
    }

    /// <summary><c>struct timespec</c> of 64-bit Linux.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }

    /// <summary><c>struct pollfd</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct PollDescriptor
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }

    /// <summary><c>struct iovec</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct IoVector
    {
        public byte* Base;
        public nuint Length;
    }

    /// <summary><c>struct mmsghdr</c> of 64-bit Linux: a <c>msghdr</c>, and the length of what was received.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct MessageHeader
    {
        public byte* Name;
        public uint NameLength;
        public IoVector* Vectors;
        public nuint VectorCount;
        public byte* Control;
        public nuint ControlLength;
        public int Flags;
        private readonly int _padding;
        public uint Received;
    }
}
