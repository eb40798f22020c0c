using Ogrt.Wire.Protocol;

namespace Ogrt.Specs.Shim;

/// <summary>Which programs are reported, by the path of their executable.</summary>
[Collection(ShimCollection.Name)]
public sealed class FilterSpec : IDisposable
{
    private readonly ShimFixture _shim;
    private readonly SettingsFile _file;
    private readonly FrameReceiver _receiver = FrameReceiver.Tcp();

    public FilterSpec(ShimFixture shim)
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
    [InlineData(true, "skip = /usr/bin/echo")]
    [InlineData(false, "skip = /usr/bin/true")]
    [InlineData(false, "skip = /usr/bin")]
    [InlineData(false, "skip = /usr/bin/")]
    [InlineData(false, "skip = /")]
    [InlineData(true, "skip = /usr/bi")]
    [InlineData(true, "skip = /usr/bin/tru")]
    [InlineData(false, "skip = /usr/bin/t*")]
    [InlineData(false, "skip = /usr/*/true")]
    [InlineData(true, "skip = /*/true")]
    [InlineData(false, "skip = /**/true")]
    [InlineData(false, "skip = **/true")]
    [InlineData(false, "skip = /usr/bin/**/true")]
    [InlineData(true, "skip = **/rue")]
    [InlineData(false, "skip = **rue")]
    [InlineData(true, "skip = /bin/true")] // the link by which it is called is not what runs
    [InlineData(true, "keep = /usr/bin/true", "skip = /usr")]
    [InlineData(false, "skip = /usr", "keep = /usr/bin/true")]
    [InlineData(false, "keep = /usr/bin/false", "skip = **")]
    [InlineData(true, "keep = /usr/bin/false")]
    public async Task The_first_rule_that_matches_decides(bool reported, params string[] rules)
    {
        _file.Write(rules);
        Tracking.Run(_file.Library, _receiver, "/bin/true", [], ("JOBID", "asked")).Succeeded();
        _file.Remove();
        if (reported)
            Assert.Equal("asked", (await _receiver.ProcessAsync()).JobId);
        await Tracking.NothingWasSentAsync(_file.Library, _receiver);
    }

    [Fact]
    public async Task A_path_is_what_the_record_gives_with_blanks_and_bytes_that_are_no_text()
    {
        string program = Path.Combine(_shim.NewFolder(), "with blank, comma # and é");
        File.Copy("/bin/true", program);
        ProcessInfo sent = await Tracking.TrackAsync(_file.Library, _receiver, program, []);
        _file.Write($"skip = {sent.Binpath}");
        Tracking.Run(_file.Library, _receiver, program, []).Succeeded();

        Assert.Equal(program, sent.Binpath);
        await Tracking.NothingWasSentAsync(_file.Library, _receiver);
    }

    [Fact]
    public async Task Without_proc_it_is_the_same_path()
    {
        Command.RequireRoot();
        Command.Require("unshare");
        _file.Write("skip = /usr/bin/true");
        string[] set = [.. Tracking.Environment(_file.Library, _receiver).Select(variable => $"{variable.Name}={variable.Value}")];
        string[] hide = ["-m", "/bin/sh", "-c", "umount -l /proc || exit 9; exec env \"$@\"", "sh", .. set];
        CommandResult result = Command.Run("unshare", [.. hide, "/bin/true"], []);
        Assert.SkipWhen(result.ExitCode == 9, "/proc cannot be unmounted here");
        Command.Run("unshare", [.. hide, "/bin/echo"], []).Succeeded();

        Assert.Equal("/usr/bin/echo", (await _receiver.ProcessAsync()).Binpath);
    }

    [Fact]
    public void Of_a_process_that_is_skipped_nothing_else_is_read()
    {
        Command.Require("strace");
        _file.Write("skip = **", "servers-file = /no/such/file");
        string[] skipped = Calls("OGRT_ACTIVE=1"), inactive = Calls("OGRT_ACTIVE=0");

        // A filter, the clock, the pid, the path by its parts, and the settings: looked for, opened, asked for their owner,
        // read, closed.
        Assert.InRange(skipped.Length - inactive.Length, 5, 16);
        Assert.DoesNotContain("socket", skipped);
        Assert.DoesNotContain("getcwd", skipped);
        Assert.DoesNotContain("uname", skipped);
    }

    private string[] Calls(string active)
    {
        CommandResult result = Command.Run("strace", ["-E", active, "-E", "LD_PRELOAD=" + _file.Library, "/bin/true"], []).Succeeded();
        return [.. result.Error.Split('\n').Select(line => line.Split('(')[0]).Where(name => name.Length > 0 && char.IsAsciiLetter(name[0]))];
    }
}
