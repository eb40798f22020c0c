using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Ogrt.Sinks.JsonTcp;

/// <summary>A host or an address, and a port: <c>host:5170</c>, <c>192.0.2.7:5170</c>, <c>[2001:db8::7]:5170</c>.</summary>
/// <param name="Host">The name or the address, the latter without brackets.</param>
/// <param name="Port">The port, from 1.</param>
public readonly record struct HostPort(string Host, int Port)
{
    /// <summary>Reads one from text.</summary>
    public static bool TryParse(string text, out HostPort result)
    {
        ArgumentNullException.ThrowIfNull(text);
        result = default;
        int colon = text.LastIndexOf(':');
        if (colon <= 0 || !int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int port) || port is < 1 or > 65535)
            return false;
        string host = text[..colon];
        if (host[0] == '[')
        {
            if (host[^1] != ']' || !IPAddress.TryParse(host[1..^1], out IPAddress? address) || address.AddressFamily != AddressFamily.InterNetworkV6)
                return false;
            host = host[1..^1];
        }
        else if (Uri.CheckHostName(host) is not (UriHostNameType.Dns or UriHostNameType.IPv4))
        {
            return false;
        }
        result = new HostPort(host, port);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => Host.Contains(':', StringComparison.Ordinal)
        ? string.Create(CultureInfo.InvariantCulture, $"[{Host}]:{Port}")
        : string.Create(CultureInfo.InvariantCulture, $"{Host}:{Port}");
}
