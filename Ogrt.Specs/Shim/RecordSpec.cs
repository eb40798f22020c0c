using System.Diagnostics;
using System.Globalization;
using System.Text;

using Google.Protobuf;

using Ogrt.Wire.Protocol;

namespace Ogrt.Specs.Shim;

/// <summary>What is sent is what the process is.</summary>
[Collection(ShimCollection.Name)]
public sealed class RecordSpec(ShimFixture shim) : IDisposable
{
    private readonly FrameReceiver _receiver = FrameReceiver.Tcp();

    public void Dispose() => _receiver.Dispose();

    [Fact]
    public async Task A_running_process_is_described_as_the_kernel_describes_it()
    {
        DateTimeOffset before = DateTimeOffset.UtcNow;
        using Process cat = Tracking.StartCat(shim.Tcp, _receiver, ("JOBID", "42"), ("USER", "grace"));
        ProcessInfo sent = await _receiver.ProcessAsync();
        string[] stat = StatFields(cat.Id);
        string executable = new FileInfo($"/proc/{cat.Id}/exe").LinkTarget!;
        string[] file = Command.Run("stat", "-c", "%d %i %s", executable).Succeeded().Text.Split();
        string modified = Command.Run("date", "-r", executable, "+%s%N").Succeeded().Text.Trim();
        cat.StandardInput.Close();
        Command.Finish(cat);

        Assert.Equal(executable, sent.Binpath);
        Assert.Equal("/bin/cat", sent.ExecPath);
        Assert.Equal(cat.Id, sent.Pid);
        Assert.Equal(Environment.ProcessId, sent.ParentPid);
        Assert.Equal(stat[22], sent.StartTicks.ToString(CultureInfo.InvariantCulture));
        Assert.Equal(StatFields(Environment.ProcessId)[22], sent.ParentStartTicks.ToString(CultureInfo.InvariantCulture));
        Assert.Equal("/tmp", sent.Cwd);
        Assert.Equal(Environment.MachineName, sent.Hostname.Split('.')[0]);
        Assert.Equal(Command.Run("id", "-u").Text.Trim(), sent.Uid.ToString(CultureInfo.InvariantCulture));
        Assert.Equal(Command.Run("id", "-g").Text.Trim(), sent.Gid.ToString(CultureInfo.InvariantCulture));
        Assert.Equal(sent.Uid, sent.EffectiveUid);
        Assert.Equal("grace", sent.Username);
        Assert.Equal("42", sent.JobId);
        Assert.Equal("JOBID", sent.Scheduler);
        Assert.Equal(file[0], sent.ExecutableDevice.ToString(CultureInfo.InvariantCulture));
        Assert.Equal(file[1], sent.ExecutableInode.ToString(CultureInfo.InvariantCulture));
        Assert.Equal(file[2], sent.ExecutableSize.ToString(CultureInfo.InvariantCulture));
        Assert.Equal(modified, sent.ExecutableMtimeNs.ToString(CultureInfo.InvariantCulture));
        Assert.Equal("0.6.0", sent.ShimVersion);
        Assert.InRange(sent.Time, before.ToUnixTimeSeconds(), DateTimeOffset.UtcNow.ToUnixTimeSeconds());
        Assert.Equal(sent.Time, sent.TimeNs / 1_000_000_000);
        Assert.False(sent.HasFailedSends);
        Assert.False(sent.HasJobStep || sent.HasRank || sent.HasSignature);
        Assert.Empty(sent.EnvironmentVariables);
    }

    [Fact]
    public async Task Arguments_are_separate_and_joined()
    {
        ProcessInfo sent = await Tracking.TrackAsync(shim.Tcp, _receiver, "/bin/echo", ["-n", "", "two words", "ä"]);

        Assert.Equal(["/bin/echo", "-n", "", "two words", "ä"], sent.Arguments);
        Assert.Equal("/bin/echo -n  two words ä", sent.Cmdline);
    }

