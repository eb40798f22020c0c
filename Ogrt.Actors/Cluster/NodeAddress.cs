using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using Akka.Actor;

namespace Ogrt.Actors.Cluster;

/// <summary>
/// Where a node is reached by the others: host and port as Akka has them in its addresses, which it compares as texts. An
/// IPv6 address is in brackets.
/// </summary>
/// <param name="Host">A name or an address.</param>
/// <param name="Port">The port between nodes.</param>
public readonly record struct NodeAddress(string Host, int Port) : IComparable<NodeAddress>
{
    /// <summary>Reads <c>HOST:PORT</c>; an IPv6 address has to be in brackets.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out NodeAddress? address)
    {
        address = null;
        int colon = text?.LastIndexOf(':') ?? -1;
        if (colon < 1 || !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port) || port == 0)
            return false;
        string host = text![..colon];
        if (host.Contains(':', StringComparison.Ordinal) && !(host[0] == '[' && host[^1] == ']' && IPAddress.TryParse(host, out _)))
            return false;
        address = new NodeAddress(Normal(host), port);
        return true;
    }

    /// <summary>A host as it stands in an address: an IPv6 address in its shortest form and in brackets, a name in lower case.</summary>
    public static string Normal(string host)
    {
        ArgumentNullException.ThrowIfNull(host);
        return IPAddress.TryParse(host, out IPAddress? ip)
            ? ip.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? $"[{ip}]" : ip.ToString()
            : host.TrimEnd('.').ToLowerInvariant();
    }

    /// <summary>The same of an address of Akka's.</summary>
    public static NodeAddress Of(Address address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return new NodeAddress(address.Host ?? "", address.Port ?? 0);
    }

    /// <summary>As an address of Akka's.</summary>
    /// <param name="self">An address of the same actor system: protocol and name are taken from it.</param>
    public Address ToAkka(Address self)
    {
        ArgumentNullException.ThrowIfNull(self);
        return new Address(self.Protocol, self.System, Host, Port);
    }

    /// <summary>IPv4 before IPv6 before names; addresses by their bytes, so that 10.0.0.9 comes before 10.0.0.10; then ports.</summary>
    public int CompareTo(NodeAddress other)
    {
        byte[]? mine = Bytes(Host), theirs = Bytes(other.Host);
        int order = (mine?.Length ?? int.MaxValue).CompareTo(theirs?.Length ?? int.MaxValue);
        if (order == 0)
            order = mine is null ? string.CompareOrdinal(Host, other.Host) : mine.AsSpan().SequenceCompareTo(theirs);
        return order != 0 ? order : Port.CompareTo(other.Port);
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Host}:{Port}");

    /// <summary>Order of addresses.</summary>
    public static bool operator <(NodeAddress left, NodeAddress right) => left.CompareTo(right) < 0;

    /// <summary>Order of addresses.</summary>
    public static bool operator >(NodeAddress left, NodeAddress right) => left.CompareTo(right) > 0;

    /// <summary>Order of addresses.</summary>
    public static bool operator <=(NodeAddress left, NodeAddress right) => left.CompareTo(right) <= 0;

    /// <summary>Order of addresses.</summary>
    public static bool operator >=(NodeAddress left, NodeAddress right) => left.CompareTo(right) >= 0;

    private static byte[]? Bytes(string host) => IPAddress.TryParse(host, out IPAddress? ip) ? ip.GetAddressBytes() : null;
}
