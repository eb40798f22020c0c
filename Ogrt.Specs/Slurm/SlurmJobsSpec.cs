using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Ogrt.Specs.EndToEnd;
using Ogrt.Specs.Shim;

namespace Ogrt.Specs.Slurm;

/// <summary>Jobs of a real Slurm under the plugin, as the server has them.</summary>
public sealed class SlurmJobsSpec(SlurmCluster slurm) : IClassFixture<SlurmCluster>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_batch_job_is_its_script_and_its_steps_with_what_Slurm_says_of_it()
    {
        Tracked();
        string job = slurm.Submit("srun -n2 /bin/true\n/bin/true", "-n2", "--account=physics", "--job-name=two steps");
        JsonElement record = await EndedAsync(job, processes: 5);

        JsonElement said = record.GetProperty("scheduler_job");
        Assert.Equal(
            ("COMPLETED", 0, 0, "root", "physics", "main", "two steps", SlurmCluster.Node, 1, "specs", "slurm"),
            (Text(said, "state"), Number(said, "exit_code"), Number(said, "derived_exit_code"), Text(said, "username"), Text(said, "account"),
                Text(said, "partition"), Text(said, "job_name"), Text(said, "nodes"), Number(said, "node_count"), Text(said, "cluster"),
                Text(said, "scheduler")));
        Assert.Equal((0, 0, 0, 2, 2), (Number(said, "uid"), Number(said, "gid"), Number(said, "restarts"), Number(said, "task_count"), Number(said, "cpu_count")));
        Assert.Equal(Dns.GetHostName(), Text(said, "hostname"));
        Assert.False(said.TryGetProperty("exit_signal", out _));
        Assert.True(record.GetProperty("start_time").GetDateTimeOffset() <= record.GetProperty("end_time").GetDateTimeOffset());
        IReadOnlyList<JsonElement> processes = await ProcessesAsync(job, 5);
        Assert.Equal(["bash", "srun", "true", "true", "true"], processes.Select(Program).Order(StringComparer.Ordinal));
        Assert.Equal([0, 1], processes.Where(p => Has(p, "job_step", "0")).Select(p => Number(p, "rank")).Order());
        Assert.Contains("OUTCOME", await TableAsync(job), StringComparison.Ordinal);
        Assert.Contains("physics  main       completed", await TableAsync(job), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_job_of_srun_alone_is_its_ranks()
    {
        Tracked();
        CommandResult result = slurm.Run("srun", "-n2", "--job-name=alone", "/bin/sh", "-c", "echo $SLURM_JOB_ID").Succeeded();
        string job = result.Lines[0];
        Assert.Empty(result.Error);
        JsonElement said = (await EndedAsync(job, processes: 2)).GetProperty("scheduler_job");

        Assert.Equal(("COMPLETED", 0, "alone"), (Text(said, "state"), Number(said, "exit_code"), Text(said, "job_name")));
        IReadOnlyList<JsonElement> processes = await ProcessesAsync(job, 2);
        Assert.Equal([0, 1], processes.Select(p => Number(p, "rank")).Order());
        Assert.All(processes, p => Assert.Equal("0", Text(p, "job_step")));
    }

    [Fact]
    public async Task An_allocation_without_any_step_is_a_job_all_the_same()
    {
        Tracked();
        string job = slurm.Run("salloc", "-n1", "/bin/sh", "-c", "echo $SLURM_JOB_ID").Succeeded().Lines[0];
        JsonElement record = await EndedAsync(job, processes: 0);

        Assert.Equal("COMPLETED", Text(record.GetProperty("scheduler_job"), "state"));
        Assert.True(record.TryGetProperty("start_time", out _)); // of the end, because no prolog has run
    }

    [Fact]
    public async Task Each_task_of_an_array_is_a_job_that_names_its_array()
    {
        Tracked();
        string array = slurm.Submit("echo $SLURM_JOB_ID", "--array=3,7");
        foreach (int task in (int[])[3, 7])
        {
            await slurm.UntilAsync(() => slurm.Written($"{array}_{task}").EndsWith('\n'), () => slurm.State(array));
            JsonElement said = (await EndedAsync(slurm.Written($"{array}_{task}").Trim(), processes: 1)).GetProperty("scheduler_job");
            Assert.Equal((array, task), (Text(said, "array_job_id"), Number(said, "array_task_id")));
        }
    }

    [Fact]
    public async Task A_job_that_fails_has_its_exit_code()
    {
        Tracked();
        JsonElement said = (await EndedAsync(slurm.Submit("srun /bin/sh -c 'exit 5'; exit 3"), processes: 3)).GetProperty("scheduler_job");
        Assert.Equal(("FAILED", 3, 5), (Text(said, "state"), Number(said, "exit_code"), Number(said, "derived_exit_code")));
    }

    [Fact]
    public async Task A_job_that_is_cancelled_has_no_exit_code_but_the_signal_if_that_is_known_in_time()
    {
        Tracked();
        string job = slurm.Submit("sleep 1000");
        await slurm.RunningAsync(job);
        slurm.Run("scancel", job).Succeeded();
        JsonElement said = (await EndedAsync(job)).GetProperty("scheduler_job");
        Assert.Equal("CANCELLED", Text(said, "state"));
        Assert.Equal(15, said.TryGetProperty("exit_signal", out JsonElement signal) ? signal.GetInt32() : 15);
        Assert.False(said.TryGetProperty("exit_code", out _));
    }

    [Fact]
    public async Task A_job_whose_script_is_killed_has_its_end()
    {
        Tracked();
        JsonElement said = (await EndedAsync(slurm.Submit("kill -KILL $$"), processes: 1)).GetProperty("scheduler_job");
        Assert.Equal(("FAILED", 9), (Text(said, "state"), Number(said, "exit_signal")));
    }

    [Fact]
    public async Task A_job_that_runs_out_of_time_says_so()
    {
        Tracked();
        string job = slurm.Submit("sleep 1000");
        await slurm.RunningAsync(job);
        slurm.Run("scontrol", "update", "JobId=" + job, "EndTime=now").Succeeded();
        Assert.Equal("TIMEOUT", Text((await EndedAsync(job)).GetProperty("scheduler_job"), "state"));
    }

    [Fact]
    public async Task A_job_that_is_started_again_has_two_runs()
    {
        Tracked();
        string job = slurm.Submit("[ -n \"$SLURM_RESTART_COUNT\" ] || sleep 1000", "--requeue");
        await slurm.RunningAsync(job);
        slurm.Run("scontrol", "requeue", job).Succeeded();
        JsonElement first = await EndedAsync(job);
        Assert.Equal(("REQUEUED", 0, 1), (Text(first.GetProperty("scheduler_job"), "state"), Number(first.GetProperty("scheduler_job"), "restarts"), Number(first, "incarnation")));

        await slurm.UntilAsync(() => HasRestarted(job), () => slurm.State(job));
        JsonElement second = await UntilAsync(job, r => Number(r, "incarnation") == 2 && Text(r, "state") == "ended");
        Assert.Equal(("COMPLETED", 1), (Text(second.GetProperty("scheduler_job"), "state"), Number(second.GetProperty("scheduler_job"), "restarts")));
    }

    [Fact]
    public async Task Who_opts_out_is_not_tracked_and_neither_are_the_steps()
    {
        slurm.Plugstack("active=yes", "opt-out=yes");
        string job = slurm.Submit("echo batch=$OGRT_ACTIVE; srun /bin/sh -c 'echo step=$OGRT_ACTIVE'", "--no-ogrt");
        await slurm.DoneAsync(job);
        Assert.Equal("batch=no\nstep=no\n", slurm.Written(job));

        string step = slurm.Submit("srun --no-ogrt /bin/true; srun /bin/true");
        await EndedAsync(step, processes: 4);
        Assert.Equal(["1"], (await ProcessesAsync(step, 4)).Where(p => Program(p) == "true").Select(p => Text(p, "job_step")));
        // The job that came later is there as a whole, so what was sent before is there too.
        Assert.Null(await ServerAnswers.TreeAsync(slurm.Server, job));
    }

    [Fact]
    public async Task A_user_may_switch_tracking_off_by_the_variable_only_where_opting_out_is_allowed()
    {
        const string script = "OGRT_ACTIVE=no srun /bin/sh -c 'echo $OGRT_ACTIVE'; OGRT_ACTIVE=no srun --ogrt /bin/sh -c 'echo $OGRT_ACTIVE'";
        slurm.Plugstack("active=yes", "opt-out=yes");
        string allowed = slurm.Submit(script);
        await slurm.DoneAsync(allowed);
        slurm.Plugstack("active=yes");
        string forbidden = slurm.Submit(script);
        await slurm.DoneAsync(forbidden);

        Assert.Equal("no\nyes\n", slurm.Written(allowed));
        Assert.Equal("yes\nyes\n", slurm.Written(forbidden));
    }

    [Theory]
    [InlineData("sbatch", "--wrap=true")]
    [InlineData("srun", "true")]
    [InlineData("salloc", "true")]
    public void Opting_out_is_refused_with_a_reason_where_it_is_not_allowed(string command, string argument)
    {
        Tracked();
        CommandResult result = slurm.Run(command, "--no-ogrt", argument);
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("ogrt: --no-ogrt is not allowed here", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_job_that_opted_out_before_it_was_forbidden_runs_and_is_tracked()
    {
        slurm.Plugstack("active=yes", "opt-out=yes");
        string job = slurm.Submit("srun /bin/true", "--no-ogrt", "--hold");
        Tracked();
        slurm.Run("scontrol", "release", job).Succeeded();
        Assert.Equal("COMPLETED", Text((await EndedAsync(job, processes: 3)).GetProperty("scheduler_job"), "state"));
        Assert.Empty(slurm.Written(job));
    }

    [Fact]
    public async Task Where_tracking_is_opt_in_only_who_asks_for_it_is_tracked()
    {
        slurm.Plugstack("active=opt-in");
        string job = slurm.Submit("echo ${OGRT_ACTIVE-unset} ${LD_PRELOAD-unset}");
        await slurm.DoneAsync(job);
        Assert.Equal("unset unset\n", slurm.Written(job));

        string asked = slurm.Submit("srun /bin/true", "--ogrt");
        Assert.Equal("COMPLETED", Text((await EndedAsync(asked, processes: 3)).GetProperty("scheduler_job"), "state"));
        Assert.Null(await ServerAnswers.TreeAsync(slurm.Server, job));
    }

    [Fact]
    public async Task Only_jobs_are_told_of_where_programs_are_not_tracked_and_only_programs_where_jobs_are_not()
    {
        slurm.Plugstack("active=no");
        string untracked = slurm.Submit("echo ${OGRT_ACTIVE-unset}");
        Assert.Equal(0, Number(await EndedAsync(untracked), "process_count"));
        Assert.Equal("unset\n", slurm.Written(untracked));

        slurm.Plugstack("active=yes", "send-job=no");
        string untold = slurm.Submit("true");
        await slurm.DoneAsync(untold);
        JsonElement record = await UntilAsync(untold, r => Number(r, "process_count") == 1);
        Assert.False(record.TryGetProperty("scheduler_job", out _));
    }

    [Fact]
    public async Task What_a_user_preloads_stays_and_the_library_comes_once_behind_it()
    {
        Tracked();
        string theirs = slurm.Folder + "/theirs.so";
        Command.Require("gcc");
        Command.Run("gcc", ["-shared", "-x", "c", "/dev/null", "-o", theirs], []).Succeeded();
        string job = slurm.Submit("echo $LD_PRELOAD; srun /bin/sh -c 'echo $LD_PRELOAD'", $"--export=ALL,LD_PRELOAD={theirs}");
        await EndedAsync(job, processes: 3);
        Assert.Equal($"{theirs}:{slurm.Library}\n{theirs}:{slurm.Library}\n", slurm.Written(job));
    }

    [Fact]
    public async Task A_library_that_is_not_there_is_not_preloaded()
    {
        slurm.Plugstack("active=yes", "library=/no/such/$LIB/libogrt.so", "send-job=no");
        string job = slurm.Submit("echo ${LD_PRELOAD-unset}; /bin/true");
        await slurm.DoneAsync(job);
        Assert.Equal("unset\n", slurm.Written(job));
        await slurm.UntilAsync(() => slurm.Log.Contains("this step is not tracked: its user cannot read /no/such/$LIB/libogrt.so", StringComparison.Ordinal), () => "");
    }

    [Fact]
    public async Task A_library_whose_path_has_LIB_in_it_is_found_by_the_dynamic_linker()
    {
        string folder = Path.Combine(slurm.Folder, "multi"), loader = Command.Run("ldd", "/bin/true").Succeeded().Lines
            .First(l => l.Contains("libc.so", StringComparison.Ordinal)).Split("=> /")[1].Split("/libc.so")[0];
        // What $LIB stands for here is where the C library lies.
        string lib = loader.StartsWith("usr/", StringComparison.Ordinal) ? loader[4..] : loader;
        Directory.CreateDirectory(Path.Combine(folder, lib));
        File.Copy(slurm.Library, Path.Combine(folder, lib, "libogrt.so"), overwrite: true);
        slurm.Plugstack("active=yes", $"library={folder}/$LIB/libogrt.so");
        string job = slurm.Submit("echo $LD_PRELOAD");
        await EndedAsync(job, processes: 1);
        Assert.Equal($"{folder}/$LIB/libogrt.so\n", slurm.Written(job));
    }

    [Fact]
    public async Task Jobs_run_while_the_server_is_down_and_the_log_says_it_once_for_each_record()
    {
        slurm.Plugstack("active=yes", $"server=127.0.0.1:{ServerProcess.FreePort()},no-such-host.invalid:7971");
        string job = slurm.Submit("srun /bin/true; exit 3");
        Assert.Contains("JobState=FAILED", await slurm.DoneAsync(job), StringComparison.Ordinal);
        Assert.Contains("ExitCode=3:0", slurm.State(job), StringComparison.Ordinal);
        Assert.Empty(slurm.Written(job));
        foreach (string what in (string[])["start", "end"])
        {
            string sentence = $"ogrt: the {what} of job {job} was not sent: the name 'no-such-host.invalid' was not resolved";
            await slurm.UntilAsync(() => slurm.Log.Contains(sentence, StringComparison.Ordinal), () => sentence);
            Assert.Equal(2, slurm.Log.Split(sentence).Length);
        }
    }

    [Fact]
    public async Task Another_server_takes_the_records_when_one_is_silent()
    {
        using var silent = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        silent.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        silent.Listen(64); // the kernel accepts, nobody reads
        slurm.Plugstack("active=yes", $"server={silent.LocalEndPoint}", $"server=[127.0.0.1]:{slurm.Server.Port}", "deadline-ms=3000");
        Assert.Equal("COMPLETED", Text((await EndedAsync(slurm.Submit("true"))).GetProperty("scheduler_job"), "state"));

        slurm.Plugstack("active=yes", $"server={silent.LocalEndPoint}", "deadline-ms=200");
        string job = slurm.Submit("true");
        Assert.Contains("JobState=COMPLETED", await slurm.DoneAsync(job), StringComparison.Ordinal);
        string sentence = $"ogrt: the end of job {job} was not sent: server {silent.LocalEndPoint}: Connection timed out";
        await slurm.UntilAsync(() => slurm.Log.Contains(sentence, StringComparison.Ordinal), () => sentence);
    }

    [Fact]
    public async Task Records_go_as_datagrams_too()
    {
        slurm.Plugstack("active=yes", "transport=udp");
        Assert.Equal("COMPLETED", Text((await EndedAsync(slurm.Submit("true"))).GetProperty("scheduler_job"), "state"));
    }

    [Fact]
    public async Task Without_the_controller_a_record_has_what_the_environment_says()
    {
        slurm.Plugstack("active=yes", "ask-controller=no");
        JsonElement said = (await EndedAsync(slurm.Submit("exit 3"), processes: 1)).GetProperty("scheduler_job");
        Assert.Equal(("root", "main", SlurmCluster.Node, "specs", 3), (Text(said, "username"), Text(said, "partition"), Text(said, "nodes"), Text(said, "cluster"), Number(said, "exit_code")));
        Assert.False(said.TryGetProperty("state", out _));
    }

    [Fact]
    public async Task A_controller_that_does_not_answer_is_left_alone_and_the_record_comes()
    {
        Tracked();
        CommandResult epilog = slurm.EpilogWithoutController("4000000").Succeeded();
        Assert.Contains("ogrt: slurmctld did not say in time what job 4000000 is", epilog.Error, StringComparison.Ordinal);
        Assert.Equal(3, Number((await EndedAsync("4000000")).GetProperty("scheduler_job"), "exit_code"));
    }

    [Fact]
    public async Task What_is_wrong_in_plugstack_conf_is_told_when_slurmd_starts()
    {
        slurm.Require();
        foreach (string word in (string[])["active=maybe", "frobnicate=1"])
            await slurm.UntilAsync(() => slurm.Log.Contains($"ogrt: plugstack.conf: '{word}' is not understood", StringComparison.Ordinal), () => word);
    }

    /// <summary>
    /// Whether a job that was put back into the queue has started again. Slurm puts that off by two minutes, and does so anew
    /// when the epilog of the first run ends, so it is asked to start it now each time.
    /// </summary>
    private bool HasRestarted(string job)
    {
        string said = slurm.State(job);
        if (said.Contains("Restarts=1", StringComparison.Ordinal) && !said.Contains("JobState=PENDING", StringComparison.Ordinal))
            return true;
        // Refused while the first run still ends.
        slurm.Run("scontrol", "update", "JobId=" + job, "StartTime=now");
        return false;
    }

    private void Tracked()
    {
        slurm.Require();
        slurm.Plugstack("active=yes");
    }

    private Task<JsonElement> EndedAsync(string job, int processes = 0) =>
        UntilAsync(job, r => Text(r, "state") == "ended" && Number(r, "process_count") >= processes && r.TryGetProperty("scheduler_job", out _));

    private async Task<JsonElement> UntilAsync(string job, Func<JsonElement, bool> satisfies) =>
        (await slurm.Server.UntilAsync(() => ServerAnswers.TreeAsync(slurm.Server, job), r => r is { } record && satisfies(record), Cancellation))!.Value;

    private Task<IReadOnlyList<JsonElement>> ProcessesAsync(string job, int count) =>
        slurm.Server.UntilAsync(() => ServerAnswers.ProcessesAsync(slurm.Server, job), p => p.Count >= count, Cancellation);

    private async Task<string> TableAsync(string job) => await slurm.Server.UntilAsync(
        async () => (await slurm.Server.CommandHereAsync("jobs", "--account", "physics", "--job", job)).Output, text => text.Contains("ended", StringComparison.Ordinal), Cancellation);

    private static string Program(JsonElement process) => Path.GetFileName(process.GetProperty("binpath").GetString()!);

    private static bool Has(JsonElement element, string name, string value) =>
        element.TryGetProperty(name, out JsonElement found) && found.GetString() == value;

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    private static int Number(JsonElement element, string name) => element.GetProperty(name).GetInt32();
}
