using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Ogrt.Journal;

/// <summary>Where a record came from: an IPv6 or IPv4-mapped address and a port, 18 bytes; <c>default</c> means unknown.</summary>
public readonly record struct JournalSender
{
    /// <summary>Bytes that a sender takes in a record.</summary>
    public const int Size = 18;

    private const ulong MappedPrefix = 0x0000_0000_0000_FFFF;

    private readonly ulong _high;
    private readonly ulong _low;
    private readonly ushort _port;

    private JournalSender(ulong high, ulong low, ushort port) => (_high, _low, _port) = (high, low, port);

    /// <summary>Whether this is <c>default</c>, the unknown sender.</summary>
    public bool IsNone => _high == 0 && _low == 0 && _port == 0;

    /// <summary>The port, 0 when unknown.</summary>
    public int Port => _port;

    /// <summary>The address; an IPv4-mapped one is given as IPv4.</summary>
    public IPAddress Address
    {
        get
        {
            Span<byte> bytes = stackalloc byte[16];
            BinaryPrimitives.WriteUInt64BigEndian(bytes, _high);
            BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], _low);
            return IsMapped ? new IPAddress(bytes[12..]) : new IPAddress(bytes);
        }
    }

    private bool IsMapped => _high == 0 && _low >> 32 == MappedPrefix;

    /// <summary>The sender behind an end point; null gives the unknown sender.</summary>
    public static JournalSender FromEndPoint(IPEndPoint? endPoint)
    {
        if (endPoint is null)
            return default;
        Span<byte> bytes = stackalloc byte[16];
        if (endPoint.Address.AddressFamily == AddressFamily.InterNetwork)
        {
            endPoint.Address.TryWriteBytes(bytes, out _);
            return FromIPv4(bytes, (ushort)endPoint.Port);
        }

        endPoint.Address.TryWriteBytes(bytes, out _);
        return FromIPv6(bytes, (ushort)endPoint.Port);
    }

    /// <summary>The sender in a socket address as the kernel filled it, without making an object; another family than IPv4 or
    /// IPv6 (a Unix socket) gives the unknown sender.</summary>
    public static JournalSender FromSocketAddress(SocketAddress? address)
    {
        if (address is null)
            return default;
        // sockaddr_in and sockaddr_in6: family (2), port (2, network order), then the address, in sockaddr_in6 behind 4 bytes of flow label.
        ReadOnlySpan<byte> raw = address.Buffer.Span[..address.Size];
        return address.Family switch
        {
            AddressFamily.InterNetwork when raw.Length >= 8 => FromIPv4(raw[4..], BinaryPrimitives.ReadUInt16BigEndian(raw[2..])),
            AddressFamily.InterNetworkV6 when raw.Length >= 24 => FromIPv6(raw[8..], BinaryPrimitives.ReadUInt16BigEndian(raw[2..])),
            _ => default,
        };
    }

    /// <summary>Address and port, such as <c>10.1.2.3:40000</c> or <c>[2001:db8::1]:40000</c>; <c>-</c> when unknown.</summary>
    public override string ToString() => IsNone ? "-" : new IPEndPoint(Address, Port).ToString();

    internal static JournalSender Read(ReadOnlySpan<byte> source) => FromIPv6(source, BinaryPrimitives.ReadUInt16BigEndian(source[16..]));

    internal void Write(Span<byte> target)
    {
        BinaryPrimitives.WriteUInt64BigEndian(target, _high);
        BinaryPrimitives.WriteUInt64BigEndian(target[8..], _low);
        BinaryPrimitives.WriteUInt16BigEndian(target[16..], _port);
    }

    private static JournalSender FromIPv4(ReadOnlySpan<byte> address, ushort port) =>
        new(0, MappedPrefix << 32 | BinaryPrimitives.ReadUInt32BigEndian(address), port);

    private static JournalSender FromIPv6(ReadOnlySpan<byte> address, ushort port) =>
        new(BinaryPrimitives.ReadUInt64BigEndian(address), BinaryPrimitives.ReadUInt64BigEndian(address[8..]), port);
}
