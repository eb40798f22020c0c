using System.Net;

using Ogrt.Wire.Protocol;

namespace Ogrt.Specs.Shim;

/// <summary>The file of addresses behind a name, as `ogrt servers` writes it, and the choice among them.</summary>
[Collection(ShimCollection.Name)]
public sealed class ServersFileSpec : IDisposable
{
    private readonly SettingsFile _file;
    private readonly FrameReceiver _receiver = FrameReceiver.Tcp();
    private readonly string _servers;

    public ServersFileSpec(ShimFixture shim)
    {
        _file = new SettingsFile(shim, "--allow-server-env");
        _servers = Path.Combine(shim.NewFolder(), "servers");
    }

    public void Dispose()
    {
        _file.Dispose();
        _receiver.Dispose();
    }

    [Fact]
    public async Task Its_addresses_come_before_those_of_the_settings()
    {
        using FrameReceiver other = FrameReceiver.Tcp();
        _file.Write($"servers = {other.EndPoint}", $"servers-file = {_servers}");
        File.WriteAllText(_servers, $"# ogrt.example.org\n{_receiver.EndPoint} # the only one\n");
        Run();
        await _receiver.ProcessAsync();

        // An empty one, as there is for a moment while it is written, and one that is not there.
        File.WriteAllText(_servers, "# ogrt.example.org\n");
        Run();
        await other.ProcessAsync();
        File.Delete(_servers);
        Run();
        await other.ProcessAsync();
    }

    [Fact]
    public async Task Each_of_them_is_asked_first_by_some_processes()
    {
        using FrameReceiver second = FrameReceiver.Tcp(new IPEndPoint(IPAddress.Parse("127.0.0.2"), _receiver.EndPoint.Port));
        using FrameReceiver third = FrameReceiver.Tcp(new IPEndPoint(IPAddress.Parse("127.0.0.3"), _receiver.EndPoint.Port));
        FrameReceiver[] all = [_receiver, second, third];
        _file.Write($"servers-file = {_servers}", $"port = {_receiver.EndPoint.Port}");
        File.WriteAllText(_servers, "127.0.0.1\n127.0.0.2\r\n\n127.0.0.3");
        for (int i = 0; i < 9; i++)
        {
            int pid = Run().Pid;
            Assert.Equal(pid, (await all[pid % 3].ProcessAsync()).Pid);
        }
    }

    [Fact]
    public async Task What_is_no_address_is_passed_over_and_is_no_failure()
    {
        File.WriteAllText(_servers, $"example.org\n127.0.0.1:0x1\n{_receiver.EndPoint}\n<html>\n");
        _file.Write($"servers-file = {_servers}");
        for (int i = 0; i < 8; i++)
        {
            Run();
            Assert.Equal(0u, (await _receiver.ProcessAsync()).FailedSends);
        }
    }

    [Fact]
    public async Task A_dead_server_of_it_is_passed_over_and_counted()
    {
        File.WriteAllText(_servers, $"127.0.0.2:{_receiver.EndPoint.Port}\n{_receiver.EndPoint}\n");
        _file.Write($"servers-file = {_servers}");
        for (int i = 0; i < 8; i++)
        {
            int pid = Run().Pid;
            Assert.Equal((uint)(1 - pid % 2), (await _receiver.ProcessAsync()).FailedSends);
        }
    }

    [Theory]
    [InlineData("rm -f \"$1\"; mkfifo \"$1\"", "it is no regular file")]
    [InlineData("chmod go+w \"$1\"", "its group or others may write to it")]
    [InlineData("chown 12345 \"$1\"", "its owner is neither")]
    [InlineData("head -c 20000 /dev/urandom >\"$1\"", "it is larger than 16 KB")]
    [InlineData("rm \"$1\"", "error 2 (ENOENT)")]
    public async Task One_that_cannot_be_used_is_left_aside_and_named(string change, string reason)
    {
        Command.RequireRoot();
        File.WriteAllText(_servers, "127.0.0.1:1\n");
        Command.Run("/bin/sh", "-c", change, "sh", _servers).Succeeded();
        _file.Write($"servers = {_receiver.EndPoint}", $"servers-file = {_servers}");
        CommandResult result = Run(("OGRT_TRACE", "1"));
        await _receiver.ProcessAsync();

        Assert.StartsWith($"ogrt: {_servers} is not used: {reason}", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sixteen_kilobytes_of_addresses_are_read_and_the_choice_goes_over_all_of_them()
    {
        string[] lines = [.. Enumerable.Range(0, 700).Select(number => number % 2 == 0 ? $"{_receiver.EndPoint}" : $"[::1]:{_receiver.EndPoint.Port}")];
        using FrameReceiver v6 = FrameReceiver.Tcp(new IPEndPoint(IPAddress.IPv6Loopback, _receiver.EndPoint.Port));
        File.WriteAllLines(_servers, lines);
        Assert.InRange(new FileInfo(_servers).Length, 4097, SettingsFile.Limit);
        _file.Write($"servers-file = {_servers}");
        for (int i = 0; i < 4; i++)
        {
            int pid = Run().Pid;
            ProcessInfo sent = await (pid % 700 % 2 == 0 ? _receiver : v6).ProcessAsync();
            Assert.Equal(pid, sent.Pid);
        }
    }

    [Fact]
    public async Task A_server_of_the_environment_comes_before_it_where_that_is_allowed()
    {
        File.WriteAllText(_servers, "127.0.0.1:1\n");
        _file.Write($"servers-file = {_servers}");
        Tracking.Run(_file.Library, _receiver, "/bin/true", []).Succeeded();

        Assert.Equal(0u, (await _receiver.ProcessAsync()).FailedSends);
    }

    private CommandResult Run(params (string, string)[] variables) =>
        Command.Run("/bin/true", [], [("LD_PRELOAD", _file.Library), ("OGRT_ACTIVE", "1"), .. variables]).Succeeded();
}
