using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Ogrt.Specs.Cluster.Lab;

/// <summary>A dnsmasq that knows one alias and answers from nothing else.</summary>
internal sealed class NameServer : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(15);

    private readonly string _folder;
    private readonly string? _space;
    private LabProgram? _program;

    private NameServer(string folder, IPEndPoint endPoint, string? space)
    {
        _folder = folder;
        _space = space;
        EndPoint = endPoint;
    }

    /// <summary>Where it answers.</summary>
    public IPEndPoint EndPoint { get; }

    /// <summary>Starts one, which knows nothing yet.</summary>
    /// <param name="folder">Where its configuration goes.</param>
    /// <param name="endPoint">Where it is to answer.</param>
    /// <param name="space">The network namespace to run in; null for this one.</param>
    /// <param name="cancel">Gives up.</param>
    public static async Task<NameServer> StartAsync(string folder, IPEndPoint endPoint, string? space, CancellationToken cancel)
    {
        var server = new NameServer(folder, endPoint, space);
        await server.SetAsync("nodes.test", [], [], cancel);
        return server;
    }

    /// <summary>Lets it answer otherwise from now on. Returns when it does.</summary>
    /// <param name="alias">The alias.</param>
    /// <param name="addresses">Its addresses.</param>
    /// <param name="services">Hosts and ports of its SRV records.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task SetAsync(
        string alias, IEnumerable<string> addresses, IEnumerable<(string Host, int Port)> services, CancellationToken cancel = default)
    {
        if (_program is not null)
        {
            await _program.DisposeAsync();
            _program = null;
        }
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"port={EndPoint.Port}").AppendLine(CultureInfo.InvariantCulture, $"listen-address={EndPoint.Address}");
        text.AppendLine("bind-interfaces\nno-resolv\nno-hosts\nno-daemon\nlocal=/test/\npid-file=");
        foreach (string address in addresses)
            text.AppendLine(CultureInfo.InvariantCulture, $"host-record={alias},{address}");
        foreach ((string host, int port) in services)
            text.AppendLine(CultureInfo.InvariantCulture, $"srv-host={alias},{host},{port}");
        string configuration = Path.Combine(_folder, "dnsmasq.conf");
        await File.WriteAllTextAsync(configuration, text.ToString(), cancel);
        string[] command = ["dnsmasq", "--conf-file=" + configuration, "--user=root"];
        _program = _space is null ? LabProgram.Start(command[0], command[1..]) : LabProgram.Start("ip", ["netns", "exec", _space, .. command]);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(Limit);
        while (!await AnswersAsync(limit.Token))
        {
            if (_program.HasEnded)
                throw new InvalidOperationException($"dnsmasq ended with {_program.ExitCode}: {_program.Said}");
            await Task.Delay(20, limit.Token);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_program is not null)
            await _program.DisposeAsync();
        _program = null;
    }

    // It serves TCP and UDP at the same address, and TCP tells whether somebody is there.
    private async Task<bool> AnswersAsync(CancellationToken cancel)
    {
        try
        {
            using var probe = new Socket(EndPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            await probe.ConnectAsync(EndPoint, cancel);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
