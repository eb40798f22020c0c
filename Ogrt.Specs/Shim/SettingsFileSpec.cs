using System.Text;

using Ogrt.Wire.Protocol;

namespace Ogrt.Specs.Shim;

/// <summary>What the settings file changes, and what it cannot break. Without it, the library sends to OGRT_SERVER.</summary>
[Collection(ShimCollection.Name)]
public sealed class SettingsFileSpec : IDisposable
{
    private readonly ShimFixture _shim;
    private readonly SettingsFile _file;
    private readonly FrameReceiver _receiver = FrameReceiver.Tcp();

    public SettingsFileSpec(ShimFixture shim)
    {
        _shim = shim;
        _file = new SettingsFile(shim, "--allow-server-env");
    }

    public void Dispose()
    {
        _file.Dispose();
        _receiver.Dispose();
    }

    [Fact]
    public async Task A_change_counts_for_the_next_process()
    {
        using FrameReceiver other = FrameReceiver.Tcp();
        _file.Write($"servers = {_receiver.EndPoint}", "allow-env =");
        RunWithoutServer();
        Assert.True((await _receiver.ProcessAsync()).HasHostname);

        _file.Write($"servers = {other.EndPoint}", "allow-env =", "hostname = no");
        RunWithoutServer();
        Assert.False((await other.ProcessAsync()).HasHostname);
    }

    [Fact]
    public async Task Port_is_that_of_servers_without_one()
    {
        _file.Write("servers = 127.0.0.1", $"port = {_receiver.EndPoint.Port}");
        RunWithoutServer();

        Assert.Equal("/usr/bin/true", (await _receiver.ProcessAsync()).Binpath);
    }

    [Fact]
    public async Task Transport_and_the_largest_datagram_are_chosen()
    {
        using FrameReceiver datagrams = FrameReceiver.Udp();
        _file.Write("transport = udp", $"servers = {datagrams.EndPoint}");
        RunWithoutServer();
        Assert.Equal("/usr/bin/true", (await datagrams.ProcessAsync()).Binpath);

        _file.Write("transport = udp", "max-datagram = 100");
        Assert.Equal("/usr/bin/true", (await TrackAsync()).Binpath);
    }

    [Fact]
    public async Task Variables_of_the_job_id_are_chosen()
    {
        _file.Write("job-id-variables = SITE_JOB, OTHER_JOB");
        ProcessInfo sent = await TrackAsync(("SLURM_JOB_ID", "1"), ("OTHER_JOB", "2"));

        Assert.Equal("2", sent.JobId);
        Assert.Equal("OTHER_JOB", sent.Scheduler);

        _file.Write("job-id-variables =");
        Assert.False((await TrackAsync(("SLURM_JOB_ID", "1"))).HasJobId);
    }

    [Fact]
    public async Task Where_the_name_of_the_user_comes_from_is_chosen()
    {
        Command.RequireRoot();
        _file.Write("username-source = passwd");
        Assert.Equal("root", (await TrackAsync(("USER", "somebody"))).Username);

        _file.Write("username-source = environment");
        Assert.Equal("somebody", (await TrackAsync(("USER", "somebody"))).Username);

        _file.Write("username = no");
        Assert.False((await TrackAsync(("USER", "somebody"))).HasUsername);
    }

    [Fact]
    public async Task Each_part_of_a_record_can_be_left_out()
    {
        (string, string) modules = ("LOADEDMODULES", "gcc/13:openmpi");
        _file.Remove();
        ProcessInfo all = await TrackAsync(modules);
        Assert.True(all is { HasHostname: true, HasCmdline: true, HasCwd: true, Arguments.Count: 1, LoadedModules.Count: 2, SharedObjects.Count: > 1 });

        _file.Write("hostname = no", "cmdline = no", "cwd = no", "modules = no", "objects = no");
        ProcessInfo none = await TrackAsync(modules);
        Assert.True(none is { HasHostname: false, HasCmdline: false, HasCwd: false, Arguments.Count: 0, LoadedModules.Count: 0, SharedObjects.Count: 0 });
        Assert.Equal("/usr/bin/true", none.Binpath);
        Assert.Equal(0u, none.Flags & ~(uint)ProcessFlags.InContainer);
    }

    [Theory]
    [InlineData("none", "")]
    [InlineData("no", "")]
    [InlineData("A_*, PATH", "A_1 A_2 PATH")]
    [InlineData("B", "B")]
    public async Task The_environment_is_sent_as_it_is_listed(string value, string expected)
    {
        _file.Write($"environment = {value}");
        ProcessInfo sent = await TrackAsync(("A_1", "x"), ("A_2", "y"), ("B", "z"));

        Assert.Equal(expected.Split(' ', StringSplitOptions.RemoveEmptyEntries), sent.EnvironmentVariables.Select(entry => entry.Split('=')[0]).Order());
    }

