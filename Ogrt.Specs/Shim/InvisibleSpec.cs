using System.Diagnostics;

using Ogrt.Wire.Protocol;

namespace Ogrt.Specs.Shim;

/// <summary>A program cannot tell that it is tracked.</summary>
[Collection(ShimCollection.Name)]
public sealed class InvisibleSpec(ShimFixture shim) : IDisposable
{
    private readonly FrameReceiver _receiver = FrameReceiver.Tcp();

    public void Dispose() => _receiver.Dispose();

    [Theory]
    [InlineData("yes", true)]
    [InlineData("true", true)]
    [InlineData("1", true)]
    [InlineData("no", false)]
    [InlineData("", false)]
    [InlineData("YES", false)]
    [InlineData("yes please", false)]
    public async Task It_acts_only_when_it_is_told_to(string word, bool acts)
    {
        Command.Run("/bin/true", [], [("LD_PRELOAD", shim.Tcp), ("OGRT_SERVER", _receiver.EndPoint.ToString()), ("OGRT_ACTIVE", word), ("JOBID", "1")]).Succeeded();

        if (acts)
            Assert.Equal("1", (await _receiver.ProcessAsync()).JobId);
        else
            await Tracking.NothingWasSentAsync(shim.Tcp, _receiver);
    }

    [Fact]
    public async Task Where_it_is_active_by_default_it_can_be_told_not_to_be()
    {
        string library = shim.Library("--allow-server-env", "--active-by-default");
        (string, string)[] variables = [("LD_PRELOAD", library), ("OGRT_SERVER", _receiver.EndPoint.ToString())];
        Command.Run("/bin/true", [], [.. variables, ("OGRT_ACTIVE", "no"), ("JOBID", "1")]).Succeeded();
        Command.Run("/bin/true", [], [.. variables, ("JOBID", "2")]).Succeeded();

        Assert.Equal("2", (await _receiver.ProcessAsync()).JobId);
    }

    [Fact]
    public async Task The_environment_names_a_server_only_where_that_was_allowed()
    {
        using FrameReceiver configured = FrameReceiver.Tcp();
        string library = shim.Library($"--server-port={configured.EndPoint.Port}");
        ProcessInfo? sent = null;
        Tracking.Run(library, _receiver, "/bin/true", [], ("JOBID", "1")).Succeeded();
        sent = await configured.ProcessAsync();

        Assert.Equal("1", sent.JobId);
        await Tracking.NothingWasSentAsync(shim.Tcp, _receiver);
    }

    [Theory]
    [InlineData("localhost:7971")]
    [InlineData("127.0.0.1:99999")]
    [InlineData("127.0.0.1:")]
    [InlineData("[::1")]
    [InlineData(":")]
    [InlineData("127.0.0.1.5:1")]
    public void A_server_that_cannot_be_read_is_silently_none(string server)
    {
        CommandResult result = Command.Run("/bin/true", [], [("LD_PRELOAD", shim.Tcp), ("OGRT_ACTIVE", "1"), ("OGRT_SERVER", server)]).Succeeded();

        Assert.Empty(result.Error);
    }

    [Fact]
    public void It_prints_one_line_only_when_it_is_asked_to()
    {
        (string, string)[] variables = [.. Tracking.Environment(shim.Tcp, _receiver), ("JOBID", "42")];
        CommandResult silent = Command.Run("/bin/echo", ["x"], variables);
        CommandResult asked = Command.Run("/bin/echo", ["x"], [.. variables, ("OGRT_DEBUG_INFO", "1")]);
        CommandResult hushed = Command.Run("/bin/echo", ["x"], [.. variables, ("OGRT_DEBUG_INFO", "1"), ("OGRT_SILENT", "1")]);

        Assert.Empty(silent.Error);
        Assert.Empty(hushed.Error);
        Assert.Matches($@"^ogrt: process {asked.Pid} of job 42 sent by tcp, \d+ bytes, attempts 1, \d+ us\n$", asked.Error);
        Assert.Equal("x\n", asked.Text);
    }

