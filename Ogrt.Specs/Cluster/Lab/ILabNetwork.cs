using System.Net;

namespace Ogrt.Specs.Cluster.Lab;

/// <summary>The network between the nodes of a laboratory.</summary>
internal interface ILabNetwork : IDisposable
{
    /// <summary>How it is made, in words for whoever looks at it.</summary>
    string Description { get; }

    /// <summary>The place of this process, which has no namespace of its own.</summary>
    const int Host = -3;

    /// <summary>The place of the database.</summary>
    const int Database = -2;

    /// <summary>The place of the name server.</summary>
    const int NameServer = -1;

    /// <summary>The network namespace of a place; null where there is none.</summary>
    string? Space(int place);

    /// <summary>The address of a node, from 0 on, or of another place.</summary>
    IPAddress Address(int place);

    /// <summary>The IPv6 address of a place; null where there are no namespaces.</summary>
    IPAddress? AddressV6(int place);

    /// <summary>Lets packets from one node to another get lost; only that way.</summary>
    /// <exception cref="NotSupportedException">There are no namespaces.</exception>
    void Cut(int from, int to);

    /// <summary>Undoes <see cref="Cut"/>.</summary>
    void Join(int from, int to);

    /// <summary>Lets a share of all packets between nodes get lost.</summary>
    /// <exception cref="NotSupportedException">There are no namespaces.</exception>
    void Lose(int percent);

    /// <summary>Sends what a node has for a port of another place to a proxy instead, and breaks off what it has there.</summary>
    /// <exception cref="NotSupportedException">There are no namespaces.</exception>
    void Redirect(int from, int to, int port, IPEndPoint proxy);

    /// <summary>Undoes every fault.</summary>
    void Heal();
}