    [Fact]
    public async Task The_whole_environment_can_be_sent()
    {
        _file.Write("environment = all");
        ProcessInfo sent = await TrackAsync(("B", "z"));

        Assert.Contains("B=z", sent.EnvironmentVariables);
        Assert.Contains("OGRT_ACTIVE=yes", sent.EnvironmentVariables);
    }

    [Fact]
    public async Task Limits_cut_and_say_so()
    {
        string[] arguments = [.. Enumerable.Range(0, 100).Select(_ => new string('x', 100))];
        (string, string) modules = ("LOADEDMODULES", "gcc/13:openmpi"), variable = ("A", new string('y', 100));
        _file.Write("environment = A", "max-arguments = 1050", "max-cmdline = 1K", "max-environment = 10", "max-modules = 8");
        ProcessInfo sent = await TrackAsync(arguments, modules, variable);

        Assert.Equal(
            (uint)(ProcessFlags.TruncatedArguments | ProcessFlags.TruncatedCmdline | ProcessFlags.TruncatedEnvironment | ProcessFlags.TruncatedModules),
            sent.Flags & ~(uint)ProcessFlags.InContainer);
        Assert.Equal(1050, sent.Arguments.Sum(argument => argument.Length));
        Assert.Equal(1024, sent.Cmdline.Length);
        Assert.Equal(["A=yyyyyyyy"], sent.EnvironmentVariables);
        Assert.Equal("gcc/13", Assert.Single(sent.LoadedModules).Name);
    }

    [Fact]
    public async Task The_largest_record_is_chosen_below_the_usual_and_above_it()
    {
        (string, string)[] large = [.. Enumerable.Range(0, 40).Select(number => ($"LARGE{number}", new string('x', 10_000)))];
        _file.Write("environment = LARGE*", "max-record = 5000");
        ProcessInfo small = await TrackAsync(large);
        Assert.InRange(small.CalculateSize(), 4900, 5000);
        Assert.Equal((uint)ProcessFlags.TruncatedEnvironment, small.Flags & ~(uint)ProcessFlags.InContainer);

        _file.Write("environment = LARGE*", "max-record = 1M", "max-environment = 1M");
        ProcessInfo whole = ProcessInfo.Parser.ParseFrom((await FrameAsync(large))[8..]);
        Assert.Equal(40, whole.EnvironmentVariables.Count);
        Assert.True(whole.CalculateSize() > 400_000);
    }

    [Fact]
    public async Task A_node_can_be_switched_off()
    {
        _file.Write("enabled = no");
        Run().Succeeded();
        _file.Remove();
        await Tracking.NothingWasSentAsync(_file.Library, _receiver);
    }

    [Fact]
    public async Task It_cannot_activate_what_is_inactive()
    {
        _file.Write("active-by-default = yes", $"servers = {_receiver.EndPoint}");
        Command.Run("/bin/true", [], [("LD_PRELOAD", _file.Library)]).Succeeded();
        Command.Run("/bin/true", [], [("LD_PRELOAD", _file.Library), ("OGRT_ACTIVE", "no")]).Succeeded();

        await Tracking.NothingWasSentAsync(_file.Library, _receiver);
    }