    [Fact]
    public async Task Bytes_that_are_not_UTF8_arrive_as_they_are()
    {
        string folder = shim.NewFolder();
        Tracking.Run(shim.Tcp, _receiver, "/bin/sh", ["-c", """mkdir "$1/$(printf '\377')"; cd "$1"/*; exec /bin/true "$(printf 'a\200\001z')" """, "sh", folder]).Succeeded();
        byte[] frame = await _receiver.FrameAsync();
        while (!RawField(frame, ProcessInfo.ExecPathFieldNumber).Single().SequenceEqual("/bin/true"u8.ToArray()))
            frame = await _receiver.FrameAsync();

        Assert.Equal<byte>([(byte)'a', 0x80, 1, (byte)'z'], RawField(frame, ProcessInfo.ArgumentsFieldNumber)[1]);
        Assert.Equal<byte>([.. Encoding.UTF8.GetBytes(folder + "/"), 0xff], RawField(frame, ProcessInfo.CwdFieldNumber).Single());
    }

    [Theory]
    [InlineData("SLURM_JOB_ID=1 PBS_JOBID=2 JOBID=3", "1", "SLURM_JOB_ID")]
    [InlineData("PBS_JOBID=2.server JOBID=3", "2.server", "PBS_JOBID")]
    [InlineData("SLURM_JOB_ID= LSB_JOBID=4 JOB_ID=5", "4", "LSB_JOBID")]
    [InlineData("JOBIDS=1 XJOBID=2", "", "")]
    public async Task The_first_job_variable_that_is_set_names_the_job(string variables, string job, string scheduler)
    {
        ProcessInfo sent = await Tracking.TrackAsync(shim.Tcp, _receiver, "/bin/true", [], Variables(variables));

        Assert.Equal(job, sent.JobId);
        Assert.Equal(scheduler, sent.Scheduler);
        Assert.Equal(job.Length > 0, sent.HasJobId);
    }

    [Theory]
    [InlineData("SLURM_STEP_ID=0 SLURM_STEPID=9 SLURM_PROCID=17", "0", 17u)]
    [InlineData("SLURM_STEPID=1 SLURM_PROCID=0 PMIX_RANK=3", "1", 3u)]
    [InlineData("SLURM_PROCID=0 OMPI_COMM_WORLD_RANK=12 PMIX_RANK=13", "", 12u)]
    [InlineData("PALS_APID=7a PALS_RANKID=5", "7a", 5u)]
    [InlineData("JSM_NAMESPACE_RANK=6", "", 6u)]
    [InlineData("FLUX_TASK_RANK=8 SLURM_PROCID=2", "", 8u)]
    [InlineData("PMIX_RANK=3", "", 3u)]
    [InlineData("OMPI_COMM_WORLD_RANK=4294967295", "", 4294967295u)]
    [InlineData("PMI_RANK=0", "", 0u)]
    [InlineData("PMI_RANK=4294967296", "", null)]
    [InlineData("PMI_RANK=-1", "", null)]
    public async Task Step_and_rank_come_from_the_launcher(string variables, string step, uint? rank)
    {
        ProcessInfo sent = await Tracking.TrackAsync(shim.Tcp, _receiver, "/bin/true", [], Variables(variables));

        Assert.Equal(step, sent.JobStep);
        Assert.Equal(rank, sent.HasRank ? sent.Rank : null);
    }

    [Fact]
    public async Task Modules_are_taken_apart()
    {
        ProcessInfo sent = await Tracking.TrackAsync(
            shim.Tcp, _receiver, "/bin/true", [], ("LOADEDMODULES", "gcc/12.2.0::openmpi/4.1.4:"));

        Assert.Equal(["gcc/12.2.0", "openmpi/4.1.4"], sent.LoadedModules.Select(module => module.Name));
    }

    [Fact]
    public async Task The_whole_environment_is_sent_where_that_was_chosen()
    {
        string[] expected = Tracking.Run(shim.TcpWithEnvironment, _receiver, "/usr/bin/env", [], ("EMPTY", ""), ("A", "b=c")).Succeeded().Lines;
        ProcessInfo sent = await _receiver.ProcessAsync();

        Assert.Equal(expected, sent.EnvironmentVariables);
    }

