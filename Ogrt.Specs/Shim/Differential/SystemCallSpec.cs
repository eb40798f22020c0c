namespace Ogrt.Specs.Shim.Differential;

/// <summary>
/// The system calls that a program makes itself are the same, with the same arguments and results, as under a library that
/// does nothing: the preload library's own come before and after them and change none.
/// </summary>
[Collection(DifferentialCollection.Name)]
public sealed class SystemCallSpec(LaboratoryFixture laboratory) : IDisposable
{
    private readonly FrameReceiver _receiver = FrameReceiver.Tcp();

    public void Dispose() => _receiver.Dispose();

    [Theory]
    [InlineData("true")]
    [InlineData("cat", "/etc/passwd")]
    [InlineData("ls", "-l", "/usr/include/asm-generic")]
    [InlineData("grep", "-c", "root", "/etc/passwd")]
    [InlineData("sort", "/etc/passwd")]
    [InlineData("sed", "s/:.*//", "/etc/passwd")]
    [InlineData("find", "/usr/include/asm-generic")]
    [InlineData("gzip", "-c", "/etc/passwd")]
    [InlineData("sh", "-c", "/bin/true; /bin/echo hello; exit 3")]
    [InlineData("bash", "-c", "exec 5</etc/passwd; read -r line <&5; /bin/true; exit 3")]
    [InlineData("perl", "-e", "open my $f, '<', '/etc/passwd'; my @l = <$f>; system('/bin/true'); exit 3")]
    [InlineData("env", "-i", "/bin/true")]
    public void A_program_makes_the_same_system_calls(string program, params string[] arguments)
    {
        Command.Require("strace");
        Command.Require(program);
        // At the same path, because a program sees LD_PRELOAD.
        string folder = laboratory.Shim.NewFolder(), library = Path.Combine(folder, "libogrt.so");
        (string, string)[] variables = [("OGRT_ACTIVE", "yes"), ("OGRT_SERVER", _receiver.EndPoint.ToString())];
        File.Copy(laboratory.Shim.Compile("", "gcc", "-shared", "-fPIC", "-nostdlib"), library);
        var without = new CallTrace(library, laboratory.Shim.NewFolder(), [program, .. arguments], variables);
        var again = new CallTrace(library, laboratory.Shim.NewFolder(), [program, .. arguments], variables);
        File.Copy(laboratory.Shim.Tcp, library, overwrite: true);
        var with = new CallTrace(library, laboratory.Shim.NewFolder(), [program, .. arguments], variables);

        Assert.Equal(without.Result.ExitCode, with.Result.ExitCode);
        Assert.Equal(without.Result.Text, with.Result.Text);
        Assert.Equal(without.Program.Count, again.Program.Count);
        Assert.Equal(Known(without.Program, without, again), Known(with.Program, without, again));
        Assert.Empty(without.Library);
        Assert.Contains("socket", with.Library);
    }

    // Of a call that differs from itself (a random number, the process that started it all) only the name; and of one whose answer
    // other programs change at any moment, free memory, though it may be the same twice.
    private static IEnumerable<string> Known(IEnumerable<string> calls, CallTrace without, CallTrace again) =>
        calls.Select((call, at) => call.StartsWith("sysinfo(", StringComparison.Ordinal) || (at < without.Program.Count && without.Program[at] != again.Program[at])
            ? call.Split('(')[0]
            : call);
}
