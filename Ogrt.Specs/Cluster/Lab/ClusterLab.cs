using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json;
using Ogrt.Specs.Soak;

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

    /// <summary>The exit code of a server that the cluster has put out, and that systemd starts again.</summary>
    public const int Withdrawn = 75;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly LabFolder _folder = new();
    private readonly ILabNetwork _network;
    private readonly LabOptions _options;
    private readonly List<LabNode> _nodes = [];
    private readonly List<DelayProxy> _proxies = [];
    private readonly string _settingsOnceThere;
    private NameServer? _names;

    private ClusterLab(ILabNetwork network, LabOptions options, string whyNoNamespaces)
    {
        _network = network;
        _options = options;
        _settingsOnceThere = options.SettingsOnceThere?.Invoke(Host) ?? "";
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

    /// <summary>The database of snapshots; null where they are in a directory.</summary>
    public PostgreSqlServer? Database { get; private set; }

    /// <summary>This process as the servers see it.</summary>
    public IPAddress Host => _network.Address(ILabNetwork.Host);

    /// <summary>The namespace of the name server, whose programs ask it; null where there are none.</summary>
    public string? ClientSpace => _network.Space(ILabNetwork.NameServer);

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
                lab._names = await NameServer.StartAsync(
                    lab._folder.Path, new IPEndPoint(network.Address(ILabNetwork.NameServer), port), network.Space(ILabNetwork.NameServer), cancel);
            }
            if (options.WithDatabase)
            {
                int port = network is NamespaceNetwork ? 5432 : EndToEnd.ServerProcess.FreePort();
                lab.Database = await PostgreSqlServer.StartAsync(new IPEndPoint(network.Address(ILabNetwork.Database), port), network.Space(ILabNetwork.Database));
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
    /// <param name="nodes">The nodes.</param>
    /// <param name="stillListed">Whether it also has an address that nobody has, as of a node that is gone.</param>
    public Task SetAliasAsync(IEnumerable<LabNode> nodes, bool stillListed = false) =>
        _names!.SetAsync(Alias, nodes.Select(n => n.Address).Concat(stillListed ? [_network.Address(_nodes.Count)] : []).Select(a => a.ToString()), []);

    /// <summary>Lets two nodes lose all packets of each other.</summary>
    public void Partition(LabNode one, LabNode other)
    {
        _network.Cut(one.Index, other.Index);
        _network.Cut(other.Index, one.Index);
    }

    /// <summary>Undoes <see cref="Partition"/>.</summary>
    public void Join(LabNode one, LabNode other)
    {
        _network.Join(one.Index, other.Index);
        _network.Join(other.Index, one.Index);
    }

    /// <summary>Lets packets of one node no longer reach another.</summary>
    public void PartitionOneWay(LabNode from, LabNode to) => _network.Cut(from.Index, to.Index);

    /// <summary>Lets a share of the packets between nodes get lost.</summary>
    public void Loss(int percent) => _network.Lose(percent);

    /// <summary>Lets everything between two nodes take longer, each way; what is connected between them is broken off.</summary>
    /// <returns>What has been connected since, to tell whether it was felt.</returns>
    public Func<int> Delay(LabNode one, LabNode other, TimeSpan by)
    {
        var there = DelayProxy.Start(Host, new IPEndPoint(other.Address, LabNode.ClusterPort), by);
        var back = DelayProxy.Start(Host, new IPEndPoint(one.Address, LabNode.ClusterPort), by);
        _proxies.AddRange([there, back]);
        _network.Redirect(one.Index, other.Index, LabNode.ClusterPort, there.Place);
        _network.Redirect(other.Index, one.Index, LabNode.ClusterPort, back.Place);
        return () => there.Connections + back.Connections;
    }

    /// <summary>Lets everything between the nodes and their database take longer, each way.</summary>
    /// <returns>What has been connected since, to tell whether it was felt.</returns>
    public Func<int> DelayDatabase(TimeSpan by)
    {
        var proxy = DelayProxy.Start(Host, Database!.Place, by);
        _proxies.Add(proxy);
        foreach (LabNode node in _nodes)
            _network.Redirect(node.Index, ILabNetwork.Database, Database.Place.Port, proxy.Place);
        return () => proxy.Connections;
    }

    /// <summary>Undoes every fault of the network.</summary>
    public async Task HealAsync()
    {
        _network.Heal();
        foreach (DelayProxy proxy in _proxies)
            await proxy.DisposeAsync();
        _proxies.Clear();
    }

    /// <summary>Waits until all servers are ready and see each other in one cluster. One that has ended because the cluster has
    /// put it out is started again, as systemd does.</summary>
    public Task WholeAsync(CancellationToken cancel) => UntilAsync(async () =>
    {
        foreach (LabNode node in _nodes.Where(n => n.ExitCode is not null))
        {
            if (node.ExitCode != Withdrawn)
                throw new InvalidOperationException($"{node.Name} ended with {node.ExitCode}: {node.Said}");
            await node.StartAsync();
        }
        return await IsWholeAsync();
    }, "the servers are one cluster and ready", cancel);

    /// <summary>Whether all servers are ready and see each other in one cluster.</summary>
    public async Task<bool> IsWholeAsync()
    {
        var seen = new List<string>();
        foreach (LabNode node in _nodes)
        {
            (string id, IReadOnlyList<string> up) = await node.ClusterAsync();
            if (up.Count != _nodes.Count || !await node.IsReadyAsync())
                return false;
            seen.Add(id);
        }
        return seen.Distinct().Count() == 1;
    }

    /// <summary>How many processes a job has in its tree, by the server where it lives; null where it lives nowhere.</summary>
    public async Task<int?> CountProcessesAsync(string job)
    {
        foreach (LabNode node in _nodes)
        {
            (int code, string output, string error) = await node.CommandAsync("tree", job, "--json", "--verbose");
            // Not from a store: it has the last record that a node has written, which another may have overtaken.
            if (code != 0 || !error.Contains("From the running server", StringComparison.Ordinal)) continue;
            using JsonDocument document = JsonDocument.Parse(output, new JsonDocumentOptions { MaxDepth = 10_000 });
            return document.RootElement.GetProperty("process_count").GetInt32();
        }
        return null;
    }

    /// <summary>Waits until something holds.</summary>
    /// <exception cref="TimeoutException">It did not in time; the message has the servers' last words.</exception>
    public async Task UntilAsync(Func<Task<bool>> holds, string what, CancellationToken cancel)
    {
        long start = Stopwatch.GetTimestamp();
        while (!await holds())
        {
            if (Stopwatch.GetElapsedTime(start) > Patience)
                throw new TimeoutException($"Not in time: {what}.{LastWords()}");
            await Task.Delay(100, cancel);
        }
    }

    /// <summary>What the servers have said last.</summary>
    public string LastWords() => string.Concat(_nodes.Select(n =>
        $"\n--- {n.Name}, {(n.Runs ? "runs" : $"ended with {n.ExitCode}")}\n{string.Join('\n', n.Said.Split('\n').TakeLast(40))}"));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (LabNode node in _nodes)
            await node.DisposeAsync();
        foreach (DelayProxy proxy in _proxies)
            await proxy.DisposeAsync();
        if (_names is not null)
            await _names.DisposeAsync();
        if (Database is not null)
            await Database.DisposeAsync();
        _network.Dispose();
        _folder.Dispose();
    }

    private LabNode MakeNode(int index)
    {
        string folder = Path.Combine(_folder.Path, "node" + (index + 1).ToString(CultureInfo.InvariantCulture));
        Directory.CreateDirectory(folder);
        IPAddress address = _network.Address(index);
        SmallDisk? disk = null;
        JumpingClock? clock = null;
        if (_options.WithDisksAndClocks)
        {
            disk = SmallDisk.Mount(new DirectoryInfo(folder)).Disk;
            clock = JumpingClock.Make(new DirectoryInfo(folder)).Clock;
        }
        string data = Path.Combine(disk?.Path ?? folder, "data");
        string where = _options.ByAlias
            ? $"dns.alias = {Alias}\n  dns.servers = [\"{_names!.EndPoint}\"]"
            : $"seeds = [{string.Join(", ", Enumerable.Range(0, _options.Nodes).Select(i => $"\"{_network.Address(i)}:{LabNode.ClusterPort}\""))}]";
        string configuration = Path.Combine(folder, "ogrt.hocon");
        File.WriteAllText(configuration, string.Create(CultureInfo.InvariantCulture, $$"""
            ogrt.cluster = lab
            ogrt.data-directory = "{{data}}"
            ogrt.http {
              address = "{{address}}"
              port = {{LabNode.HttpPort}}
            }
            ogrt.ingest.listeners {
              tcp.address = "{{(_options.TakesFramesEverywhere ? IPAddress.IPv6Any : address)}}"
              tcp.port = {{LabNode.FramePort}}
              udp.address = "{{(_options.TakesFramesEverywhere ? IPAddress.IPv6Any : address)}}"
              udp.port = {{LabNode.FramePort}}
            }
            ogrt.cluster-node {
              host = "{{address}}"
              port = {{LabNode.ClusterPort}}
              expected-nodes = {{_options.Nodes}}
              plaintext = "yes, only servers can reach this network"
              {{where}}
            }
            {{Database?.Settings ?? $"ogrt.jobs.snapshots.store = shared-directory\nogrt.jobs.snapshots.directory = \"{_folder.Path}/snapshots\""}}
            {{_options.Settings}}
            {{_settingsOnceThere}}

            """));
        var node = new LabNode(index, address, _network.Space(index), folder, data, configuration) 
        {
            AddressV6 = _network.AddressV6(index), Disk = disk, Clock = clock, Processor = _options.Processors is { Count: > 0 } held ? held[index % held.Count] : null,
        };
        if (_options.KeepsJournals)
            Ledger.Keep(node.Journal);
        return node;
    }
}
