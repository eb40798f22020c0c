using Ogrt.Actors.Jobs;
using Ogrt.Wire;
using Ogrt.Wire.Protocol;
using static Ogrt.Specs.Jobs.Frames;

namespace Ogrt.Specs.Jobs;

public class JobSpec
{
    private readonly Job _job = new(JobLimits.Default);

    private FrameOutcome Apply(Google.Protobuf.IMessage message) =>
        _job.Apply(Frame(message), WireLayout.Current, 1, out _);

    private static JobStart JobStarts(long second) => new() { JobId = "1", StartTime = second };

    private static JobEnd JobEnds(long second) => new() { JobId = "1", EndTime = second };

    private static ProcessInfo At(int pid, long second) => Process(pid, (ulong)pid, timeNs: second * 1_000_000_000);

    private long[] Counts => [.. _job.Incarnations.Select(incarnation => incarnation.Tree.ProcessCount)];

    [Fact]
    public void A_job_start_after_a_job_end_opens_the_next_incarnation()
    {
        Apply(JobStarts(100));
        Apply(At(1, 101));
        Apply(JobEnds(200));
        Apply(JobStarts(200 + 5));
        Apply(At(2, 206));

        Assert.Equal(2, _job.Current.Number);
        Assert.Equal([1, 1], Counts);
    }

    [Fact]
    public void A_process_that_started_well_after_the_end_opens_the_next_incarnation_also_without_a_job_start()
    {
        Apply(At(1, 101));
        Apply(JobEnds(200));
        Apply(At(2, 300));
        Apply(JobStarts(299));

        Assert.Equal(2, _job.Current.Number);
        Assert.Equal([1, 1], Counts);
        Assert.Equal(299_000_000_000, _job.Current.Tree.StartTimeNs);
    }

    [Fact]
    public void What_comes_late_goes_to_the_incarnation_that_its_time_names()
    {
        Apply(At(1, 101));
        Apply(JobEnds(200));
        Apply(JobStarts(220));
        Apply(At(3, 150));
        Apply(End(1, 1, 190_000_000_000));

        Assert.Equal([2, 0], Counts);
        Assert.Equal(1, _job.Incarnations.First().Tree.EndedCount);
    }

    [Fact]
    public void A_process_that_started_before_the_end_belongs_to_what_has_ended()
    {
        Apply(JobEnds(200));
        Apply(At(1, 150));
        Apply(At(2, 202));

        Assert.Equal(1, _job.Current.Number);
        Assert.Equal(JobState.JobEnded, _job.Current.State);
        Assert.Equal([2], Counts);
    }

    [Fact]
    public void Repeated_starts_and_ends_change_nothing()
    {
        Apply(JobStarts(100));
        Apply(JobEnds(100));
        Assert.Equal(FrameOutcome.Duplicate, Apply(JobStarts(100)));
        Assert.Equal(FrameOutcome.Duplicate, Apply(JobEnds(100)));
        Assert.Equal(1, _job.Current.Number);
    }

    [Fact]
    public void A_job_end_before_its_start_is_the_same_incarnation()
    {
        Apply(JobEnds(200));
        Apply(At(1, 150));
        Apply(JobStarts(100));

        Assert.Equal(1, _job.Current.Number);
        Assert.Equal((100_000_000_000L, 200_000_000_000L), (_job.Current.Tree.StartTimeNs, _job.Current.Tree.EndTimeNs));
    }

    [Fact]
    public void The_version_grows_also_when_it_was_forgotten()
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        long first = _job.Current.NextVersion(now);
        long second = _job.Current.NextVersion(now);
        Assert.True(second > first);
        Assert.True(new Job(JobLimits.Default).Current.NextVersion(now.AddSeconds(1)) > second);
        // A life that another has followed does not win by a clock that is ahead.
        Assert.True(new Job(JobLimits.Default).Current.NextVersion(now, epoch: 2) > new Job(JobLimits.Default).Current.NextVersion(now.AddYears(50), epoch: 1));
    }

    [Theory]
    [InlineData(new byte[] { })]
    [InlineData(new byte[] { 0, 0, 0, 12, 0, 0, 0, 1, 0xff })]
    [InlineData(new byte[] { 0, 0, 0, 99, 0, 0, 0, 1, 0 })]
    public void A_bad_frame_is_rejected_with_a_reason(byte[] frame)
    {
        Assert.Equal(FrameOutcome.Rejected, _job.Apply(frame, WireLayout.Current, 1, out string reason));
        Assert.NotEmpty(reason);
        Assert.True(_job.IsEmpty);
    }

    [Fact]
    public void A_process_without_a_pid_is_rejected()
    {
        Assert.Equal(FrameOutcome.Rejected, _job.Apply(Frame(Process(0, 1)), WireLayout.Current, 1, out string reason));
        Assert.Equal("no_pid", reason);
    }
}
