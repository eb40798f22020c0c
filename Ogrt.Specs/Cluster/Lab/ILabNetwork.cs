using System.Net;

namespace Ogrt.Specs.Cluster.Lab;

/// <summary>The network between the nodes of a laboratory.</summary>
internal interface ILabNetwork : IDisposable
{
    /// <summary>How it is made, in words for whoever looks at it.</summary>
    string Description { get; }

    /// <summary>The network namespace of a node; null where there is none.</summary>
    string? Space(int node);

    /// <summary>The address of a node, from 0 on; -1 is the name server's.</summary>
    IPAddress Address(int node);

    /// <summary>Lets packets from one node to another get lost; only that way.</summary>
    /// <exception cref="NotSupportedException">There are no namespaces.</exception>
    void Cut(int from, int to);

    /// <summary>Lets a share of all packets between nodes get lost.</summary>
    /// <exception cref="NotSupportedException">There are no namespaces.</exception>
    void Lose(int percent);

    /// <summary>Undoes every fault.</summary>
    void Heal();
}
