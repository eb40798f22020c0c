using System.Net;

namespace Ogrt.Specs.Shim;

/// <summary>OGRT_TRACE=1 says in a line why a process is reported or not, and nothing else makes the library speak.</summary>
[Collection(ShimCollection.Name)]
public sealed class TraceSpec : IDisposable
{
    private readonly ShimFixture _shim;
    private readonly SettingsFile _file;
    private readonly FrameReceiver _receiver = FrameReceiver.Tcp();

    public TraceSpec(ShimFixture shim)
    {
        _shim = shim;
        _file = new SettingsFile(shim, "--allow-server-env");
    }

    public void Dispose()
    {
        _file.Dispose();
        _receiver.Dispose();
    }

    [Theory]
    [InlineData(null, "OGRT_ACTIVE is not set; yes, true or 1 switches it on")]
    [InlineData("", "OGRT_ACTIVE is neither yes, true nor 1")]
    [InlineData("on", "OGRT_ACTIVE is neither yes, true nor 1")]
    [InlineData("no", "OGRT_ACTIVE switches it off")]
    public void An_inactive_process_says_why(string? active, string reason)
    {
        (string, string)[] variables = active is null ? [] : [("OGRT_ACTIVE", active)];
        CommandResult result = Command.Run("/bin/true", [], [("LD_PRELOAD", _file.Library), ("OGRT_TRACE", "1"), .. variables]).Succeeded();

        Assert.Equal($"ogrt: process {result.Pid} (/usr/bin/true) is not reported: {reason}\n", result.Error);
    }

    [Theory]
    [InlineData("OGRT_TRACE", "0")]
    [InlineData("OGRT_TRACE", "")]
    [InlineData("OGRT_TRACES", "1")]
    public void Nothing_else_makes_it_speak(string name, string value)
    {
        _file.Write("garbage");
        CommandResult active = Run((name, value)), inactive = Run((name, value), ("OGRT_ACTIVE", "0"));

        Assert.Empty(active.Error + inactive.Error);
    }

    [Theory]
    [InlineData("OGRT_SILENT")]
    [InlineData("OGRT_SCHLEICHFAHRT")]
    public void Silence_is_stronger(string silent)
    {
        _file.Write("garbage");

        Assert.Empty(Run(("OGRT_TRACE", "1"), ("OGRT_DEBUG_INFO", "1"), (silent, "1")).Error);
    }

    [Fact]
    public async Task A_process_that_is_reported_says_where_to_and_how()
    {
        CommandResult result = Run(("OGRT_TRACE", "1"));
        byte[] frame = await _receiver.FrameAsync();

        Assert.Matches($@"^ogrt: process {result.Pid} \(/usr/bin/true\) is reported: {frame.Length} bytes by tcp to {_receiver.EndPoint}, attempts 1, \d+ us\n$", result.Error);
        Assert.Empty(result.Output);
    }

    [Fact]
    public void A_server_that_refuses_is_named_with_its_error()
    {
        IPEndPoint nobody;
        using (FrameReceiver gone = FrameReceiver.Tcp())
            nobody = gone.EndPoint;
        _file.Write($"servers = {nobody} {nobody}", "allow-env =");

        Assert.Matches($@" could not be reported: \d+ bytes by tcp to {nobody}, error 111 \(ECONNREFUSED\), attempts 2, \d+ us\n$", Run(("OGRT_TRACE", "1")).Error);
    }

    [Fact]
    public void A_rule_is_named_by_its_line()
    {
        _file.Write("# rules", "keep = /usr/bin/false", "", "skip = /usr/bin/t*");
        CommandResult result = Run(("OGRT_TRACE", "1"));

        Assert.Equal($"ogrt: process {result.Pid} (/usr/bin/true) is not reported: skipped by the rule in line 4 of {_file.Path}\n", result.Error);
    }

