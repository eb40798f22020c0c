using System.Globalization;
using System.Text.RegularExpressions;

namespace Ogrt.Specs.Shim;

/// <summary>
/// Nothing that a network does delays a program by more than the deadline. Each spec makes a network of its own in which the
/// server cannot be reached in another way. What counts are the waits that the library asks the kernel for: it has no other,
/// because its sockets never block, which is looked at too.
/// </summary>
[Collection(ShimCollection.Name)]
public sealed partial class UnreachableServerSpec(ShimFixture shim)
{
    private const double _deadline = 0.4;

    private const string _up = "ip link set lo up; ";
    private const string _firewall = _up + "nft add table inet t; nft add chain inet t c '{ type filter hook input priority 0; }'; ";
    private const string _outside = _up + "ip link add o type veth peer name p; ip link set o up; ip link set p up; ip address add 192.0.2.1/24 dev o; ";

    // A connection is taken by the kernel, and what comes by it is dropped after the handshake.
    private const string _silenced = _firewall + "nft add rule inet t c tcp dport 7971 meta length gt 100 drop; echo 4096 4096 4096 > /proc/sys/net/ipv4/tcp_wmem; ";

    [Theory]
    [InlineData("a firewall drops everything", _firewall + "nft add rule inet t c tcp dport 7971 drop", "127.0.0.1", true)]
    [InlineData("a firewall drops the answers", _firewall + "nft add rule inet t c tcp sport 7971 drop", "127.0.0.1", true)]
    [InlineData("a firewall drops everything by IPv6", _firewall + "nft add rule inet t c tcp dport 7971 drop", "[::1]", true)]
    [InlineData("a firewall resets", _firewall + "nft add rule inet t c tcp dport 7971 reject with tcp reset", "127.0.0.1", false)]
    [InlineData("a firewall says that the port cannot be reached", _firewall + "nft add rule inet t c tcp dport 7971 reject with icmp port-unreachable", "127.0.0.1", false)]
    [InlineData("a firewall says that it is prohibited", _firewall + "nft add rule inet t c tcp dport 7971 reject with icmp admin-prohibited", "127.0.0.1", false)]
    [InlineData("there is no route", _up + "true", "192.0.2.7", false)]
    [InlineData("there is no route by IPv6", _up + "true", "[2001:db8::7]", false)]
    [InlineData("the route is a black hole", _up + "ip route add blackhole 192.0.2.0/24", "192.0.2.7", false)]
    [InlineData("the route is prohibited", _up + "ip route add prohibit 192.0.2.0/24", "192.0.2.7", false)]
    [InlineData("the route says unreachable", _up + "ip route add unreachable 192.0.2.0/24", "192.0.2.7", false)]
    [InlineData("nobody has the address", _outside + "true", "192.0.2.7", true)]
    [InlineData("the link was cut", _outside + "ip neighbour add 192.0.2.7 lladdr 02:00:00:00:00:07 dev o; ip link set p down", "192.0.2.7", null)]
    [InlineData("the link is down", _outside + "ip link set o down", "192.0.2.7", false)]
    [InlineData("even loopback is down", "true", "127.0.0.1", null)]
    [InlineData("IPv6 is switched off", _up + "echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6", "[::1]", false)]
    [InlineData("no address is free", _up + "echo '40000 40000' > /proc/sys/net/ipv4/ip_local_port_range", "127.0.0.1", false)]
    public void A_program_is_not_held_up_when(string what, string network, string server, bool? waits)
    {
        List<Wait> tcp = Trace(network, server, "--transport=tcp"), udp = Trace(network, server, "--transport=udp");

        Assert.Empty(udp);
        AssertBounded(tcp);
        if (waits is not null)
            Assert.True(waits == tcp.Any(wait => wait.TimedOut), $"{what}: {tcp.Count(wait => wait.TimedOut)} waits were not answered");
    }

    [Fact]
    public void A_record_that_the_kernel_has_taken_is_not_waited_for()
    {
        List<Wait> waits = Trace(Listening(_silenced), "127.0.0.1", "--transport=tcp");

        Assert.DoesNotContain(waits, wait => wait.TimedOut);
    }

    [Fact]
    public void A_connection_that_falls_silent_under_a_large_record_costs_one_deadline()
    {
        (string, string)[] large = [.. Enumerable.Range(0, 30).Select(number => ($"LARGE{number}", new string('x', 8000)))];
        List<Wait> waits = Trace(Listening(_silenced), "127.0.0.1", "--msg-send-environment=yes", large);

        AssertBounded(waits);
        Assert.Contains(waits, wait => wait.TimedOut);
    }

