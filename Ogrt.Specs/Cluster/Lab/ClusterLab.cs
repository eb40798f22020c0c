using System.Diagnostics;
using System.Globalization;
using System.Net;
using Ogrt.Journal;

namespace Ogrt.Specs.Cluster.Lab;

/// <summary>
/// Several real servers with a network between them that can be cut, and a name server that can be made to answer this or
/// that. The specs run it, and <c>./build.sh cluster</c>. Everything it makes is gone with it; it ends only what it started,
/// by process id.
/// </summary>
internal sealed class ClusterLab : IAsyncDisposable
{
    /// <summary>The name under which the name server has the nodes.</summary>
    public const string Alias = "ogrt.test";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly LabFolder _folder = new();
    private readonly ILabNetwork _network;
    private readonly LabOptions _options;
    private readonly List<LabNode> _nodes = [];
    private NameServer? _names;

    private ClusterLab(ILabNetwork network, LabOptions options, string whyNoNamespaces)
    {
        _network = network;
        _options = options;
        WhyNoNamespaces = whyNoNamespaces;
    }

    /// <summary>The servers.</summary>
    public IReadOnlyList<LabNode> Nodes => _nodes;

    /// <summary>Whether the network can be cut; else <see cref="WhyNoNamespaces"/> tells why not.</summary>
    public bool CanCut => _network is NamespaceNetwork;

    /// <summary>Why there are no namespaces; empty where there are.</summary>
    public string WhyNoNamespaces { get; }

    /// <summary>What the network is made of.</summary>
    public string Network => _network.Description;

    /// <summary>The name server; null where none was asked for.</summary>
    public NameServer? Names => _names;

    /// <summary>The folder of everything.</summary>
    public string Folder => _folder.Path;

    /// <summary>Makes the network and the configurations, and starts the name server; no server runs yet.</summary>
    public static async Task<ClusterLab> CreateAsync(LabOptions options, CancellationToken cancel)
    {
        string why = "loopback was asked for";
        ILabNetwork network = options.LoopbackOnly ? new LoopbackNetwork() : NamespaceNetwork.TryCreate(options.Nodes, out why) ?? (ILabNetwork)new LoopbackNetwork();
        var lab = new ClusterLab(network, options, why);
        try
        {
            if (options.WithNameServer || options.ByAlias)
            {
                int port = network is NamespaceNetwork ? 53 : EndToEnd.ServerProcess.FreePort();
                lab._names = await NameServer.StartAsync(lab._folder.Path, new IPEndPoint(network.Address(-1), port), network.Space(-1), cancel);
            }
            for (int i = 0; i < options.Nodes; i++)
                lab._nodes.Add(lab.MakeNode(i));
            return lab;
        }
        catch
        {
            await lab.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts every server and waits until they are one cluster.</summary>
    public async Task StartAsync(CancellationToken cancel)
    {
        if (_options.ByAlias)
            await SetAliasAsync(_nodes);
        foreach (LabNode node in _nodes)
            await node.StartAsync();
        await WholeAsync(cancel);
    }

    /// <summary>Lets the alias name these nodes.</summary>
    public Task SetAliasAsync(IEnumerable<LabNode> nodes) =>
        _names!.SetAsync(Alias, nodes.Select(n => n.Address.ToString()), []);

    /// <summary>Lets two nodes lose all packets of each other.</summary>
    public void Partition(LabNode one, LabNode other)
    {
        _network.Cut(one.Index, other.Index);
        _network.Cut(other.Index, one.Index);
    }

    /// <summary>Lets packets of one node no longer reach another.</summary>
    public void PartitionOneWay(LabNode from, LabNode to) => _network.Cut(from.Index, to.Index);

    /// <summary>Lets a share of the packets between nodes get lost.</summary>
    public void Loss(int percent) => _network.Lose(percent);

    /// <summary>Undoes every fault of the network.</summary>
    public void Heal() => _network.Heal();

    /// <summary>Waits until all servers are ready and see each other in one cluster. One that has ended because the cluster has
    /// put it out is started again, as systemd does.</summary>
    public Task WholeAsync(CancellationToken cancel) => UntilAsync(async () =>
    {
        foreach (LabNode node in _nodes.Where(n => n.ExitCode is not null))
            await node.StartAsync();
        var seen = new List<string>();
        foreach (LabNode node in _nodes)
        {
            (string id, IReadOnlyList<string> up) = await node.ClusterAsync();
            if (up.Count != _nodes.Count || !await node.IsReadyAsync())
                return false;
            seen.Add(id);
        }
        return seen.Distinct().Count() == 1;
    }, "the servers are one cluster and ready", cancel);

    /// <summary>Waits until something holds.</summary>
    /// <exception cref="TimeoutException">It did not in time; the message has the servers' last words.</exception>
    public async Task UntilAsync(Func<Task<bool>> holds, string what, CancellationToken cancel)
    {
        long start = Stopwatch.GetTimestamp();
        while (!await holds())
        {
            if (Stopwatch.GetElapsedTime(start) > Patience)
            {
                string said = string.Concat(_nodes.Select(n => $"\n--- {n.Name}, {(n.Runs ? "runs" : $"ended with {n.ExitCode}")}\n{string.Join('\n', n.Said.Split('\n').TakeLast(40))}"));
                throw new TimeoutException($"Not in time: {what}.{said}");
            }
            await Task.Delay(100, cancel);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (LabNode node in _nodes)
            await node.DisposeAsync();
        if (_names is not null)
            await _names.DisposeAsync();
        _network.Dispose();
        _folder.Dispose();
    }

    private LabNode MakeNode(int index)
    {
        string folder = Path.Combine(_folder.Path, "node" + (index + 1).ToString(CultureInfo.InvariantCulture));
        Directory.CreateDirectory(folder);
        IPAddress address = _network.Address(index);
        string where = _options.ByAlias
            ? $"dns.alias = {Alias}\n  dns.servers = [\"{_names!.EndPoint}\"]"
            : $"seeds = [{string.Join(", ", Enumerable.Range(0, _options.Nodes).Select(i => $"\"{_network.Address(i)}:{LabNode.ClusterPort}\""))}]";
        string configuration = Path.Combine(folder, "ogrt.hocon");
        File.WriteAllText(configuration, string.Create(CultureInfo.InvariantCulture, $$"""
            ogrt.cluster = lab
            ogrt.data-directory = "{{folder}}/data"
            ogrt.http {
              address = "{{address}}"
              port = {{LabNode.HttpPort}}
            }
            ogrt.ingest.listeners {
              tcp.address = "{{address}}"
              tcp.port = {{LabNode.FramePort}}
              udp.address = "{{address}}"
              udp.port = {{LabNode.FramePort}}
            }
            ogrt.cluster-node {
              host = "{{address}}"
              port = {{LabNode.ClusterPort}}
              expected-nodes = {{_options.Nodes}}
              plaintext = "yes, only servers can reach this network"
              {{where}}
            }
            ogrt.jobs.snapshots {
              directory = "{{_folder.Path}}/snapshots"
              store = shared-directory
            }
            {{_options.Settings}}

            """));
        var node = new LabNode(index, address, _network.Space(index), folder, configuration);
        if (_options.KeepsJournals)
        {
            // A reader that never reads on holds every segment.
            using SegmentedJournal journal = SegmentedJournal.Open(new JournalOptions { Directory = node.Journal });
            using JournalReader reader = journal.OpenReader("laboratory");
        }
        return node;
    }
}
