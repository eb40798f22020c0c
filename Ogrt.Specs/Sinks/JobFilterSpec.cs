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
