namespace Ogrt.Specs.Shim.Watermarks;

/// <summary><c>ogrt servers</c>: the addresses behind names, for the preload library.</summary>
[Collection(WatermarkCollection.Name)]
public sealed class ServersSpec(ShimFixture shim)
{
    private readonly WatermarkTools _tools = new(shim);

    [Fact]
    public void Addresses_are_passed_on_sorted_and_each_once()
    {
        CommandResult result = _tools.Ogrt("servers", "[2001:db8::1]:80", "192.0.2.10", "2001:DB8:0::1", "192.0.2.9:81", "192.0.2.10:7971").Succeeded();

        Assert.Equal(["192.0.2.9:81", "192.0.2.10:7971", "[2001:db8::1]:80", "[2001:db8::1]:7971"], Addresses(result));
        Assert.StartsWith("#", result.Lines[0], StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_gives_all_its_addresses()
    {
        Assert.Equal(["192.0.2.1:9", "192.0.2.2:9"], Addresses(WithHosts("servers", "--port", "9", "ogrt.example").Succeeded()));
        Assert.Equal(["192.0.2.1:8", "192.0.2.2:8", "[2001:db8::1]:8"], Addresses(WithHosts("servers", "--family=both", "ogrt.example:8").Succeeded()));
        Assert.Equal(["[2001:db8::1]:7971"], Addresses(WithHosts("servers", "--family=6", "ogrt.example").Succeeded()));
        Assert.Equal(["[2001:db8::2]:7971"], Addresses(WithHosts("servers", "six.example").Succeeded()));
        Assert.Equal(1, WithHosts("servers", "--family=4", "six.example").ExitCode);
        Assert.Equal(1, WithHosts("servers", "local.example").ExitCode);
    }

    [Fact]
    public void Addresses_that_no_server_can_have_are_left_out_of_what_a_name_has()
    {
        Assert.Equal(["192.0.2.3:7971", "[2001:db8::3]:7971"], Addresses(WithHosts("servers", "--family=both", "mixed.example").Succeeded()));
        foreach (string name in new[] { "blocked.example", "own.example", "all.example", "many.example", "mapped.example" })
        {
            CommandResult result = WithHosts("servers", name);
            Assert.Equal(1, result.ExitCode);
            Assert.Contains($"'{name}' has no address that can be used", result.Error, StringComparison.Ordinal);
            Assert.Empty(result.Output);
        }
        Assert.Equal(["127.0.0.1:7971", "[::1]:7971"], Addresses(WithHosts("servers", "--family=both", "localhost").Succeeded()));
        Assert.Equal(["127.0.0.9:7971"], Addresses(WithHosts("servers", "127.0.0.9").Succeeded())); // who says it means it
    }

    [Fact]
    public void A_file_is_replaced_in_one_step_and_can_be_read_by_all()
    {
        string folder = shim.NewFolder(), file = Path.Combine(folder, "servers");
        File.WriteAllText(file, "192.0.2.99\n");
        using FileStream before = File.OpenRead(file);
        _tools.Ogrt("servers", "-o", file, "192.0.2.1").Succeeded();

        Assert.Equal("192.0.2.99\n", new StreamReader(before).ReadToEnd()); // another file, under the same name
        Assert.Equal("192.0.2.1:7971", File.ReadAllLines(file)[^1]);
        Assert.Equal("644\n", Command.Run("stat", "-c", "%a", file).Succeeded().Text);
        Assert.Equal([file], Directory.GetFileSystemEntries(folder));
    }

    [Fact]
    public void A_name_that_cannot_be_resolved_leaves_the_file_alone()
    {
        string folder = shim.NewFolder(), file = Path.Combine(folder, "servers");
        File.WriteAllText(file, "192.0.2.99\n");
        CommandResult result = _tools.Ogrt("servers", "-o", file, "192.0.2.1", "no-such-host.invalid", "nor-this.invalid");

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("cannot resolve 'no-such-host.invalid'", result.Error, StringComparison.Ordinal);
        Assert.Contains("cannot resolve 'nor-this.invalid'", result.Error, StringComparison.Ordinal);
        Assert.Equal("192.0.2.99\n", File.ReadAllText(file));
        Assert.Equal([file], Directory.GetFileSystemEntries(folder));
        Assert.Empty(_tools.Ogrt("servers", "192.0.2.1", "no-such-host.invalid").Output);
    }

    [Fact]
    public void The_same_answer_makes_the_same_file()
    {
        Assert.Equal(_tools.Ogrt("servers", "192.0.2.2", "192.0.2.1").Text, _tools.Ogrt("servers", "192.0.2.1", "192.0.2.2").Text);
    }

    [Theory]
    [InlineData("is neither NAME, NAME:PORT nor an address", "example.org:http")]
    [InlineData("is neither NAME, NAME:PORT nor an address", "192.0.2.1:0")]
    [InlineData("is neither NAME, NAME:PORT nor an address", "[2001:db8::1]7971")]
    [InlineData("is neither NAME, NAME:PORT nor an address", "")]
    [InlineData("--port takes a number from 1 to 65535, not '70000'", "--port=70000", "192.0.2.1")]
    [InlineData("--family takes 4, 6, both or prefer4, not 'ip'", "--family=ip", "192.0.2.1")]
    [InlineData("of which name?")]
    public void A_wrong_request_is_refused_with_its_reason(string reason, params string[] arguments)
    {
        CommandResult result = _tools.Ogrt(["servers", .. arguments]);

        Assert.Equal(2, result.ExitCode);
        Assert.Contains(reason, result.Error, StringComparison.Ordinal);
        Assert.Empty(result.Output);
    }

    private static string[] Addresses(CommandResult result) => [.. result.Lines.Where(line => !line.StartsWith('#'))];

    // In a mount namespace of its own, so that the machine's file of hosts stays what it is.
    private CommandResult WithHosts(params string[] arguments)
    {
        Command.RequireRoot();
        Assert.SkipUnless(Command.Run("unshare", "-m", "true").ExitCode == 0, "mount namespaces cannot be made here");
        string folder = shim.NewFolder();
        File.WriteAllText(Path.Combine(folder, "hosts"), """
            192.0.2.2 ogrt.example
            2001:db8::1 ogrt.example
            192.0.2.1 ogrt.example
            2001:db8::2 six.example
            fe80::1 local.example
            0.0.0.0 mixed.example blocked.example
            :: mixed.example blocked.example
            127.0.1.1 mixed.example own.example
            ::1 mixed.example own.example localhost
            127.0.0.1 localhost
            255.255.255.255 mixed.example all.example
            224.0.0.1 mixed.example many.example
            ff02::1 mixed.example many.example
            ::ffff:192.0.2.9 mixed.example mapped.example
            169.254.0.1 mixed.example
            192.0.2.3 mixed.example
            2001:db8::3 mixed.example

            """);
        File.WriteAllText(Path.Combine(folder, "nsswitch.conf"), "hosts: files\n");
        const string script = "mount --bind hosts /etc/hosts && mount --bind nsswitch.conf /etc/nsswitch.conf && exec \"$@\"";
        return Command.Run("unshare", ["-m", "sh", "-c", script, "sh", _tools.Program, .. arguments], [], folder);
    }
}
