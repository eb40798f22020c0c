using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Ogrt.Actors.Cluster;
using Ogrt.Actors.Ingest;

namespace Ogrt.Server.Configuration;

/// <summary>
/// Looks for what the configuration asks of this machine and cannot get: folders that cannot be written, ports that are
/// taken or given twice, kernel limits. It changes nothing.
/// </summary>
public sealed class ConfigEnvironment(LoadedConfig config, RuntimeSettings settings)
{
    private const int CapabilityNetAdmin = 12;

    private readonly List<ConfigProblem> _problems = [];

    /// <summary>What was found.</summary>
    /// <param name="serverRuns">True when a server with this configuration runs: its ports are taken by itself then.</param>
    public IReadOnlyList<ConfigProblem> Look(bool serverRuns)
    {
        CheckDirectory("ogrt.data-directory", settings.Server.DataDirectory);
        CheckDirectory("ogrt.journal.directory", settings.Journal.Directory);
        CheckControlPath();
        CheckControlGroup();
        CheckPortsGivenTwice();
        if (!serverRuns) CheckPortsTaken();
        CheckReceiveBuffers();
        CheckCluster();
        if (settings.Ingest.Listeners.Count == 0)
            Add("ogrt.ingest.listeners.tcp.enabled", "No listener is enabled: the server would take no frames.", isWarning: true);
        return _problems;
    }

    private void CheckDirectory(string path, string directory)
    {
        // The nearest folder that exists is where the missing ones would be made.
        string full = Path.GetFullPath(directory);
        string? existing = full;
        while (existing is not null && !Directory.Exists(existing))
        {
            if (File.Exists(existing))
            {
                Add(path, $"{existing} is a file, not a folder.");
                return;
            }
            existing = Path.GetDirectoryName(existing);
        }
        if (existing is not null && !NativeAccess.CanWrite(existing))
            Add(path, $"This user may not write in {existing}, where {full} is to be.");
    }

    private void CheckControlPath()
    {
        // A relative path is short enough for the socket's address even where the whole path is not.
        int length = System.Text.Encoding.UTF8.GetByteCount(Hosting.ControlSocket.Address(settings.Server.ControlPath)) + 1;
        if (length > ServerSettings.MaxControlPath)
        {
            Add("ogrt.control.path", string.Create(CultureInfo.InvariantCulture,
                $"The path of a Unix socket can have {ServerSettings.MaxControlPath - 1} bytes; this one has {length - 1}. Give a shorter one, such as /run/ogrt/ogrt.sock."));
        }
    }

    private void CheckControlGroup()
    {
        if (settings.Server.ControlGroup is { } group && Hosting.SystemGroup.Find(group) is null)
            Add("ogrt.control.group", $"There is no group '{group}' on this machine: nobody but root and the server's own user can use the control socket.", isWarning: true);
    }

    private void CheckPortsGivenTwice()
    {
        var taken = new List<(string Path, ListenerTransport Transport, IPAddress Address, int Port)>();
        void Claim(string path, ListenerTransport transport, IPAddress address, int port)
        {
            if (port == 0) return;
            foreach ((string otherPath, ListenerTransport otherTransport, IPAddress otherAddress, int otherPort) in taken)
            {
                if (otherTransport == transport && otherPort == port && Overlap(address, otherAddress))
                    Add(path, string.Create(CultureInfo.InvariantCulture, $"Port {port} is given to {otherPath} too."));
            }
            taken.Add((path, transport, address, port));
        }

        foreach (ListenerSettings listener in settings.Ingest.Listeners)
            Claim($"ogrt.ingest.listeners.{listener.Name}.port", listener.Transport, listener.Address, listener.Port);
        if (settings.Server.HttpEnabled)
            Claim("ogrt.http.port", ListenerTransport.Tcp, settings.Server.HttpEndpoint.Address, settings.Server.HttpEndpoint.Port);
        if (ClusterListens is { } cluster)
            Claim("ogrt.cluster-node.port", ListenerTransport.Tcp, cluster, settings.Node.Port);
    }

