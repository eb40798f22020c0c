using System.Net.Sockets;
using Ogrt.Server.Cli;
using Ogrt.Server.Configuration;
using Ogrt.Server.Hosting;
using Ogrt.Specs.Shim;

namespace Ogrt.Specs.Server.Watch;

/// <summary>Who may use the control socket is what the kernel says of who asks.</summary>
public sealed class ControlAccessSpec : IDisposable
{
    private const int Nobody = 65534, Operators = 4242;

    private const string Client = """
        import socket, sys
        client = socket.socket(socket.AF_UNIX)
        try:
            client.connect(sys.argv[1])
        except OSError as error:
            sys.exit(str(error.errno))
        client.sendall(("%s %s HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n" % (sys.argv[2], sys.argv[3])).encode())
        answer = b""
        while True:
            piece = client.recv(65536)
            if not piece: break
            answer += piece
        sys.stdout.buffer.write(answer)
        """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ogrt-");

    public void Dispose() => _folder.Delete(recursive: true);

    private string Socket => Path.Combine(_folder.FullName, "ogrt.sock");

    private async Task<RunningServer> StartAsync(params string[] settings)
    {
        // Others can come to the socket; the data beside it stays the owner's.
        Command.Run("chmod", "755", _folder.FullName).Succeeded();
        return await RunningServer.StartAsync(_folder.FullName, ["control.path=" + Socket, .. settings]);
    }

    private CommandResult As(int user, int[] groups, string method = "GET", string path = "/overview")
    {
        Command.RequireRoot();
        string setpriv = Command.Require("setpriv");
        string who = groups.Length == 0 ? "--clear-groups" : "--groups=" + string.Join(',', groups);
        return Command.Run(setpriv, [$"--reuid={user}", $"--regid={user}", who, Command.Require("python3"), "-c", Client, Socket, method, path], [("HOME", "/")], "/");
    }

    [Fact]
    public async Task Without_a_group_another_user_cannot_even_connect()
    {
        using RunningServer server = await StartAsync();
        CommandResult result = As(Nobody, []);
        Assert.Equal("13", result.Error.Trim()); // EACCES
        Assert.StartsWith("HTTP/1.1 200", As(0, []).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_a_group_its_members_are_answered_and_others_are_told_why_not()
    {
        using RunningServer server = await StartAsync($"control.group={Operators}");
        foreach (string path in new[] { "/overview", "/actors", "/metrics", "/sinks", "/jobs?id=X", "/health/live" })
        {
            CommandResult refused = As(Nobody, [], path: path);
            Assert.StartsWith("HTTP/1.1 403", refused.Text, StringComparison.Ordinal);
            Assert.Contains($"is not for user {Nobody}: root, the server's own user and members of the group {Operators} may use it.", refused.Text, StringComparison.Ordinal);
            Assert.DoesNotContain("ogrt_", refused.Text, StringComparison.Ordinal);
        }
        Assert.StartsWith("HTTP/1.1 403", As(Nobody, [Operators + 1], "POST", "/sinks/local/resume").Text, StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 200", As(Nobody, [7, Operators]).Text, StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 200", As(Nobody, [Operators], "POST", "/sinks/local/resume").Text, StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 200", As(0, []).Text, StringComparison.Ordinal);
        await server.UntilAsync(() => Task.FromResult(server.Log.Contains($"The control socket was refused to user {Nobody}", StringComparison.Ordinal)));
        Assert.Single(server.Log.Split('\n'), line => line.Contains("was refused to", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_group_that_does_not_exist_lets_nobody_in_and_is_warned_of()
    {
        using RunningServer server = await StartAsync("control.group=no-such-group");
        Assert.Contains("There is no group 'no-such-group' on this machine", server.Log, StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 403", As(Nobody, [0]).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_socket_answers_the_port_does_not()
    {
        using RunningServer server = await StartAsync();
        foreach (string path in new[] { "/overview", "/actors", "/sinks" })
        {
            using HttpResponseMessage answer = await server.GetAsync(path);
            Assert.Equal(System.Net.HttpStatusCode.NotFound, answer.StatusCode);
        }
    }

    [Fact]
    public async Task The_kernel_names_the_peer_with_all_of_its_groups()
    {
        using Socket listener = ControlSocket.Bind(Socket);
        listener.Listen();
        using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await client.ConnectAsync(new UnixDomainSocketEndPoint(Socket), TestContext.Current.CancellationToken);
        using Socket accepted = await listener.AcceptAsync(TestContext.Current.CancellationToken);
        PeerCredentials peer = PeerCredentials.Of(accepted);
        Assert.Equal((Environment.ProcessId, PeerCredentials.Self), (peer.Pid, peer.Uid));
        string groups = File.ReadLines("/proc/self/status").Single(l => l.StartsWith("Groups:", StringComparison.Ordinal))["Groups:".Length..];
        Assert.Equal(groups.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries).Order(), peer.Groups.Select(g => g.ToString(System.Globalization.CultureInfo.InvariantCulture)).Order());
    }

    [Fact]
    public void Groups_are_found_by_name_and_by_number()
    {
        Assert.Equal(0u, SystemGroup.Find("root"));
        Assert.Equal(4242u, SystemGroup.Find("4242"));
        Assert.Null(SystemGroup.Find("no-such-group"));
    }

    [Fact]
    public async Task A_refusal_is_exit_code_77()
    {
        using var answer = new HttpResponseMessage(System.Net.HttpStatusCode.Forbidden) { Content = new StringContent("not for you\n") };
        CliException error = await ControlConnection.RefusalAsync(answer, TestContext.Current.CancellationToken);
        Assert.Equal((ExitCode.NotPermitted, "not for you"), (error.ExitCode, error.Message));
        Assert.Null(ControlConnection.Open(ServerSettings.Create(ConfigLoader.Load(new ConfigSources { Settings = ["control.path=" + Socket] }).Values)));
    }
}