    [Fact]
    public void A_node_that_is_switched_off_says_so()
    {
        _file.Write("enabled = no");

        Assert.EndsWith($" is not reported: {_file.Path} says enabled = no\n", Run(("OGRT_TRACE", "1")).Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("OGRT_TRACE")]
    [InlineData("OGRT_DEBUG_INFO")]
    public void Lines_that_are_wrong_are_named_with_their_number(string variable)
    {
        _file.Write("cwd = no", "colour = red", "# fine", "deadline = soon", "port 7", "servers = 127.0.0.1:1 example.org", "cwd = yes");
        string[] lines = Run((variable, "1")).Error.Split('\n');

        Assert.Equal(
            [
                $"ogrt: {_file.Path}:2: 'colour' is no setting",
                $"ogrt: {_file.Path}:4: 'soon' is no duration like 50ms",
                $"ogrt: {_file.Path}:5: 'port 7' has no equals sign",
                $"ogrt: {_file.Path}:6: 'example.org' is no numeric address; `ogrt servers` resolves names",
                $"ogrt: {_file.Path}:7: 'cwd' is given again: this line counts",
            ],
            lines[..5]);
        Assert.Equal(7, lines.Length);
        Assert.Contains("ogrt: process ", lines[5], StringComparison.Ordinal);
    }

    [Fact]
    public void Of_many_wrong_lines_the_first_are_named_and_the_others_counted()
    {
        _file.Write([.. Enumerable.Range(0, 1000).Select(_ => "\u001b[2Jx")]);
        string[] lines = Run(("OGRT_TRACE", "1")).Error.Split('\n');

        Assert.Equal(23, lines.Length);
        Assert.Equal($"ogrt: {_file.Path}:1: '?[2Jx' has control characters", lines[0]);
        Assert.Equal("ogrt: and 980 more of that kind", lines[20]);
    }

    [Theory]
    [InlineData("chmod o+w \"$1\"", "its group or others may write to it")]
    [InlineData("chown 12345 \"$1\"", "its owner is neither root, nor the user of this process, nor the one that configure was told")]
    [InlineData("head -c 16385 /dev/zero >\"$1\"", "it is larger than 16 KB")]
    [InlineData("rm \"$1\"; mkfifo \"$1\"", "it is no regular file")]
    [InlineData("rm \"$1\"; ln -s \"$1\" \"$1\"", "error 40 (ELOOP)")]
    public async Task A_file_that_is_not_used_is_named_with_the_reason(string change, string reason)
    {
        Command.RequireRoot();
        _file.Write("hostname = no");
        Command.Run("/bin/sh", "-c", change, "sh", _file.Path).Succeeded();

        Assert.StartsWith($"ogrt: {_file.Path} is not used: {reason}\nogrt: process ", Run(("OGRT_TRACE", "1")).Error, StringComparison.Ordinal);
        Assert.True((await _receiver.ProcessAsync()).HasHostname);
    }

    [Fact]
    public void A_variable_that_cannot_override_is_named()
    {
        _file.Write("allow-env = OGRT_SERVER OGRT_TRANSPORT OGRT_ENABLED");
        string said = Run(("OGRT_TRACE", "1"), ("OGRT_TRANSPORT", "pigeon"), ("OGRT_ENABLED", "no")).Error;

        Assert.Contains("ogrt: OGRT_TRANSPORT: 'pigeon' is none of the words that can stand here\n", said, StringComparison.Ordinal);
        Assert.Contains("ogrt: OGRT_ENABLED: 'no' is not read: no setting can be changed by that variable\n", said, StringComparison.Ordinal);
        Assert.Contains(" is reported: ", said, StringComparison.Ordinal);
    }

    [Fact]
    public void Process_1_says_so()
    {
        Command.RequireRoot();
        Command.Require("unshare");
        CommandResult result = Command.Run(
            "unshare", ["--pid", "--fork", "env", "OGRT_TRACE=1", "OGRT_ACTIVE=1", "LD_PRELOAD=" + _file.Library, "/bin/true"], []).Succeeded();

        Assert.Equal("ogrt: process 1 (/usr/bin/true) is not reported: it is process 1\n", result.Error);
    }

    [Fact]
    public void A_set_user_id_program_says_so_and_nothing_of_its_settings()
    {
        Command.RequireRoot();
        string setpriv = Command.Require("setpriv");
        _file.Write("garbage");
        string program = _shim.Compile(
            "#include <sys/auxv.h>\nint main(void) { return getauxval(AT_SECURE) ? 23 : 24; } // traced",
            "gcc", "-Wl,--no-as-needed", _file.Library, "-Wl,-rpath," + Path.GetDirectoryName(_file.Library));
        Command.Run("chmod", "4755", program).Succeeded();
        CommandResult result = Command.Run(setpriv, ["--reuid=65534", "--clear-groups", program], [("OGRT_ACTIVE", "1"), ("OGRT_TRACE", "1")]);
        Assert.SkipWhen(result.ExitCode == 24, "the file system here ignores set-user-id");

        Assert.Matches(@"^ogrt: process \d+ \([^)]*\) is not reported: it has rights that who started it has not [^\n]*\n$", result.Error);
    }

    private CommandResult Run(params (string Name, string Value)[] variables) =>
        Tracking.Run(_file.Library, _receiver, "/bin/true", [], variables).Succeeded();
}
