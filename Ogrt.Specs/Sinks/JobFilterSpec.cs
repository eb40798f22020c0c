using Google.Protobuf;
using Ogrt.Sinks.Local;
using Ogrt.Wire.Protocol;

namespace Ogrt.Specs.Sinks;

public sealed class JobFilterSpec : IDisposable
{
    private readonly TempStore _store = new();

    public JobFilterSpec()
    {
        ProcessInfo python = Frames.Process(10, job: "42", host: "gpu1", binpath: "/usr/bin/python3.13");
        python.Username = "ada";
        python.SharedObjects.Add(new SharedObject { Path = "/opt/cuda/lib/libcudart.so.12" });
        ProcessInfo fortran = Frames.Process(5000, job: "43", host: "cpu7", binpath: "/home/bob/a.out");
        fortran.Username = "bob";
        fortran.LoadedModules.Clear();
        fortran.LoadedModules.Add(new Module { Name = "hdf5/1.14" });
        ProcessInfo strange = Frames.Process(9000, job: "44", binpath: "/bin/strange");
        JobRecord quiet = Frames.JobRecord(job: "43");
        quiet.State = JobState.JobQuiet;
        quiet.User = ByteString.CopyFromUtf8("bob");
        quiet.FirstTimeNs = fortran.TimeNs;
        quiet.LastTimeNs = fortran.TimeNs;
        quiet.SchedulerJob = new SchedulerJob
        {
            Account = ByteString.CopyFromUtf8("physics"), Partition = ByteString.CopyFromUtf8("batch"), JobName = ByteString.CopyFromUtf8("my job"),
            Nodes = ByteString.CopyFromUtf8("cpu[7-8]"), State = ByteString.CopyFromUtf8("TIMEOUT"), ExitCode = 0, ExitSignal = 15,
        };
        _store.Write([python, fortran, strange, quiet, new JobEnd { JobId = "44", EndTime = 1_700_009_100 }]);
    }

    public void Dispose() => _store.Dispose();

    [Fact]
    public void Without_a_filter_all_jobs_are_listed_the_newest_first() => Assert.Equal(["44", "43", "42"], List(new JobFilter()));

    [Fact]
    public void The_limit_keeps_the_newest() => Assert.Equal(["44", "43"], List(new JobFilter { Limit = 2 }));

    [Fact]
    public void By_user() => Assert.Equal(["42"], List(new JobFilter { User = "ada" }));

    [Fact]
    public void By_account() => Assert.Equal(["43"], List(new JobFilter { Account = "phys*" }));

    [Fact]
    public void By_partition() => Assert.Equal(["43"], List(new JobFilter { Partition = "bat" }));

    [Fact]
    public void By_the_name_that_the_user_gave() => Assert.Equal(["43"], List(new JobFilter { Name = "my job" }));

    [Fact]
    public void What_the_scheduler_says_is_listed_where_it_has_said_something()
    {
        SchedulerSummary?[] said = [.. _store.Read(s => s.ListJobs(new JobFilter()).Select(j => j.Scheduler).ToList())];
        Assert.Equal<IEnumerable<SchedulerSummary?>>([null, new SchedulerSummary("physics", "batch", "my job", "cpu[7-8]", "TIMEOUT", 0, 15), null], said);
    }

    [Fact]
    public void By_host_as_a_glob() => Assert.Equal(["42"], List(new JobFilter { Host = "gpu?" }));

    [Fact]
    public void By_a_part_of_the_executable() => Assert.Equal(["42"], List(new JobFilter { Executable = "python" }));

    [Fact]
    public void By_a_glob_of_the_whole_executable()
    {
        Assert.Equal(["43"], List(new JobFilter { Executable = "/home/*" }));
        Assert.Empty(List(new JobFilter { Executable = "home*" }));
    }

    [Fact]
    public void By_library() => Assert.Equal(["42"], List(new JobFilter { Library = "libcudart" }));

    [Fact]
    public void By_a_library_that_all_have() => Assert.Equal(["44", "43", "42"], List(new JobFilter { Library = "*/libc.so.6" }));

    [Fact]
    public void By_module() => Assert.Equal(["43"], List(new JobFilter { Module = "hdf5" }));

    [Fact]
    public void By_state()
    {
        Assert.Equal(["43"], List(new JobFilter { State = JobState.JobQuiet }));
        Assert.Equal(["44"], List(new JobFilter { State = JobState.JobEnded }));
        Assert.Equal(["42"], List(new JobFilter { State = JobState.Unknown }));
    }

    [Fact]
    public void By_time()
    {
        DateTimeOffset At(int seconds) => DateTimeOffset.FromUnixTimeSeconds(1_700_000_000 + seconds);
        Assert.Equal(["44", "43"], List(new JobFilter { Since = At(5000) }));
        Assert.Equal(["43", "42"], List(new JobFilter { Until = At(5000) }));
        Assert.Equal(["43"], List(new JobFilter { Since = At(11), Until = At(8999) }));
    }

    [Fact]
    public void By_several_at_once()
    {
        Assert.Equal(["43"], List(new JobFilter { User = "bob", Library = "libmpi", State = JobState.JobQuiet, JobId = "4?" }));
        Assert.Empty(List(new JobFilter { User = "ada", Module = "hdf5" }));
    }

    [Fact]
    public void Signs_of_SQL_in_a_pattern_are_only_signs() => Assert.Empty(List(new JobFilter { User = "' OR 1=1 --" }));

    private List<string> List(JobFilter filter) => [.. _store.Read(s => s.ListJobs(filter)).Select(j => j.JobId)];
}
