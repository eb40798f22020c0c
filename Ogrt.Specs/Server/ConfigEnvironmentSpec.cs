using System.Net;
using System.Net.Sockets;
using Ogrt.Server.Configuration;

namespace Ogrt.Specs.Server;

public sealed class ConfigEnvironmentSpec : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ogrt-");

    public void Dispose() => _folder.Delete(recursive: true);

    private IReadOnlyList<string> Look(params string[] settings)
    {
        LoadedConfig config = ConfigLoader.Load(new ConfigSources
        {
            Settings = ["data-directory=" + _folder.FullName, "http.port=0", "ingest.listener-defaults.tcp.port=0", "ingest.listener-defaults.udp.port=0",
                "ingest.listener-defaults.udp.receive-buffer=65536", .. settings],
        });
        var problems = new List<ConfigProblem>();
        RuntimeSettings? runtime = RuntimeSettings.Create(config, problems);
        Assert.NotNull(runtime);
        return [.. new ConfigEnvironment(config, runtime).Look(serverRuns: false).Select(p => p.ToString())];
    }

    [Fact]
    public void A_machine_that_gives_what_is_asked_for_is_no_problem() => Assert.Empty(Look());

    [Fact]
    public void A_port_that_another_program_has_is_a_problem()
    {
        using var other = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        other.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        other.Listen();
        int port = ((IPEndPoint)other.LocalEndPoint!).Port;
        Assert.Equal(
            $"--set ogrt.http.port: TCP port {port} of 127.0.0.1 cannot be had: another program listens there.",
            Assert.Single(Look($"http.port={port}")));
    }

    [Fact]
    public void A_port_that_is_given_twice_is_a_problem_and_the_same_for_TCP_and_UDP_is_none()
    {
        int port = FreePort();
        Assert.Empty(Look($"ingest.listeners.tcp.port={port}", $"ingest.listeners.udp.port={port}"));
        Assert.Contains(
            $"Port {port} is given to ogrt.ingest.listeners.tcp.port too.",
            Look($"ingest.listeners.tcp.port={port}", $"http.port={port}")[0], StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_where_a_folder_is_to_be_is_a_problem()
    {
        string file = Path.Combine(_folder.FullName, "taken");
        File.WriteAllText(file, "");
        Assert.Contains(Look($"journal.directory={file}/journal"), p => p.Contains($"{file} is a file, not a folder.", StringComparison.Ordinal));
    }

    [Fact]
    public void A_control_path_that_no_socket_can_have_is_a_problem()
    {
        string path = "/" + new string('x', 120);
        Assert.Contains(Look($"control.path={path}"), p => p.Contains("The path of a Unix socket can have 107 bytes; this one has 121.", StringComparison.Ordinal));
    }

    [Fact]
    public void A_server_without_listeners_is_warned() =>
        Assert.Contains(Look("ingest.listener-defaults.tcp.enabled=off", "ingest.listener-defaults.udp.enabled=off"), p => p.Contains("No listener is enabled", StringComparison.Ordinal));

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp) { DualMode = true };
        socket.Bind(new IPEndPoint(IPAddress.IPv6Any, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
