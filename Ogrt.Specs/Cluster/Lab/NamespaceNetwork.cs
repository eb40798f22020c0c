using System.Globalization;
using System.Net;

namespace Ogrt.Specs.Cluster.Lab;

/// <summary>
/// A network namespace for each node, one for the name server and one for the database, joined by a bridge that this process
/// reaches too. Names and addresses follow from the process id and a count, so that several laboratories stand beside each other.
/// </summary>
internal sealed class NamespaceNetwork : ILabNetwork
{
    private static int _laboratories;

    private readonly int _nodes;
    private readonly string _name;
    private readonly byte[] _net;
    private readonly List<string> _spaces = [];
    private readonly HashSet<(int From, int To)> _cuts = [];
    private readonly List<(int From, int To, int Port, IPEndPoint Proxy)> _redirections = [];
    private int _loss;

    private NamespaceNetwork(int nodes)
    {
        _nodes = nodes;
        int number = Interlocked.Increment(ref _laboratories);
        _name = string.Create(CultureInfo.InvariantCulture, $"og{Environment.ProcessId}x{number}");
        // Of 10.128.0.0/9 a network of 256 addresses; others on the machine are not disturbed by a local bridge.
        int net = ((Environment.ProcessId * 16) + number) % (128 * 256);
        _net = [10, (byte)(128 + (net / 256)), (byte)(net % 256)];
    }

    /// <inheritdoc/>
    public string Description => $"network namespaces {string.Join(", ", _spaces)} at the bridge {_name}";

    /// <summary>Makes one, or tells why that cannot be.</summary>
    /// <param name="nodes">How many nodes there will be.</param>
    /// <param name="why">The reason, when null is returned.</param>
    public static NamespaceNetwork? TryCreate(int nodes, out string why)
    {
        why = "";
        var network = new NamespaceNetwork(nodes);
        try
        {
            network.Build();
            return network;
        }
        catch (InvalidOperationException e)
        {
            why = e.Message;
            network.Dispose();
            return null;
        }
    }

    /// <inheritdoc/>
    public string? Space(int place) => place switch
    {
        ILabNetwork.Host => null,
        ILabNetwork.Database => _name + "p",
        ILabNetwork.NameServer => _name + "d",
        _ => _name + place.ToString(CultureInfo.InvariantCulture),
    };

    /// <inheritdoc/>
    public IPAddress Address(int place) => new([.. _net, (byte)(place < 0 ? 4 + place : 10 + place)]);

    /// <inheritdoc/>
    // Of the unique local ones (RFC 4193), with the bytes of the IPv4 address.
    public IPAddress AddressV6(int place) => new([0xfd, 0x4f, 0x47, 0x52, 0x54, _net[1], _net[2], 0, 0, 0, 0, 0, 0, 0, 0, Address(place).GetAddressBytes()[3]]);

    IPAddress? ILabNetwork.AddressV6(int place) => AddressV6(place);

    /// <inheritdoc/>
    public void Cut(int from, int to)
    {
        _cuts.Add((from, to));
        Apply();
    }

    /// <inheritdoc/>
    public void Join(int from, int to)
    {
        _cuts.Remove((from, to));
        Apply();
    }

    /// <inheritdoc/>
    public void Lose(int percent)
    {
        _loss = percent;
        Apply();
    }

    /// <inheritdoc/>
    public void Redirect(int from, int to, int port, IPEndPoint proxy)
    {
        _redirections.Add((from, to, port, proxy));
        Apply();
    }

    /// <inheritdoc/>
    public void Heal()
    {
        _cuts.Clear();
        _redirections.Clear();
        _loss = 0;
        Apply();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (string space in _spaces)
        {
            LabProgram.Try("ip", "netns", "del", space);
            string folder = "/etc/netns/" + space;
            if (Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
        }
        LabProgram.Try("ip", "link", "del", _name);
    }

    private void Build()
    {
        Ip("link", "add", _name, "type", "bridge");
        Ip("addr", "add", Address(ILabNetwork.Host) + "/24", "dev", _name);
        Ip("link", "set", _name, "up");
        for (int place = ILabNetwork.Database; place < _nodes; place++)
        {
            string space = Space(place)!;
            Ip("netns", "add", space);
            _spaces.Add(space);
            string outer = space + "v";
            Ip("link", "add", outer, "type", "veth", "peer", "name", "eth0", "netns", space);
            Ip("link", "set", outer, "master", _name);
            Ip("link", "set", outer, "up");
            Ip("-n", space, "addr", "add", Address(place) + "/24", "dev", "eth0");
            // Without looking whether another has it, so that it can be used at once.
            Ip("-n", space, "addr", "add", AddressV6(place) + "/64", "dev", "eth0", "nodad");
            Ip("-n", space, "link", "set", "eth0", "up");
            Ip("-n", space, "link", "set", "lo", "up");
            // `ip netns exec` lays it over /etc/resolv.conf.
            Directory.CreateDirectory("/etc/netns/" + space);
            File.WriteAllText($"/etc/netns/{space}/resolv.conf", $"nameserver {Address(ILabNetwork.NameServer)}\n");
        }
    }

    /// <summary>Writes what each place loses of what comes in, and where what goes out is sent to, as one transaction a place.</summary>
    private void Apply()
    {
        for (int node = ILabNetwork.Database; node < _nodes; node++)
        {
            var rules = new System.Text.StringBuilder("table inet lab\ndelete table inet lab\ntable ip redirected\ndelete table ip redirected\n");
            rules.Append("table ip redirected {\n chain output {\n  type nat hook output priority -100; policy accept;\n");
            foreach ((int _, int to, int port, IPEndPoint proxy) in _redirections.Where(r => r.From == node))
                rules.Append(CultureInfo.InvariantCulture, $"  ip daddr {Address(to)} tcp dport {port} dnat to {proxy}\n");
            rules.Append(" }\n}\ntable inet lab {\n chain input {\n  type filter hook input priority 0; policy accept;\n");
            // What was connected before would go on past the proxy.
            foreach ((int from, int _, int port, IPEndPoint _) in _redirections.Where(r => r.To == node))
                rules.Append(CultureInfo.InvariantCulture, $"  ip saddr {Address(from)} tcp dport {port} reject with tcp reset\n");
            foreach ((int from, int to) in _cuts.Where(c => c.To == node))
                rules.Append(CultureInfo.InvariantCulture, $"  ip saddr {Address(from)} drop\n");
            if (_loss > 0)
                for (int other = 0; other < _nodes; other++)
                    rules.Append(CultureInfo.InvariantCulture, $"  ip saddr {Address(other)} numgen random mod 100 < {_loss} drop\n");
            rules.Append(" }\n}\n");
            string file = Path.GetTempFileName();
            try
            {
                File.WriteAllText(file, rules.ToString());
                LabProgram.Run("ip", "netns", "exec", Space(node)!, "nft", "-f", file);
            }
            finally
            {
                File.Delete(file);
            }
        }
    }

    private static void Ip(params string[] arguments) => LabProgram.Run("ip", arguments);
}