    [Fact]
    public void An_inactive_process_does_not_look_for_it()
    {
        Command.Require("strace");
        _file.Write("enabled = yes");
        string[] line = ["-E", "LD_PRELOAD=" + _file.Library, "/bin/true"];

        Assert.DoesNotContain("ogrt-shim.conf", Command.Run("strace", line).Succeeded().Error, StringComparison.Ordinal);
        Assert.Contains("ogrt-shim.conf", Command.Run("strace", ["-E", "OGRT_ACTIVE=1", .. line]).Succeeded().Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_variable_overrides_where_it_is_allowed_and_nowhere_else()
    {
        (string, string)[] variables = [("OGRT_HOSTNAME", "no"), ("OGRT_CWD", "no"), ("OGRT_MAX_CMDLINE", "4")];
        _file.Write("allow-env = OGRT_SERVER OGRT_HOSTNAME,OGRT_MAX_CMDLINE");
        ProcessInfo sent = await TrackAsync(variables);
        Assert.True(sent is { HasHostname: false, HasCwd: true, Cmdline: "/bin" });

        using FrameReceiver other = FrameReceiver.Tcp();
        _file.Write($"servers = {other.EndPoint}", "allow-env = OGRT_CWD");
        Run(variables).Succeeded(); // OGRT_SERVER, too, is no longer heard
        sent = await other.ProcessAsync();
        Assert.True(sent is { HasHostname: true, HasCwd: false, Cmdline: "/bin/true" });
    }

    [Theory]
    [InlineData(SettingsFile.Limit, false)]
    [InlineData(SettingsFile.Limit + 1, true)]
    [InlineData(4096, false)]
    [InlineData(4097, false)]
    public async Task It_may_have_sixteen_kilobytes_and_not_one_byte_more(int size, bool sent)
    {
        const string end = "\nhostname = no";
        string text = string.Concat(Enumerable.Repeat("# 0123456789\n", 2000))[..(size - end.Length)] + end;
        _file.Write(Encoding.UTF8.GetBytes(text));

        Assert.Equal(sent, (await TrackAsync()).HasHostname);
    }

    [Fact]
    public async Task Garbage_is_as_good_as_nothing()
    {
        byte[] garbage = new byte[SettingsFile.Limit];
        for (int seed = 0; seed < 10; seed++)
        {
            new Random(seed).NextBytes(garbage);
            _file.Write(garbage);
            ProcessInfo sent = await TrackAsync();
            Assert.True(sent is { HasHostname: true, HasCwd: true, Binpath: "/usr/bin/true" });
        }
    }

    [Fact]
    public async Task Lines_that_are_wrong_are_left_out_and_the_others_count()
    {
        _file.Write(
            "no equals sign", "= value", "unknown = 1", "deadline = soon", "transport = pigeon", "port = 70000", "cwd = no",
            "servers = example.org", "environment = A-B", "skip = relative", "hostname = perhaps", "username =");
        ProcessInfo sent = await TrackAsync(("USER", "u"));

        Assert.True(sent is { HasCwd: false, HasHostname: true, Username: "u", EnvironmentVariables.Count: 0 });
    }

    [Theory]
    [InlineData("mkfifo \"$1\"")]
    [InlineData("mkdir \"$1\"")]
    [InlineData("ln -s /dev/zero \"$1\"")]
    [InlineData("ln -s /dev/tty \"$1\"")]
    [InlineData("ln -s \"$1\" \"$1\"")]
    [InlineData("ln -s /no/such/file \"$1\"")]
    [InlineData("echo hostname = no >\"$1\"; chmod g+w \"$1\"")]
    [InlineData("echo hostname = no >\"$1\"; chmod o+w \"$1\"")]
    [InlineData("echo hostname = no >\"$1\"; chown 12345 \"$1\"")]
    [InlineData("true")]
    public async Task What_is_no_file_to_be_trusted_is_not_read_nor_waited_for(string make)
    {
        Command.RequireRoot();
        _file.Remove();
        Command.Run("/bin/sh", "-c", make, "sh", _file.Path).Succeeded();

        Assert.True((await TrackAsync()).HasHostname);
    }

    [Fact]
    public async Task A_link_to_a_file_is_followed()
    {
        string target = Path.Combine(_file.Folder, "real.conf");
        _file.Remove();
        File.WriteAllText(target, "hostname = no\n");
        File.CreateSymbolicLink(_file.Path, target);

        Assert.False((await TrackAsync()).HasHostname);
    }

    [Fact]
    public async Task A_user_who_may_not_read_it_gets_what_is_built_in()
    {
        Command.RequireRoot();
        string setpriv = Command.Require("setpriv");
        _file.Write("hostname = no");
        string[] line = ["--reuid=12345", "--clear-groups", "env", .. Tracking.Environment(_file.Library, _receiver).Select(variable => $"{variable.Name}={variable.Value}"), "/bin/true"];

        Command.Run(setpriv, line).Succeeded();
        Assert.False((await _receiver.ProcessAsync()).HasHostname);

        Command.Run("chmod", "400", _file.Path).Succeeded();
        Command.Run(setpriv, line).Succeeded();
        Assert.True((await _receiver.ProcessAsync()).HasHostname);
    }

    [Fact]
    public async Task Standard_descriptors_that_are_closed_stay_closed()
    {
        _file.Write("hostname = no");
        string[] line = ["-c", "exec /bin/ls /proc/self/fd <&-"];
        CommandResult result = Tracking.Run(_file.Library, _receiver, "/bin/sh", line).Succeeded();
        ProcessInfo shell = await _receiver.ProcessAsync(), list = await _receiver.ProcessAsync();

        Assert.Equal(Command.Run("/bin/sh", line).Succeeded().Text, result.Text);
        Assert.False(shell.HasHostname || list.HasHostname);
    }

    [Fact]
    public async Task What_configure_chose_is_changed_in_both_directions()
    {
        using var file = new SettingsFile(
            _shim, "--allow-env=OGRT_SERVER,OGRT_DEADLINE", "--active-by-default", "--msg-send-objects=no", "--msg-send-hostname=no",
            "--filter-skip=/usr/bin/env,/usr/bin/tr*", "--filter-keep=/usr/bin", "--filter-regexps=^/usr/.*/sleep$");
        (string, string)[] variables = [("LD_PRELOAD", file.Library), ("OGRT_SERVER", _receiver.EndPoint.ToString())];
        CommandResult Run(string program, params string[] arguments) => Command.Run(program, arguments, variables).Succeeded();

        // Active without OGRT_ACTIVE; env and true are skipped, echo is kept, although a later rule would not match anyway.
        Run("/usr/bin/env", "/bin/true");
        Run("/bin/true");
        Run("/bin/echo");
        ProcessInfo sent = await _receiver.ProcessAsync();
        Assert.True(sent is { Binpath: "/usr/bin/echo", HasHostname: false, SharedObjects.Count: 0 });

        // Rules of the file take the place of those that are built in.
        file.Write("skip = /usr/bin/echo", "hostname = yes", "objects = yes");
        Run("/bin/echo");
        Run("/bin/true");
        sent = await _receiver.ProcessAsync();
        Assert.True(sent is { Binpath: "/usr/bin/true", HasHostname: true, SharedObjects.Count: > 0 });

        file.Write("active-by-default = no", "skip = /no/such");
        Run("/bin/true");
        Command.Run("/bin/echo", [], [.. variables, ("OGRT_ACTIVE", "yes")]).Succeeded();
        Assert.Equal("/usr/bin/echo", (await _receiver.ProcessAsync()).Binpath);
    }

    [Fact]
    public void Install_brings_an_example_and_leaves_a_file_alone()
    {
        string folder = _shim.NewFolder(), stage = _shim.NewFolder(), file = Path.Combine(stage, "etc/site/ogrt-shim.conf");
        Command.Run(
            Path.Combine(_shim.Source, "configure"),
            ["--prefix=/opt/ogrt", "--sysconfdir=/etc/site", "--server-host=192.0.2.1,2001:db8::1", "--deadline-ms=77", "--transport=udp"], [], folder).Succeeded();
        Command.Run("make", ["install-settings", "DESTDIR=" + stage], [], folder).Succeeded();
        string[] lines = File.ReadAllLines(file);

        Assert.Contains("#servers = 192.0.2.1,2001:db8::1", lines);
        Assert.Contains("#deadline = 77ms", lines);
        Assert.Contains("#transport = udp", lines);
        Assert.DoesNotContain(lines, line => line.Length > 0 && line[0] != '#');
        Assert.DoesNotContain(lines, line => line.Contains('@', StringComparison.Ordinal));
        Assert.InRange(new FileInfo(file).Length, 500, 4000); // what is small is read without memory of its own

        File.WriteAllText(file, "enabled = no\n");
        Command.Run("make", ["install-settings", "DESTDIR=" + stage], [], folder).Succeeded();
        Assert.Equal("enabled = no\n", File.ReadAllText(file));
    }

    [Fact]
    public async Task Every_line_of_the_example_is_one_that_is_understood()
    {
        string example = Path.Combine(Path.GetDirectoryName(_file.Library)!, "../../ogrt-shim.conf");
        string[] settings = [.. File.ReadAllLines(example).Where(line => line.Length > 1 && line[0] == '#' && char.IsAsciiLetter(line[1])).Select(line => line[1..])];
        Assert.True(settings.Length > 20, "the example was not found");
        // The file of servers does not exist, and the rules are not meant for this program.
        _file.Write([.. settings.Where(line => !line.StartsWith("servers-file", StringComparison.Ordinal) && !line.StartsWith("skip", StringComparison.Ordinal))]);
        CommandResult result = Run([("OGRT_TRACE", "1")]).Succeeded();

        Assert.Matches(@"^ogrt: process \d+ \(/usr/bin/true\) is reported: [^\n]*\n$", result.Error);
        await _receiver.ProcessAsync();
    }

    private void RunWithoutServer() =>
        Assert.Empty(Command.Run("/bin/true", [], [("LD_PRELOAD", _file.Library), ("OGRT_ACTIVE", "yes")]).Succeeded().Error);

    private CommandResult Run(params (string, string)[] variables) =>
        Tracking.Run(_file.Library, _receiver, "/bin/true", [], variables);

    private Task<ProcessInfo> TrackAsync(params (string, string)[] variables) => TrackAsync([], variables);

    private Task<ProcessInfo> TrackAsync(string[] arguments, params (string, string)[] variables) =>
        Tracking.TrackAsync(_file.Library, _receiver, "/bin/true", arguments, variables);

    private Task<byte[]> FrameAsync(params (string, string)[] variables)
    {
        Run(variables).Succeeded();
        return _receiver.FrameAsync();
    }
}
