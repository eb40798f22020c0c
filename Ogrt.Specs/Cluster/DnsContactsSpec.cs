using System.Net;
using Ogrt.Actors.Cluster;
using Ogrt.Actors.Cluster.Formation;
using Ogrt.Specs.Cluster.Lab;
using Ogrt.Specs.Shim;

namespace Ogrt.Specs.Cluster;

/// <summary>The nodes that an alias names, by a real name server.</summary>
public sealed class DnsContactsSpec : IAsyncDisposable
{
    private readonly LabFolder _folder = new();
    private NameServer? _server;

    public async ValueTask DisposeAsync()
    {
        if (_server is not null) await _server.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Addresses_of_the_nodes_own_family_count_in_the_order_of_their_numbers()
    {
        NameServer server = await StartAsync();
        await server.SetAsync("nodes.test", ["127.0.0.10", "127.0.0.9", "fd00::2", "fd00::1"], [], TestContext.Current.CancellationToken);
        Assert.Equal("127.0.0.9:7 127.0.0.10:7", await LookUpAsync(server, "127.0.0.9", srv: false));
        Assert.Equal("[fd00::1]:7 [fd00::2]:7", await LookUpAsync(server, "fd00::1", srv: false));
    }

    [Fact]
    public async Task Srv_records_name_host_and_port()
    {
        NameServer server = await StartAsync();
        await server.SetAsync("nodes.test", [], [("B.test", 2), ("a.test", 1)], TestContext.Current.CancellationToken);
        Assert.Equal("a.test:1 b.test:2", await LookUpAsync(server, "a.test", srv: true));
    }

    [Fact]
    public async Task An_alias_that_names_nobody_is_an_answer_and_a_server_that_does_not_answer_is_none()
    {
        NameServer server = await StartAsync();
        await server.SetAsync("nodes.test", [], [], TestContext.Current.CancellationToken);
        Assert.Equal("", await LookUpAsync(server, "127.0.0.9", srv: false));
        await server.DisposeAsync();
        (IReadOnlyList<NodeAddress>? contacts, string why) = await Contacts(server, "127.0.0.9", srv: false).LookUpAsync(TestContext.Current.CancellationToken);
        Assert.Null(contacts);
        Assert.NotEmpty(why);
    }

    private async Task<NameServer> StartAsync()
    {
        Command.Require("dnsmasq");
        return _server = await NameServer.StartAsync(_folder.Path, new IPEndPoint(IPAddress.Loopback, EndToEnd.ServerProcess.FreePort()), null, TestContext.Current.CancellationToken);
    }

    private static async Task<string> LookUpAsync(NameServer server, string host, bool srv)
    {
        (IReadOnlyList<NodeAddress>? contacts, string why) = await Contacts(server, host, srv).LookUpAsync(TestContext.Current.CancellationToken);
        Assert.NotNull(contacts);
        Assert.Empty(why);
        return string.Join(' ', contacts);
    }

    private static DnsContacts Contacts(NameServer server, string host, bool srv) => new(
        new DnsSettings { Alias = "nodes.test", UsesSrv = srv, Servers = [server.EndPoint], Timeout = TimeSpan.FromSeconds(1) },
        new NodeAddress(NodeAddress.Normal(host), 7));
}