    [Fact]
    public void A_server_that_is_absent_is_not_mentioned()
    {
        using (FrameReceiver gone = FrameReceiver.Tcp())
            _ = gone.EndPoint;
        CommandResult result = Command.Run("/bin/echo", ["x"], [("LD_PRELOAD", shim.Tcp), ("OGRT_ACTIVE", "1"), ("OGRT_SERVER", "127.0.0.1:1")]).Succeeded();

        Assert.Empty(result.Error);
        Assert.Equal("x\n", result.Text);
    }

    [Fact]
    public void The_environment_of_children_is_as_it_was()
    {
        (string, string)[] variables = [("OGRT_ACTIVE", "yes"), ("OGRT_SERVER", _receiver.EndPoint.ToString()), ("A", "1")];
        string script = "env -u LD_PRELOAD -u _ env -0";
        byte[] with = Command.Run("/bin/sh", ["-c", script], [.. variables, ("LD_PRELOAD", shim.Tcp)]).Succeeded().Output;
        byte[] without = Command.Run("/bin/sh", ["-c", script], variables).Succeeded().Output;

        Assert.Equal(without, with);
    }

    [Fact]
    public void No_descriptor_is_left_behind()
    {
        string[] with = Tracking.Run(shim.Tcp, _receiver, "/bin/ls", ["/proc/self/fd"]).Succeeded().Lines;
        string[] without = Command.Run("/bin/ls", "/proc/self/fd").Succeeded().Lines;

        Assert.Equal(without, with);
    }

    [Fact]
    public async Task No_memory_is_left_behind()
    {
        using Process cat = Tracking.StartCat(shim.TcpWithEnvironment, _receiver, [.. Enumerable.Range(0, 3).Select(number => ($"LARGE{number}", new string('x', 50_000)))]);
        await _receiver.ProcessAsync();
        string[] anonymous = [.. File.ReadLines($"/proc/{cat.Id}/maps").Where(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length == 5)];
        cat.StandardInput.Close();
        Command.Finish(cat);

        // Such a record was written into a region of 256 KiB of its own.
        Assert.NotEmpty(anonymous);
        Assert.All(anonymous, line => Assert.InRange(Size(line), 1, 262143));
    }

    [Fact]
    public void Signals_are_as_they_were()
    {
        string[] with = Tracking.Run(shim.Tcp, _receiver, "/bin/grep", ["^Sig", "/proc/self/status"]).Succeeded().Lines;
        string[] without = Command.Run("/bin/grep", "^Sig", "/proc/self/status").Succeeded().Lines;

        Assert.Equal(without.Where(line => !line.StartsWith("SigQ", StringComparison.Ordinal)), with.Where(line => !line.StartsWith("SigQ", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("127.0.0.1:1")]
    [InlineData(null)]
    public void Errno_is_what_it_was(string? server)
    {
        // Runs before any library's start, so that only a library can change it before main.
        string program = shim.Compile("""
            #include <errno.h>
            static void early(void) { errno = 77; }
            __attribute__((section(".preinit_array"), used)) static void (*entry)(void) = early;
            int main(void) { return errno; }
            """);
        (string, string)[] variables = [("LD_PRELOAD", shim.Tcp), ("OGRT_ACTIVE", "1"), ("OGRT_SERVER", server ?? _receiver.EndPoint.ToString())];

        Assert.Equal(77, Command.Run(program, [], variables).ExitCode);
    }

    [Fact]
    public async Task A_program_may_define_the_names_that_the_C_library_has()
    {
        string program = shim.Compile("""
            #include <stdlib.h>
            int socket(void) { abort(); }
            int connect(void) { abort(); }
            int sendto(void) { abort(); }
            int close(void) { abort(); }
            char *getenv(const char *name) { (void)name; abort(); }
            int main(void) { return 0; }
            """, "gcc", "-w", "-fno-builtin", "-rdynamic");
        ProcessInfo sent = await Tracking.TrackAsync(shim.Tcp, _receiver, program, []);

        Assert.Equal(program, sent.Binpath);
    }

    private static long Size(string mapping)
    {
        string[] range = mapping.Split(' ')[0].Split('-');
        return Convert.ToInt64(range[1], 16) - Convert.ToInt64(range[0], 16);
    }
}
