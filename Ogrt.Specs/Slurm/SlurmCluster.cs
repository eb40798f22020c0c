using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Ogrt.Specs.EndToEnd;
using Ogrt.Specs.Shim;

namespace Ogrt.Specs.Slurm;

/// <summary>
/// A real Slurm of one node: munged, slurmctld and slurmd on free ports, with keys, sockets, logs and state in a temporary
/// folder, so that it runs beside any other; the preload library and the plugin as they are installed; and a server.
/// </summary>
/// <remarks>Slurm's commands find it by SLURM_CONF. They and slurmstepd read plugstack.conf for each job anew.</remarks>
public sealed partial class SlurmCluster : IAsyncLifetime
{
    private const int Terminate = 15, Kill = 9, Stop = 19, Continue = 18;
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);
    private readonly List<Process> _daemons = [];
    private readonly ShimFixture _shim = new();
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("ogrt-slurm-");
    private string? _missing;
    private ServerProcess? _server;
    private string _plugin = "", _library = "";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>The folder of everything; jobs may write here.</summary>
    public string Folder => _root.FullName;

    /// <summary>The installed preload library.</summary>
    public string Library => _library;

    /// <summary>What receives the records.</summary>
    internal ServerProcess Server => _server!;

    /// <summary>The node's name, and the host's without a domain.</summary>
    public static string Node => Dns.GetHostName().Split('.')[0];

    /// <summary>Everything that slurmd, and what it starts, has logged so far.</summary>
    public string Log => ReadAll(PathOf("slurmd.log"));

    private string Configuration => PathOf("slurm.conf");

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        _missing = Missing();
        if (_missing is not null)
            return;
        Install();
        _server = await ServerProcess.StartAsync([], Cancellation);
        Plugstack("active=maybe", "frobnicate=1"); // slurmd tells of these when it starts
        WriteConfiguration();
        await StartAsync("munged", ["--foreground", "--force", $"--key-file={PathOf("munge.key")}", $"--socket={PathOf("munge.sock")}",
            $"--pid-file={PathOf("munged.pid")}", $"--log-file={PathOf("munged.log")}", $"--seed-file={PathOf("munged.seed")}"],
            () => File.Exists(PathOf("munge.sock")));
        await StartAsync("slurmctld", ["-i", "-D", "-f", Configuration], () => Try("scontrol", "ping").Text.Contains(" UP", StringComparison.Ordinal));
        await StartAsync("slurmd", ["-D", "-f", Configuration], () => Try("sinfo", "-h", "-o", "%T").Text.Trim() == "idle");
    }

    /// <summary>Skips the test where Slurm is not installed, with what is missing as the reason.</summary>
    public void Require() => Assert.SkipWhen(_missing is not null, _missing ?? "");

    /// <summary>Writes plugstack.conf, which counts from the next command and job on.</summary>
    /// <param name="words">The words behind the plugin's path, to which the library and the server are added unless they name others.</param>
    public void Plugstack(params string[] words)
    {
        Require();
        List<string> all = [.. words];
        string address = $"127.0.0.1:{Server.Port}";
        if (!words.Any(word => word.StartsWith("server=", StringComparison.Ordinal))) all.Add("server=" + address);
        // The tasks' library was built to believe this variable.
        all.Add("env=OGRT_SERVER=" + address);
        File.WriteAllText(PathOf("plugstack.conf"), $"optional {_plugin} {string.Join(' ', all)}\n");
    }

    /// <summary>Runs one of Slurm's commands to its end.</summary>
    internal CommandResult Run(string command, params string[] arguments) => Run(command, arguments, []);

    /// <summary>Runs one of Slurm's commands to its end, with further variables.</summary>
    internal CommandResult Run(string command, IEnumerable<string> arguments, IEnumerable<(string Name, string Value)> environment) =>
        Command.Run(command, arguments, [("SLURM_CONF", Configuration), ("USER", "root"), .. environment], Folder);

    /// <summary>Submits a batch job.</summary>
    /// <param name="script">What bash runs.</param>
    /// <param name="options">Options of sbatch.</param>
    /// <returns>The job's id.</returns>
    public string Submit(string script, params string[] options)
    {
        string file = Path.Combine(Folder, Path.GetRandomFileName());
        File.WriteAllText(file, "#!/bin/bash\n" + script + "\n");
        return Run("sbatch", ["--parsable", $"--output={Output("%A_%a")}", .. options, file], []).Succeeded().Text.Trim();
    }

    /// <summary>Where a job of <see cref="Submit"/> writes; of an array, <c>ARRAY_TASK</c>.</summary>
    public string Output(string job) => PathOf($"job-{job}.out");

    /// <summary>What a job has written.</summary>
    /// <param name="job">Its id; that of an array with the task's number.</param>
    public string Written(string job) => ReadAll(job.Contains('_', StringComparison.Ordinal) ? Output(job) : Output(job + "_4294967294"));

    /// <summary>A job's state and reason, by scontrol.</summary>
    public string State(string job) => Run("scontrol", "show", "job", "-o", job).Succeeded().Text;

    /// <summary>Waits until a job runs.</summary>
    public Task RunningAsync(string job) => UntilAsync(() => State(job).Contains("JobState=RUNNING", StringComparison.Ordinal), () => State(job));

    /// <summary>Waits until Slurm is done with a job, its epilog too.</summary>
    /// <returns>What scontrol says of it.</returns>
    public async Task<string> DoneAsync(string job)
    {
        string said = "";
        await UntilAsync(() => IsDone(said = State(job)), () => said);
        // The epilog runs when the job's state has become final; the node is idle when it has ended.
        await UntilAsync(() => Run("squeue", "-h", "-t", "all", "-j", job, "-o", "%T").Text is not "COMPLETING\n", () => said);
        return said;
    }

    /// <summary>Runs the epilog of the plugin as slurmd does, while slurmctld is stopped and answers nobody.</summary>
    internal CommandResult EpilogWithoutController(string job)
    {
        int controller = _daemons[1].Id;
        _ = Signal(controller, Stop);
        try
        {
            return Run("slurmstepd", ["spank", "epilog"],
            [
                ("SLURM_JOB_ID", job), ("SLURM_JOBID", job), ("SLURM_JOB_UID", "0"), ("SLURM_UID", "0"), ("SLURM_JOB_GID", "0"),
                ("SLURM_NODELIST", Node), ("SLURMD_NODENAME", Node), ("SLURM_JOB_EXIT_CODE", "768"),
            ]);
        }
        finally
        {
            _ = Signal(controller, Continue);
        }
    }

    /// <summary>Waits for a condition.</summary>
    /// <exception cref="TimeoutException">It did not come true within a minute; the message holds the last state and slurmd's log.</exception>
    public async Task UntilAsync(Func<bool> condition, Func<string> state)
    {
        long start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            if (Stopwatch.GetElapsedTime(start) > _patience)
                throw new TimeoutException($"Not within {_patience.TotalSeconds} s; the last state was:\n{state()}\nslurmd:\n{Log}\nslurmctld:\n{ReadAll(PathOf("slurmctld.log"))}");
            await Task.Delay(50, Cancellation);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_missing is null && _daemons.Count == 3)
        {
            Try("scancel", "--user=root");
            long start = Stopwatch.GetTimestamp();
            while (Try("squeue", "-h").Text.Length > 0 && Stopwatch.GetElapsedTime(start) < _patience)
                await Task.Delay(50, CancellationToken.None);
        }
        foreach (Process daemon in Enumerable.Reverse(_daemons))
        {
            _ = Signal(daemon.Id, Terminate);
            if (!daemon.WaitForExit(_patience))
                daemon.Kill();
            daemon.Dispose();
        }
        EndOwnSteps();
        if (_server is not null)
            await _server.DisposeAsync();
        _shim.Dispose();
        Command.Run("rm", "-rf", _root.FullName).Succeeded();
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Signal(int process, int signal);

    private static string? Missing()
    {
        if (Environment.UserName != "root")
            return "slurmd needs to be root";
        (string Program, string Package)[] needed = [("munged", "munge"), ("slurmctld", "slurmctld"), ("slurmd", "slurmd"), ("srun", "slurm-client"), ("make", "make")];
        foreach ((string program, string package) in needed)
            if (Command.Find(program) is null)
                return $"{program} is not installed (Debian: {package})";
        return File.Exists("/usr/include/slurm/spank.h") ? null : "slurm/spank.h is not installed (Debian: libslurm-dev)";
    }

    private static bool IsDone(string job) => new[] { "RUNNING", "PENDING", "COMPLETING", "CONFIGURING" }
        .All(state => !job.Contains("JobState=" + state, StringComparison.Ordinal));

    private static string ReadAll(string path)
    {
        try
        {
            using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
            return reader.ReadToEnd();
        }
        catch (FileNotFoundException)
        {
            return "";
        }
    }

    private string PathOf(string name) => Path.Combine(Folder, name);

    private void Install()
    {
        Command.Run("chmod", "755", Folder).Succeeded();
        string prefix = _shim.Prefix("--allow-server-env", "--with-slurm=yes");
        _library = Path.Combine(prefix, "lib", "libogrt.so");
        _plugin = Path.Combine(prefix, "lib", "slurm", "ogrt_spank.so");
        File.WriteAllBytes(PathOf("munge.key"), RandomNumberGenerator.GetBytes(128));
        Command.Run("chmod", "600", PathOf("munge.key")).Succeeded();
    }

    private void WriteConfiguration()
    {
        Directory.CreateDirectory(PathOf("state"));
        Directory.CreateDirectory(PathOf("spool"));
        File.WriteAllText(Configuration, string.Create(CultureInfo.InvariantCulture, $"""
            ClusterName=specs
            SlurmctldHost={Node}(127.0.0.1)
            SlurmctldPort={ServerProcess.FreePort()}
            SlurmdPort={ServerProcess.FreePort()}
            SlurmUser=root
            SlurmdUser=root
            AuthType=auth/munge
            CredType=cred/munge
            AuthInfo=socket={PathOf("munge.sock")}
            StateSaveLocation={PathOf("state")}
            SlurmdSpoolDir={PathOf("spool")}
            SlurmctldPidFile={PathOf("slurmctld.pid")}
            SlurmdPidFile={PathOf("slurmd.pid")}
            SlurmctldLogFile={PathOf("slurmctld.log")}
            SlurmdLogFile={PathOf("slurmd.log")}
            PlugStackConfig={PathOf("plugstack.conf")}
            ProctrackType=proctrack/linuxproc
            TaskPlugin=task/none
            JobAcctGatherType=jobacct_gather/none
            MpiDefault=none
            SelectType=select/cons_tres
            SelectTypeParameters=CR_Core
            SchedulerType=sched/builtin
            SchedulerParameters=batch_sched_delay=0,sched_min_interval=0,sched_interval=1
            KillWait=1
            SlurmdParameters=config_overrides
            NodeName={Node} NodeAddr=127.0.0.1 CPUs=16 State=UNKNOWN
            PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP

            """));
    }

    private async Task StartAsync(string program, string[] arguments, Func<bool> ready)
    {
        string said = "";
        Process daemon = Command.Start(program, arguments, [("SLURM_CONF", Configuration)], Folder);
        _daemons.Add(daemon);
        daemon.StandardInput.Close();
        daemon.OutputDataReceived += (_, line) => said += line.Data + "\n";
        daemon.ErrorDataReceived += (_, line) => said += line.Data + "\n";
        daemon.BeginOutputReadLine();
        daemon.BeginErrorReadLine();
        await UntilAsync(
            () => daemon.HasExited ? throw new InvalidOperationException($"{program} ended with {daemon.ExitCode}:\n{said}") : ready(),
            () => $"{program}:\n{said}");
    }

    private CommandResult Try(string command, params string[] arguments) =>
        Command.Run(command, arguments, [("SLURM_CONF", Configuration)]);

    // slurmstepd outlives slurmd, on purpose. Ours have files of this folder open.
    private void EndOwnSteps()
    {
        foreach (string process in Directory.GetDirectories("/proc").Where(p => int.TryParse(Path.GetFileName(p), out _)))
        {
            try
            {
                if (File.ReadAllText(Path.Combine(process, "comm")).StartsWith("slurmstepd", StringComparison.Ordinal)
                    && Directory.GetFiles(Path.Combine(process, "fd")).Any(fd => new FileInfo(fd).LinkTarget?.StartsWith(Folder, StringComparison.Ordinal) == true))
                    _ = Signal(int.Parse(Path.GetFileName(process), CultureInfo.InvariantCulture), Kill);
            }
            catch (IOException)
            {
                // It has ended meanwhile.
            }
        }
    }
}
