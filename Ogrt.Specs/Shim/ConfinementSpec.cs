using Ogrt.Wire.Protocol;

namespace Ogrt.Specs.Shim;

/// <summary>Programs that start under a seccomp filter, which may kill them for a call that they would not make themselves.</summary>
[Collection(ShimCollection.Name)]
public sealed class ConfinementSpec(ShimFixture shim) : IDisposable
{
    private readonly FrameReceiver _receiver = FrameReceiver.Tcp();

    public void Dispose() => _receiver.Dispose();

    [Theory]
    [InlineData("socket", SeccompFilter.KillProcess)]
    [InlineData("socket", SeccompFilter.Trap)]
    [InlineData("statx", SeccompFilter.KillProcess)]
    [InlineData("socket", SeccompFilter.RefuseWithEperm)]
    [InlineData("prctl", SeccompFilter.RefuseWithEperm)]
    public async Task A_program_under_a_filter_lives_and_is_not_reported(string call, string action)
    {
        CommandResult result = Confined(shim.Tcp, call, action).Succeeded();

        Assert.Equal("fine\n", result.Text);
        Assert.Empty(result.Error);
        await Tracking.NothingWasSentAsync(shim.Tcp, _receiver);
    }

    [Fact]
    public async Task A_filter_that_kills_for_the_question_is_seen_where_the_question_is_put_to_procfs()
    {
        string library = shim.Library("--allow-server-env", "--seccomp-check=status");
        CommandResult result = Confined(library, "prctl", SeccompFilter.KillProcess).Succeeded();
        Assert.Equal("fine\n", result.Text);
        await Tracking.NothingWasSentAsync(library, _receiver);
    }

    [Fact]
    public void The_trace_says_so()
    {
        CommandResult result = Confined(shim.Tcp, "socket", SeccompFilter.KillProcess, ("OGRT_TRACE", "1")).Succeeded();

        Assert.Matches("^ogrt: process \\(/bin/echo\\) is not reported: a seccomp filter .*\n$", result.Error);
        Assert.Equal("fine\n", result.Text);
    }

    [Fact]
    public async Task Where_it_was_chosen_a_filter_does_not_matter()
    {
        Confined(shim.Library("--allow-server-env", "--under-seccomp=try"), "socket", SeccompFilter.Allow).Succeeded();

        Assert.Equal("/bin/echo", (await _receiver.ProcessAsync()).ExecPath);
    }

    [Fact]
    public async Task The_filter_of_a_whole_container_does_not_matter_and_one_more_does()
    {
        Command.RequireRoot();
        Command.Require("unshare");
        Assert.SkipUnless(File.ReadAllText("/proc/self/status").Contains("Seccomp_filters:", StringComparison.Ordinal), "needs Linux 5.9");
        string guard = shim.Compile(SeccompFilter.Guard);
        string[] set = Variables(shim.Tcp);
        // The shell is process 1 of its namespace; the second echo has a filter more than that.
        string script = $"""env {string.Join(' ', set)} JOBID=inside /bin/echo 1; {guard} {SeccompFilter.Number("socket")} {SeccompFilter.KillProcess} env {string.Join(' ', set)} /bin/echo 2; :""";
        CommandResult result = Command.Run(
            guard, [SeccompFilter.Number("socket"), SeccompFilter.Allow, "unshare", "--pid", "--fork", "--mount-proc", "/bin/sh", "-c", script], []).Succeeded();

        Assert.Equal("1\n2\n", result.Text);
        ProcessInfo sent = await _receiver.ProcessAsync();
        Assert.Equal("inside", sent.JobId);
        await Tracking.NothingWasSentAsync(shim.Tcp, _receiver);
    }

    private string[] Variables(string library) => [.. Tracking.Environment(library, _receiver).Select(variable => $"{variable.Name}={variable.Value}")];

    private CommandResult Confined(string library, string call, string action, params (string Name, string Value)[] more) =>
        Command.Run(shim.Compile(SeccompFilter.Guard),
            [SeccompFilter.Number(call), action, "env", .. Variables(library), .. more.Select(variable => $"{variable.Name}={variable.Value}"), "/bin/echo", "fine"], []);
}
