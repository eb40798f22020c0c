using Ogrt.Wire.Protocol;

namespace Ogrt.Specs.Shim.Execs;

/// <summary>
/// Programs that run with other rights than their caller must not load the library, so the caller reports them. Whether the
/// kernel gave such rights the program itself says, by AT_SECURE: exactly then the record comes from the caller.
/// </summary>
[Collection(ShimCollection.Name)]
public sealed class PrivilegedProgramsSpec(ShimFixture shim) : IDisposable
{
    private const string _nobody = "65534";
    private const string _source = """
        #include <stdio.h>
        #include <sys/auxv.h>
        #include <unistd.h>
        int main(void) { printf("%lu %u\n", getauxval(AT_SECURE), (unsigned)geteuid()); return 0; }
        """;

    private readonly FrameReceiver _receiver = FrameReceiver.Tcp();

    public void Dispose() => _receiver.Dispose();

    [Theory]
    [InlineData("4755", "0:0", 0u)]
    [InlineData("4755", "1:1", 1u)]
    [InlineData("4711", "0:0", 0u)] // cannot be read by who runs it
    [InlineData("2755", "65534:0", 65534u)]
    [InlineData("6755", "1:1", 1u)]
    public async Task A_program_of_another_user_or_group_is_reported_by_its_caller(string mode, string owner, uint effective)
    {
        string program = Program(mode, owner);
        CommandResult result = Run(["--reuid=" + _nobody, "--regid=" + _nobody, "--clear-groups"], program);
        Assert.SkipUnless(result.Text.StartsWith('1'), "the file system here ignores set-user-id");
        ProcessInfo sent = await ReportAsync();

        Assert.Equal($"1 {effective}\n", result.Text);
        Assert.Equal((program, 65534u, effective), (sent.Binpath, sent.Uid, sent.EffectiveUid));
        Assert.Equal(ProcessFlags.ReportedAtExec | ProcessFlags.PrivilegedExecutable, ExecPrograms.Flags(sent));
        Assert.Equal(mode != "4711", sent.HasExecutableBuildId);
        await NothingElseAsync();
    }

    [Theory]
    [InlineData("4755", "65534:65534")] // its own user's
    [InlineData("2744", "65534:0")] // without the right to execute, the bit of the group means another thing
    [InlineData("755", "0:0")]
    public async Task A_program_that_gives_no_other_rights_reports_itself(string mode, string owner)
    {
        string program = Program(mode, owner);
        CommandResult result = Run(["--reuid=" + _nobody, "--regid=" + _nobody, "--clear-groups"], program);
        ProcessInfo sent = await ReportAsync();

        Assert.Equal("0 65534\n", result.Text);
        Assert.Equal((program, ProcessFlags.None), (sent.Binpath, ExecPrograms.Flags(sent)));
        await NothingElseAsync();
    }

    [Fact]
    public async Task A_program_of_root_that_root_runs_reports_itself()
    {
        string program = Program("6755", "0:0");
        CommandResult result = Run([], program);
        ProcessInfo sent = await ReportAsync();

        Assert.Equal("0 0\n", result.Text);
        Assert.Equal((program, ProcessFlags.None), (sent.Binpath, ExecPrograms.Flags(sent)));
        await NothingElseAsync();
    }

    [Fact]
    public async Task Where_new_privileges_are_forbidden_the_program_reports_itself()
    {
        string program = Program("4755", "0:0");
        CommandResult result = Run(["--reuid=" + _nobody, "--regid=" + _nobody, "--clear-groups", "--no-new-privs"], program);
        ProcessInfo sent = await ReportAsync();

        Assert.Equal("0 65534\n", result.Text);
        Assert.Equal((program, ProcessFlags.None), (sent.Binpath, ExecPrograms.Flags(sent)));
        await NothingElseAsync();
    }

    [Fact]
    public async Task On_a_mount_that_ignores_the_bit_the_program_reports_itself()
    {
        Command.Require("unshare");
        string program = Program("4755", "0:0"), folder = shim.NewFolder(), copy = Path.Combine(folder, "program");
        string[] set = [.. Tracking.Environment(ExecPrograms.Library(shim), _receiver).Select(variable => $"{variable.Name}={variable.Value}")];
        CommandResult result = Command.Run("unshare", ["-m", "sh", "-ec",
            $"mount -t tmpfs -o nosuid none {folder}; cp -p {program} {copy}; exec setpriv --reuid={_nobody} --regid={_nobody} --clear-groups env {string.Join(' ', set)} sh -c '{copy}; true'"], []);
        Assert.SkipWhen(result.Error.Contains("mount", StringComparison.Ordinal), "cannot mount here");
        ProcessInfo sent = await ReportAsync();

        Assert.Equal("0 65534\n", result.Succeeded().Text);
        Assert.Equal((copy, ProcessFlags.None), (sent.Binpath, ExecPrograms.Flags(sent)));
        await NothingElseAsync();
    }

    [Theory]
    [InlineData("0100000200040000000000000000000000000000")] // cap_net_bind_service=ep
    [InlineData("0000000200040000000000000000000000000000")] // the same without being effective at once
    public async Task A_program_with_capabilities_is_reported_by_its_caller(string capabilities)
    {
        string program = Program("755", "0:0");
        CommandResult made = Command.Run(Path.Combine("/usr/bin", Command.Require("python3")), "-c",
            $"import os; os.setxattr('{program}', 'security.capability', bytes.fromhex('{capabilities}'))");
        Assert.SkipWhen(made.ExitCode != 0, "the file system here keeps no capabilities");
        CommandResult result = Run(["--reuid=" + _nobody, "--regid=" + _nobody, "--clear-groups"], program);
        ProcessInfo sent = await ReportAsync();

        Assert.Equal("1 65534\n", result.Text);
        Assert.Equal(ProcessFlags.ReportedAtExec | ProcessFlags.PrivilegedExecutable, ExecPrograms.Flags(sent));
        await NothingElseAsync();
    }

    private string Program(string mode, string owner)
    {
        Command.RequireRoot();
        Command.Require("setpriv");
        string made = shim.Compile(_source, "gcc", "-Wl,--build-id"), program = Path.Combine(shim.NewFolder(), "program");
        File.Copy(made, program);
        Command.Run("chown", owner, program).Succeeded();
        Command.Run("chmod", mode, program).Succeeded();
        return program;
    }

    /// <summary>A tracked shell of that user runs the program and stays.</summary>
    private CommandResult Run(string[] privileges, string program)
    {
        string[] set = [.. Tracking.Environment(ExecPrograms.Library(shim), _receiver).Select(variable => $"{variable.Name}={variable.Value}")];
        return Command.Run("setpriv", [.. privileges, "env", .. set, "sh", "-c", program + "; true"], []).Succeeded();
    }

    /// <summary>What came behind the record of the shell.</summary>
    private async Task<ProcessInfo> ReportAsync()
    {
        ProcessInfo[] sent = await ExecPrograms.InOrderAsync(_receiver, 2);
        Assert.Equal("sh", sent[0].Arguments[0]);
        return sent[1];
    }

    private Task NothingElseAsync() => Tracking.NothingWasSentAsync(ExecPrograms.Library(shim), _receiver);
}
