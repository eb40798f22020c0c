namespace Ogrt.Specs.Shim;

[Collection(ShimCollection.Name)]
public sealed class ConfigureSpec(ShimFixture shim)
{
    [Fact]
    public void Help_names_every_option()
    {
        string script = File.ReadAllText(Path.Combine(shim.Source, "configure"));
        string help = Configure(shim.NewFolder(), "--help").Succeeded().Text;
        string[] options = [.. script.Split('\n').Where(line => line.StartsWith("    --", StringComparison.Ordinal) && line.Contains(") ", StringComparison.Ordinal)).SelectMany(line => line.Split(')')[0].Split('|')).Select(option => option.Trim())];

        Assert.True(options.Length > 15, "the options were not found in the script");
        Assert.All(options, option => Assert.Contains(option, help, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("--server-port=0", "--server-port takes a number from 1 to 65535")]
    [InlineData("--server-port=65536", "--server-port takes a number from 1 to 65535")]
    [InlineData("--server-port=http", "--server-port takes a number from 1 to 65535")]
    [InlineData("--deadline-ms=0", "--deadline-ms takes a number from 1 to 10000")]
    [InlineData("--transport=sctp", "--transport takes tcp or udp")]
    [InlineData("--prefix=here", "--prefix takes an absolute path")]
    [InlineData("--prefix=/with blank", "--prefix cannot take a path with blanks")]
    [InlineData("--server-family=5", "--server-family takes 4, 6, both or prefer4")]
    [InlineData("--env-jobid=", "--env-jobid needs at least one name")]
    [InlineData("--env-jobid=A\"B", "--env-jobid cannot take")]
    [InlineData("--server-host=$(id)", "--server-host cannot take")]
    [InlineData("--server-host=no-such-host.invalid", "cannot resolve 'no-such-host.invalid'")]
    [InlineData("--msg-send-cwd=maybe", "--msg-send-cwd takes yes or no")]
    [InlineData("--msg-send-environment-whitelist=A", "has no effect without")]
    [InlineData("--filter-skip=bin/true", "--filter-skip takes absolute paths and patterns that begin with a star")]
    [InlineData("--filter-keep=/a\"b", "--filter-keep cannot take quotes")]
    [InlineData("--filter-regexps=^/usr/[a-f]", "write it as --filter-skip=PATTERN")]
    [InlineData("--settings-owner=no-such-user-at-all", "there is no user 'no-such-user-at-all'")]
    [InlineData("--sysconfdir=etc", "--sysconfdir takes an absolute path")]
    [InlineData("--servers-file=servers", "--servers-file takes an absolute path")]
    [InlineData("--allow-env=A-B", "--allow-env cannot take 'A-B'")]
    [InlineData("--send-end=maybe", "--send-end takes yes or no")]
    [InlineData("--with-slurm=maybe", "--with-slurm takes yes, no or auto")]
    [InlineData("--slurm-plugindir=here", "--slurm-plugindir takes an absolute path")]
    [InlineData("--no-such-option=1", "there is no option '--no-such-option'")]
    [InlineData("CC=/no/such/compiler", "cannot build a shared library")]
    public void A_wrong_option_is_refused_with_its_reason(string option, string reason)
    {
        string folder = shim.NewFolder();
        CommandResult result = Configure(folder, option);

        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains(reason, result.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(folder));
    }

    [Fact]
    public void Names_are_resolved_when_it_is_configured()
    {
        string folder = shim.NewFolder();
        Configure(folder, "--server-host=localhost,192.0.2.7,2001:db8::7", "--server-port=7").Succeeded();
        string header = File.ReadAllText(Path.Combine(folder, "config.h"));

        Assert.Contains("""
            "127.0.0.1\0" "192.0.2.7\0" "2001:db8::7\0"
            """, header, StringComparison.Ordinal);
        Assert.Matches(@"OGRT_SERVER_PORT\s+7\n", header);
    }

    [Theory]
    [InlineData("^/usr/bin/.*", "-/usr/bin/**")]
    [InlineData("^/usr/bin/ls$", "-/usr/bin/ls")]
    [InlineData("/foo\\.so$", "-**/foo.so")]
    [InlineData("conda", "-**conda**")]
    public void Regular_expressions_that_are_paths_become_patterns(string regexp, string rule)
    {
        string folder = shim.NewFolder();
        CommandResult result = Configure(folder, "--filter-keep=/opt", "--filter-regexps=" + regexp).Succeeded();

        Assert.Contains($"'{regexp}' is taken as --filter-skip='{rule[1..]}'", result.Error, StringComparison.Ordinal);
        Assert.Contains($"""
            OGRT_FILTERS            "+/opt\0" "{rule}\0"
            """, File.ReadAllText(Path.Combine(folder, "config.h")), StringComparison.Ordinal);
    }

    [Fact]
    public void It_installs_below_DESTDIR_and_checks_itself()
    {
        string folder = shim.NewFolder(), stage = shim.NewFolder();
        Configure(folder, "--prefix=/opt/ogrt", "CFLAGS=-O1").Succeeded();
        Command.Run("make", ["-j2", "install", "DESTDIR=" + stage], [], folder).Succeeded();
        string checks = Command.Run("make", ["check"], [], folder).Succeeded().Text;

        string[] installed = Directory.GetFiles(stage, "*", SearchOption.AllDirectories);
        Assert.Contains(Path.Combine(stage, "opt/ogrt/lib/libogrt.so"), installed);
        Assert.DoesNotContain(installed, file => file.EndsWith(".new", StringComparison.Ordinal));
        Assert.DoesNotContain("FAILED", checks, StringComparison.Ordinal);
        Assert.True(checks.Split("ok  ").Length > 4, checks);
    }

    private CommandResult Configure(string folder, params string[] options) =>
        Command.Run(Path.Combine(shim.Source, "configure"), options, [], folder);
}
