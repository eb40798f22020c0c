using System.Text.RegularExpressions;

namespace Ogrt.Specs.Shim;

/// <summary>Each system call of the library, counted: the measure of its cost that does not depend on the machine.</summary>
[Collection(ShimCollection.Name)]
public sealed class SystemCallsSpec(ShimFixture shim)
{
    private const string Decide = "prctl clock_gettime getpid readlinkat readlinkat statx faccessat ";
    private const string Describe = "openat read close openat read close getcwd uname faccessat futex ";

    [Fact]
    public void A_datagram_takes_this_many()
    {
        using FrameReceiver receiver = FrameReceiver.Udp();

        Assert.Equal(Decide + Describe + "socket sendto close", CallsOf(shim.Library("--allow-server-env", "--transport=udp"), receiver));
    }

    [Fact]
    public void A_connection_takes_this_many()
    {
        using FrameReceiver receiver = FrameReceiver.Tcp();

        Assert.Equal(Decide + Describe + "clock_gettime socket connect clock_gettime ppoll sendto shutdown close", CallsOf(shim.Tcp, receiver));
    }

    [Fact]
    public void The_end_takes_this_many_more()
    {
        using FrameReceiver receiver = FrameReceiver.Udp();
        string calls = CallsOf(shim.Library("--allow-server-env", "--transport=udp", "--send-end=yes"), receiver);

        Assert.Matches("^" + Decide + Describe + "socket sendto close uname openat( read){2,9} close clock_gettime getrusage socket sendto close$", calls);
    }

    [Fact]
    public void An_inactive_library_takes_none()
    {
        string empty = shim.Compile("static void nothing(void) { }\n__attribute__((section(\".init_array\"), used)) static void (*const entry)(void) = nothing;",
            "gcc", "-shared", "-fPIC", "-nostdlib", "-Wl,-z,noseparate-code", "-Wl,-z,norelro");

        Assert.Equal(Traced(("LD_PRELOAD", empty)), Traced(("LD_PRELOAD", shim.Tcp)));
    }

    /// <summary>What an active process calls and an inactive one does not.</summary>
    private string CallsOf(string library, FrameReceiver receiver)
    {
        string[] active = Traced(Tracking.Environment(library, receiver)), inactive = Traced(("LD_PRELOAD", library));
        int before = active.Zip(inactive).TakeWhile(pair => pair.First == pair.Second).Count();
        int behind = active.Reverse().Zip(inactive.Reverse()).TakeWhile(pair => pair.First == pair.Second).Count();

        Assert.Equal(inactive.Length, before + behind); // so the inactive one calls nothing in between
        return string.Join(' ', active[before..^behind]);
    }

    private string[] Traced(params (string Name, string Value)[] environment)
    {
        Command.Require("strace");
        string log = Path.Combine(shim.NewFolder(), "trace");
        Command.Run("strace", ["-o", log, .. environment.SelectMany(variable => new[] { "-E", $"{variable.Name}={variable.Value}" }), "/usr/bin/true"]).Succeeded();
        return [.. File.ReadLines(log).Select(line => Regex.Match(line, @"^\w+(?=\()").Value).Where(name => name.Length > 0)];
    }
}
