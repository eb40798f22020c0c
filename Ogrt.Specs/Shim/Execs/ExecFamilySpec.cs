using Ogrt.Wire.Protocol;

namespace Ogrt.Specs.Shim.Execs;

/// <summary>Each function that starts programs reports a static one, wherever it is called, and passes everything on.</summary>
[Collection(ShimCollection.Name)]
public sealed class ExecFamilySpec(ShimFixture shim) : IDisposable
{
    private readonly FrameReceiver _receiver = FrameReceiver.Tcp();

    public static TheoryData<string, string> Calls =>
        [.. ExecPrograms.Functions.SelectMany(function => ExecPrograms.Modes.Select(mode => (function, mode)))];

    public void Dispose() => _receiver.Dispose();

    [Theory]
    [MemberData(nameof(Calls))]
    public async Task A_static_program_is_reported_and_runs_as_it_would(string function, string mode)
    {
        string program = ExecPrograms.Static(shim), caller = ExecPrograms.Caller(shim);
        CommandResult with = Call(caller, function, mode, program);
        ProcessInfo[] all = await ExecPrograms.InOrderAsync(_receiver, 2);
        (ProcessInfo before, ProcessInfo sent) = (all[0], all[1]);
        CommandResult without = Command.Run(caller, [function, mode, program], [("PATH", Path(program))]);

        Assert.Equal((without.ExitCode, without.Text, without.Error), (with.ExitCode, with.Text, with.Error));
        Assert.Equal(7, with.ExitCode);
        Assert.Equal(program, sent.Binpath);
        Assert.Equal([program, "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"], sent.Arguments);
        Assert.Equal(ProcessFlags.StaticExecutable | ProcessFlags.ReportedAtExec, ExecPrograms.Flags(sent));
        Assert.Equal("0123456789abcdef0123", Convert.ToHexStringLower(sent.ExecutableBuildId.Span));
        bool passes = function is not ("execv" or "execvp" or "execl" or "execlp");
        Assert.Equal(passes, sent.EnvironmentVariables.Contains("GIVEN=this"));
        AssertProcess(before, sent, (mode is "fork" or "vfork" ? 1 : 0) + (function.StartsWith("posix", StringComparison.Ordinal) ? 1 : 0));
    }

    [Theory]
    [MemberData(nameof(Calls))]
    public async Task A_dynamic_program_reports_itself_alone(string function, string mode)
    {
        string program = ExecPrograms.Dynamic(shim);
        CommandResult with = Call(ExecPrograms.Caller(shim), function, mode, program);
        ProcessInfo sent = (await ExecPrograms.InOrderAsync(_receiver, 2))[1];

        Assert.Equal(7, with.ExitCode);
        Assert.Equal(program, sent.Binpath);
        Assert.Equal(ProcessFlags.None, ExecPrograms.Flags(sent));
        await Tracking.NothingWasSentAsync(ExecPrograms.Library(shim), _receiver);
    }

    [Theory]
    [InlineData("execve")]
    [InlineData("execlp")]
    [InlineData("execle")]
    [InlineData("fexecve")]
    [InlineData("posix_spawnp")]
    public async Task With_musl_it_is_the_same(string function)
    {
        string program = ExecPrograms.Static(shim);
        foreach (string mode in ExecPrograms.Modes)
        {
            CommandResult with = Call(ExecPrograms.Caller(shim, "musl-gcc"), function, mode, program);
            ProcessInfo sent = (await ExecPrograms.InOrderAsync(_receiver, 2))[1];

            Assert.Equal(7, with.ExitCode);
            Assert.Equal([program, "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"], sent.Arguments);
            Assert.Equal(function is not "execlp", sent.EnvironmentVariables.Contains("GIVEN=this"));
        }
    }

    private CommandResult Call(string caller, string function, string mode, string program) =>
        Tracking.Run(ExecPrograms.Library(shim), _receiver, caller, [function, mode, program], ("PATH", Path(program)), ("JOBID", "9"));

    private static string Path(string program) => $"/nowhere::{System.IO.Path.GetDirectoryName(program)}:/usr/bin";

    private static void AssertProcess(ProcessInfo before, ProcessInfo sent, int generations)
    {
        Assert.Equal(before.JobId, sent.JobId);
        Assert.Equal(before.Hostname, sent.Hostname);
        Assert.Equal((before.Uid, before.Gid, before.EffectiveUid, before.Cwd), (sent.Uid, sent.Gid, sent.EffectiveUid, sent.Cwd));
        Assert.True(sent.TimeNs >= before.TimeNs);
        Assert.True(sent.StartTicks >= before.StartTicks && sent.ParentStartTicks > 0);
        if (generations == 0)
        {
            Assert.Equal((before.Pid, before.StartTicks), (sent.Pid, sent.StartTicks));
            Assert.Equal((before.ParentPid, before.ParentStartTicks), (sent.ParentPid, sent.ParentStartTicks));
            return;
        }
        Assert.NotEqual(before.Pid, sent.Pid);
        if (generations == 1)
            Assert.Equal((before.Pid, before.StartTicks), (sent.ParentPid, sent.ParentStartTicks));
        else
            Assert.NotEqual(before.Pid, sent.ParentPid);
    }
}