    // Null for a name: which address it has here, the start will see.
    private IPAddress? ClusterListens =>
        IPAddress.TryParse(settings.Node.BindHost.Length > 0 ? settings.Node.BindHost : settings.Node.Host, out IPAddress? ip) ? ip : null;

    private void CheckCluster()
    {
        foreach ((string key, string message) in ClusterAdvice.Warnings(settings.Node)) Add("ogrt.cluster-node." + key, message, isWarning: true);
        if (!settings.Node.Tls.IsOn) return;
        try
        {
            ClusterTls tls = ClusterTls.Load(settings.Node.Tls);
            if (!tls.IsFor(settings.Node.Self.Host))
            {
                Add("ogrt.cluster-node.tls.certificate-file",
                    $"The certificate is not for {settings.Node.Self.Host}, by which the others connect to this node, and they would refuse it (ogrt.cluster-node.tls.verify-host).");
            }
            TimeSpan left = tls.Certificate.NotAfter.ToUniversalTime() - DateTime.UtcNow;
            if (left < TimeSpan.FromDays(30))
            {
                Add("ogrt.cluster-node.tls.certificate-file", string.Create(CultureInfo.InvariantCulture,
                    $"The certificate ends in {left.Days} days. The server must be restarted with a new one before that: nodes with an ended one are cut off."), isWarning: true);
            }
        }
        catch (Akka.Configuration.ConfigurationException e)
        {
            string key = e.Message.Split(':')[0];
            Add(key, e.Message[(key.Length + 2)..]);
        }
    }

    private static bool Overlap(IPAddress one, IPAddress other) =>
        one.Equals(other) || IsAny(one) || IsAny(other);

    private static bool IsAny(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    private void CheckPortsTaken()
    {
        foreach (ListenerSettings listener in settings.Ingest.Listeners)
            CheckPort($"ogrt.ingest.listeners.{listener.Name}.port", listener.Transport == ListenerTransport.Tcp, listener.Address, listener.Port);
        if (settings.Server.HttpEnabled)
            CheckPort("ogrt.http.port", tcp: true, settings.Server.HttpEndpoint.Address, settings.Server.HttpEndpoint.Port);
        if (ClusterListens is { } cluster)
            CheckPort("ogrt.cluster-node.port", tcp: true, cluster, settings.Node.Port);
    }

    private void CheckPort(string path, bool tcp, IPAddress address, int port)
    {
        if (port == 0) return;
        try
        {
            using Socket socket = tcp
                ? new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp)
                : new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            if (address.Equals(IPAddress.IPv6Any)) socket.DualMode = true;
            socket.Bind(new IPEndPoint(address, port));
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied or SocketError.AddressNotAvailable)
        {
            string reason = e.SocketErrorCode switch
            {
                SocketError.AccessDenied => "this user may not listen there",
                SocketError.AddressNotAvailable => "this machine does not have the address",
                _ => "another program listens there",
            };
            Add(path, string.Create(CultureInfo.InvariantCulture, $"{(tcp ? "TCP" : "UDP")} port {port} of {address} cannot be had: {reason}."));
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.AddressFamilyNotSupported)
        {
            // The listener falls back to IPv4 on a system without IPv6.
        }
    }

    private void CheckReceiveBuffers()
    {
        if (NativeAccess.HasCapability(CapabilityNetAdmin)) return;
        if (ReadKernelLimit("/proc/sys/net/core/rmem_max") is not { } limit) return;
        foreach (ListenerSettings listener in settings.Ingest.Listeners.Where(l => l.ReceiveBuffer > limit))
        {
            Add($"ogrt.ingest.listeners.{listener.Name}.receive-buffer", string.Create(CultureInfo.InvariantCulture,
                $"The kernel gives at most {limit} bytes (net.core.rmem_max), not {listener.ReceiveBuffer}: datagrams are lost sooner in bursts. To allow it: sysctl -w net.core.rmem_max={listener.ReceiveBuffer}"),
                isWarning: true);
        }
    }

    private static long? ReadKernelLimit(string file)
    {
        try
        {
            return long.TryParse(File.ReadAllText(file).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out long limit) ? limit : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private void Add(string path, string message, bool isWarning = false) =>
        _problems.Add(new ConfigProblem(config.Origin(path), message, isWarning));
}