    [Fact]
    public void Four_servers_behind_a_firewall_share_the_deadline()
    {
        string library = shim.Library("--server-host=127.0.0.1,127.0.0.2,127.0.0.3,127.0.0.4,127.0.0.5", "--deadline-ms=400");
        List<Wait> waits = Trace(_firewall + "nft add rule inet t c tcp dport 7971 drop", library, []);

        AssertBounded(waits);
        Assert.InRange(waits.Count(wait => wait.TimedOut), 2, 4);
    }

    // All waits of one record are for what is left of one deadline.
    private static void AssertBounded(List<Wait> waits)
    {
        Assert.All(waits, wait => Assert.InRange(wait.Seconds, 0, _deadline));
        Assert.InRange(waits.Where(wait => wait.TimedOut).Sum(wait => wait.Seconds), 0, _deadline);
    }

    // Goes on as the rest of the command with a listening socket that nobody accepts from.
    private string Listening(string network)
    {
        string listener = shim.Compile("""
            #include <arpa/inet.h>
            #include <sys/socket.h>
            #include <unistd.h>
            int main(int argc, char **argv) {
                struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons(7971)};
                int fd = socket(AF_INET, SOCK_STREAM, 0);
                (void)argc;
                return bind(fd, (struct sockaddr *)&at, sizeof at) || listen(fd, 16) ? 98 : execvp(argv[1], argv + 1);
            }
            """);
        return network + $"set -- {listener} \"$@\"";
    }

    private List<Wait> Trace(string network, string server, string option, params (string, string)[] variables) =>
        Trace(network, shim.Library("--allow-server-env", "--deadline-ms=400", option), [.. variables, ("OGRT_SERVER", server + ":7971")]);

    private List<Wait> Trace(string network, string library, (string Name, string Value)[] variables)
    {
        Command.RequireRoot();
        foreach (string tool in (string[])["unshare", "ip", "nft", "strace"])
            Command.Require(tool);
        string log = Path.Combine(shim.NewFolder(), "trace");
        string[] line =
        [
            "-n", "/bin/sh", "-e", "-c", network + "\nexec \"$@\"", "sh",
            "strace", "-o", log, "-e", "trace=ppoll,connect,socket,sendto,poll,select,pselect6,epoll_wait,nanosleep,clock_nanosleep",
            "-E", "LD_PRELOAD=" + library, "-E", "OGRT_ACTIVE=1", "/bin/true",
        ];
        CommandResult result = Command.Run("unshare", line, variables);
        Assert.SkipWhen(result.ExitCode != 0 && result.Error.Contains("not supported", StringComparison.OrdinalIgnoreCase), $"the kernel cannot do this: {result.Error}");
        Assert.Empty(result.Succeeded().Error);
        string[] calls = File.ReadAllLines(log);

        Assert.Contains(calls, call => call.StartsWith("socket(AF_INET", StringComparison.Ordinal));
        Assert.All(calls.Where(call => call.StartsWith("socket(AF_INET", StringComparison.Ordinal)), call => Assert.Contains("SOCK_NONBLOCK", call, StringComparison.Ordinal));
        Assert.All(calls.Where(call => call.StartsWith("sendto(", StringComparison.Ordinal)), call => Assert.Contains("MSG_DONTWAIT", call, StringComparison.Ordinal));
        Assert.DoesNotContain(calls, call => OtherWaitPattern().IsMatch(call));
        return [.. calls.Select(call => WaitPattern().Match(call)).Where(match => match.Success).Select(match => new Wait(
            int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture) + int.Parse(match.Groups[2].ValueSpan, CultureInfo.InvariantCulture) * 1e-9,
            match.Groups[3].Value == "0"))];
    }

    [GeneratedRegex(@"ppoll\(.*\{tv_sec=(\d+), tv_nsec=(\d+)\}, NULL, \d+\) = (\d+)")]
    private static partial Regex WaitPattern();

    [GeneratedRegex(@"^(poll|select|pselect6|epoll_wait|nanosleep|clock_nanosleep)\(")]
    private static partial Regex OtherWaitPattern();

    private sealed record Wait(double Seconds, bool TimedOut);
}
