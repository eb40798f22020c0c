using System.Net;

namespace Ogrt.Specs.Cluster.Lab;

/// <summary>Loopback addresses, a node each, where network namespaces are not allowed. It has no faults to offer.</summary>
internal sealed class LoopbackNetwork : ILabNetwork
{
    // Two laboratories at a time do not meet.
    private readonly int _base = Environment.ProcessId % 250;

    public string Description => "loopback addresses: network namespaces are not allowed here, so the network cannot be cut";

    public string? Space(int place) => null;

    public IPAddress Address(int place) => new([127, 77, (byte)_base, (byte)(place + 4)]);

    public IPAddress? AddressV6(int place) => null;

    public void Cut(int from, int to) => throw new NotSupportedException("Without network namespaces the network cannot be cut.");

    public void Join(int from, int to)
    {
        // Nothing was cut.
    }

    public void Lose(int percent) => throw new NotSupportedException("Without network namespaces no packets can be lost.");

    public void Redirect(int from, int to, int port, IPEndPoint proxy) => throw new NotSupportedException("Without network namespaces nothing can be redirected.");

    public void Heal()
    {
        // There is nothing to heal.
    }

    public void Dispose()
    {
        // Nothing was made.
    }
}
