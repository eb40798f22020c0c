using System.Net;
using Ogrt.Actors.Cluster;
using Ogrt.Actors.Cluster.Formation;
using Ogrt.Specs.Cluster.Lab;
using Ogrt.Specs.Soak;

namespace Ogrt.Specs.Cluster.Faults;

/// <summary>
/// Compute nodes that know an alias and nothing else: they ask for its addresses now and then, as the address file is made, and
/// take any of those. While the name server does not answer, the last answer stands.
/// </summary>
internal sealed class AliasClients : IAsyncDisposable
{
    private static readonly TimeSpan Again = TimeSpan.FromMilliseconds(500);

    private readonly Dictionary<IPAddress, FramePeer> _peers;
    private readonly DnsContacts _names;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _asking;
    private FramePeer[] _now;

    private AliasClients(ClusterLab lab)
    {
        _peers = lab.Nodes.ToDictionary(n => n.Address, n => new FramePeer(new IPEndPoint(n.Address, LabNode.FramePort)));
        _now = [.. _peers.Values];
        var settings = new DnsSettings { Alias = ClusterLab.Alias, UsesSrv = false, Servers = [lab.Names!.EndPoint], Timeout = TimeSpan.FromSeconds(1) };
        _names = new DnsContacts(settings, new NodeAddress(IPAddress.Any.ToString(), LabNode.FramePort));
        _asking = AskAsync();
    }

    /// <summary>Begins to ask.</summary>
    public static AliasClients Start(ClusterLab lab) => new(lab);

    /// <summary>One of the servers that the alias names.</summary>
    public FramePeer Next()
    {
        FramePeer[] now = Volatile.Read(ref _now);
        return now[Random.Shared.Next(now.Length)];
    }

    /// <summary>A node as those see it who send to it.</summary>
    public FramePeer Of(LabNode node) => _peers[node.Address];

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _asking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task AskAsync()
    {
        using var timer = new PeriodicTimer(Again);
        while (await timer.WaitForNextTickAsync(_stop.Token))
        {
            (IReadOnlyList<NodeAddress>? contacts, _) = await _names.LookUpAsync(_stop.Token);
            if (contacts is not { Count: > 0 })
                continue;
            Volatile.Write(ref _now, [.. contacts.Select(c => PeerOf(IPAddress.Parse(c.Host)))]);
        }
    }

    // An address of no node is one that is still listed after its node has gone.
    private FramePeer PeerOf(IPAddress address) => _peers.TryGetValue(address, out FramePeer? peer) ? peer : new FramePeer(new IPEndPoint(address, LabNode.FramePort));
}
