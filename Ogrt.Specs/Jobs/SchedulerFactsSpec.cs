using Google.Protobuf;
using Ogrt.Actors.Jobs;
using Ogrt.Actors.Jobs.Protocol;
using Ogrt.Wire;
using Ogrt.Wire.Protocol;
using static Ogrt.Specs.Jobs.Frames;

namespace Ogrt.Specs.Jobs;

/// <summary>What the scheduler says of a job, and which run of the job it says it of.</summary>
public class SchedulerFactsSpec
{
    private const long Second = 1_000_000_000;

    private Job _job = new(JobLimits.Default);

    [Fact]
    public void Start_and_end_together_describe_the_job_in_whichever_order_they_come()
    {
        JobStart start = Starts(100);
        JobEnd end = Ends(100, 200);
        end.Nodes = "n[1-2]";

        foreach (IMessage[] order in new IMessage[][] { [start, end], [end, start], [end, start, start, end] })
        {
            _job = new Job(JobLimits.Default);
            foreach (IMessage message in order) Apply(message);

            SchedulerJob job = Record().SchedulerJob;
            Assert.Equal(("ada", "physics", "FAILED", 3), (job.Username.ToStringUtf8(), job.Account.ToStringUtf8(), job.State.ToStringUtf8(), job.ExitCode));
            Assert.Equal("n[1-2]", job.Nodes.ToStringUtf8());
            Assert.Equal((100 * Second, 200 * Second, 1u), (Record().StartTimeNs, Record().EndTimeNs, Record().Incarnation));
        }
    }

    [Fact]
    public void The_user_is_whom_the_scheduler_names_and_not_whom_a_process_names()
    {
        Apply(Process(1, 1, timeNs: 101 * Second, user: "mallory"));
        Assert.Equal("mallory", Record().User.ToStringUtf8());
        Apply(Starts(100));
        Assert.Equal("ada", Record().User.ToStringUtf8());
    }

    [Fact]
    public void Of_several_ends_the_last_one_holds_and_of_several_starts_the_first()
    {
        JobEnd later = Ends(100, 201);
        later.State = "CANCELLED";
        Apply(later);
        Apply(Ends(100, 200));
        JobStart earlier = Starts(99);
        earlier.JobName = "first";
        Apply(earlier);
        Apply(Starts(100));

        Assert.Equal("CANCELLED", Record().SchedulerJob.State.ToStringUtf8());
        Assert.Equal("first", Record().SchedulerJob.JobName.ToStringUtf8());
    }

    [Fact]
    public void Frames_of_older_clients_that_have_only_times_describe_nothing()
    {
        Apply(new JobStart { JobId = "1", StartTime = 100 });
        Apply(new JobEnd { JobId = "1", EndTime = 200 });
        Assert.Null(Record().SchedulerJob);
        Assert.Equal(200 * Second, Record().EndTimeNs);
    }

    [Fact]
    public void An_end_whose_start_never_came_brings_the_start_along()
    {
        Apply(Ends(100, 200));
        Assert.Equal(100 * Second, Record().StartTimeNs);
    }

    [Fact]
    public void An_end_of_a_run_that_started_after_the_last_end_is_of_the_next_incarnation()
    {
        Apply(Starts(100));
        Apply(Ends(100, 200));
        Apply(Ends(210, 220));

        Assert.Equal([100 * Second, 210 * Second], _job.Incarnations.Select(i => i.Tree.StartTimeNs!.Value));
        Assert.Equal([200 * Second, 220 * Second], _job.Incarnations.Select(i => i.Tree.EndTimeNs!.Value));
    }

    [Fact]
    public void A_start_that_counts_more_restarts_opens_the_next_incarnation_also_without_an_end()
    {
        Apply(Starts(100));
        Apply(Process(1, 1, timeNs: 101 * Second));
        Apply(Starts(150, restarts: 1));
        Apply(Process(2, 2, timeNs: 151 * Second));
        Apply(Process(3, 3, timeNs: 102 * Second)); // late, of the first run

        Assert.Equal([2, 1], _job.Incarnations.Select(i => (int)i.Tree.ProcessCount));
        Assert.Equal(JobState.JobEnded, _job.Incarnations.First().ToRecord("c", "1", 10).State);
        Apply(Ends(100, 140, restarts: 0, state: "NODE_FAIL"));
        Assert.Equal("NODE_FAIL", _job.Incarnations.First().ToRecord("c", "1", 10).SchedulerJob.State.ToStringUtf8());
        Assert.Equal(JobState.JobRunning, _job.Current.State);
    }

    [Fact]
    public void A_snapshot_keeps_what_the_scheduler_said()
    {
        Apply(Starts(100));
        Apply(Ends(100, 200));
        SchedulerJob before = Record().SchedulerJob;
        var snapshot = new JobSnapshot();
        _job.SaveTo(snapshot);
        _job = Job.Restore(JobLimits.Default, JobSnapshot.Parser.ParseFrom(snapshot.ToByteArray()));
        Assert.Equal(before, Record().SchedulerJob);
    }

    [Fact]
    public void Long_texts_are_cut()
    {
        JobStart start = Starts(100);
        start.JobName = new string('x', 100_000);
        Apply(start);
        Assert.Equal(4096, Record().SchedulerJob.JobName.Length);
    }

    private static JobStart Starts(long second, uint restarts = 0) => new()
    {
        JobId = "1", StartTime = second, StartTimeNs = second * Second, Username = "ada", Uid = 1000, Account = "physics", JobName = "job",
        Nodes = "n1", Restarts = restarts,
    };

    private static JobEnd Ends(long start, long end, uint restarts = 0, string state = "FAILED") => new()
    {
        JobId = "1", EndTime = end, EndTimeNs = end * Second, StartTimeNs = start * Second, Username = "ada", ExitCode = 3, State = state,
        Restarts = restarts,
    };

    private JobRecord Record() => _job.Current.ToRecord("c", "1", 10);

    private void Apply(IMessage message) => _job.Apply(Frame(message), WireLayout.Current, 1, out _);
}