    [Fact]
    public async Task Only_listed_variables_are_sent_where_that_was_chosen()
    {
        string library = shim.Library("--allow-server-env", "--msg-send-environment=yes",
            "--msg-send-environment-whitelist=SLURM_*,LANG,*_HOME_*", "--username-source=passwd");
        ProcessInfo sent = await Tracking.TrackAsync(library, _receiver, "/bin/true", [],
            ("SLURM_X", "1"), ("XSLURM_", "2"), ("LANG", "C"), ("LANGUAGE", "de"), ("A_HOME_B", "3"), ("USER", "forged"));

        Assert.Equal(["A_HOME_B=3", "LANG=C", "SLURM_X=1"], sent.EnvironmentVariables.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_name_of_the_user_comes_from_passwd_where_that_was_chosen()
    {
        string library = shim.Library("--allow-server-env", "--msg-send-environment=yes",
            "--msg-send-environment-whitelist=SLURM_*,LANG,*_HOME_*", "--username-source=passwd");
        ProcessInfo sent = await Tracking.TrackAsync(library, _receiver, "/bin/true", [], ("USER", "forged"));

        Assert.Equal(Command.Run("id", "-un").Text.Trim(), sent.Username);
    }

    [Fact]
    public async Task What_was_switched_off_is_not_sent()
    {
        string library = shim.Library("--allow-server-env", "--msg-send-username=no", "--msg-send-hostname=no",
            "--msg-send-cmdline=no", "--msg-send-cwd=no", "--msg-send-loadedmodules=no", "--env-jobid=MY_JOB");
        ProcessInfo sent = await Tracking.TrackAsync(library, _receiver, "/bin/true", ["secret"],
            ("USER", "grace"), ("LOADEDMODULES", "gcc"), ("JOBID", "1"), ("MY_JOB", "2"));

        Assert.False(sent.HasUsername || sent.HasHostname || sent.HasCmdline || sent.HasCwd);
        Assert.Empty(sent.LoadedModules);
        Assert.Empty(sent.Arguments);
        Assert.Equal("2", sent.JobId);
        Assert.True(sent.HasUid);
    }

    [Fact]
    public async Task A_datagram_carries_the_same_record()
    {
        using FrameReceiver datagrams = FrameReceiver.Udp();
        ProcessInfo sent = await Tracking.TrackAsync(shim.Udp, datagrams, "/bin/echo", ["hello"], ("JOBID", "7"));

        Assert.Equal("7", sent.JobId);
        Assert.Equal(["/bin/echo", "hello"], sent.Arguments);
        Assert.NotEmpty(sent.SharedObjects);
    }

    [Fact]
    public async Task An_IPv6_server_is_reached()
    {
        using FrameReceiver? receiver = System.Net.Sockets.Socket.OSSupportsIPv6 ? FrameReceiver.Tcp(new(System.Net.IPAddress.IPv6Loopback, 0)) : null;
        Assert.SkipWhen(receiver is null, "there is no IPv6");
        ProcessInfo sent = await Tracking.TrackAsync(shim.Tcp, receiver!, "/bin/true", []);

        Assert.Equal("/bin/true", sent.ExecPath);
    }

    [Fact]
    public async Task A_script_names_its_interpreter_and_itself()
    {
        string script = Path.Combine(shim.NewFolder(), "script");
        File.WriteAllText(script, "#!/bin/sh\n:\n");
        Command.Run("chmod", "755", script).Succeeded();
        ProcessInfo sent = await Tracking.TrackAsync(shim.Tcp, _receiver, script, ["x"]);

        Assert.Equal(new FileInfo(Command.Run("readlink", "-f", "/bin/sh").Text.Trim()).FullName, sent.Binpath);
        Assert.Equal(script, sent.ExecPath);
        Assert.Equal(["/bin/sh", script, "x"], sent.Arguments);
    }

    private static IEnumerable<(string, string)> Variables(string list) =>
        list.Split(' ').Select(entry => entry.Split('=')).Select(parts => (parts[0], parts[1]));

    // Numbered as in proc(5): the name is field 2 and may hold blanks.
    private static string[] StatFields(int pid)
    {
        string stat = File.ReadAllText($"/proc/{pid}/stat");
        return ["", "", "", .. stat[(stat.LastIndexOf(')') + 2)..].Split(' ')];
    }

    private static List<byte[]> RawField(byte[] frame, int field)
    {
        var found = new List<byte[]>();
        var input = new CodedInputStream(FrameReceiver.Payload(frame));
        for (uint tag = input.ReadTag(); tag != 0; tag = input.ReadTag())
        {
            if (WireFormat.GetTagFieldNumber(tag) == field)
                found.Add(input.ReadBytes().ToByteArray());
            else
                input.SkipLastField();
        }
        return found;
    }
}
