using System.Net;
using System.Net.Sockets;

namespace Ogrt.Actors.Ingest;

/// <summary>A listener could not be bound; the message tells an operator what to do.</summary>
public sealed class IngestBindException : Exception
{
    /// <summary>Makes an exception with a message.</summary>
    /// <param name="message">What happened.</param>
    public IngestBindException(string message)
        : base(message)
    {
    }

    /// <summary>Makes an exception with a message and what it comes from.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="cause">What it comes from.</param>
    public IngestBindException(string message, Exception cause)
        : base(message, cause)
    {
    }

    /// <summary>Makes an exception for a listener.</summary>
    /// <param name="listener">The listener's name.</param>
    /// <param name="endPoint">What it was to be bound to.</param>
    /// <param name="cause">What the system said.</param>
    public IngestBindException(string listener, IPEndPoint endPoint, SocketException cause)
        : base(Describe(listener, endPoint, cause), cause)
    {
    }

    private static string Describe(string listener, IPEndPoint endPoint, SocketException cause)
    {
        ArgumentNullException.ThrowIfNull(cause);
        string what = cause.SocketErrorCode switch
        {
            SocketError.AddressAlreadyInUse =>
                $"address {endPoint} is in use; stop the other program, or set ogrt.ingest.listeners.{listener}.port to another port",
            SocketError.AddressNotAvailable =>
                $"address {endPoint} is not an address of this machine; set ogrt.ingest.listeners.{listener}.address to one that is",
            SocketError.AccessDenied =>
                $"address {endPoint} may not be bound by this user; ports below 1024 need the capability CAP_NET_BIND_SERVICE",
            _ => $"address {endPoint} cannot be bound: {cause.Message}",
        };
        return $"Listener {listener}: {what}.";
    }
}
