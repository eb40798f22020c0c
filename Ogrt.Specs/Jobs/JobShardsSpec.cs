using Ogrt.Journal;
using Ogrt.Wire;
using Ogrt.Wire.Protocol;
using static Ogrt.Specs.Jobs.Frames;

namespace Ogrt.Specs.Jobs;

public sealed class JobShardsSpec : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    private Task<TestNode> StartAsync(string settings = "") =>
        TestNode.StartAsync(_directory["journal"], _directory["snapshots"], settings: settings);

    [Fact]
    public async Task A_frame_in_the_journal_becomes_a_tree_a_snapshot_and_a_record()
    {
        await using TestNode node = await StartAsync();
        JournalReader sink = node.Journal.OpenReader("sink");
        node.Append(Process(10, 1, path: "/bin/bash"), Process(11, 2, 10, 1, "/bin/ls"), End(11, 2));
        await node.DrainAsync();

        JobRecord? record = await node.Shards.GetJobAsync("1", TestContext.Current.CancellationToken);
        Assert.NotNull(record);
        Assert.Equal(2UL, record.ProcessCount);
        Assert.Equal("alice", record.User.ToStringUtf8());
        Assert.True(node.Metrics.Snapshots > 0);

        JobRecord? written = null;
        await Condition.HoldsAsync(() =>
        {
            while (sink.TryRead(out JournalRecord entry))
                if (entry.Kind == RecordKind.JobRecord)
                    written = JobRecord.Parser.ParseFrom(entry.Payload.Span);
            return written is { ProcessCount: 2, LiveCount: 1 };
        });
        Assert.Equal(("default", "1", 1u, JobState.JobRunning),
            (written!.Cluster, written.JobId.ToStringUtf8(), written.Incarnation, written.State));
        Assert.True(written.Version > 0);
    }

    [Fact]
    public async Task A_job_that_nobody_knows_is_null_and_leaves_no_actor_behind()
    {
        await using TestNode node = await StartAsync();
        Assert.Null(await node.Shards.GetJobAsync("../../etc/passwd", TestContext.Current.CancellationToken));
        await Condition.HoldsAsync(() => node.Metrics.Active == 0);
    }

    [Theory]
    [InlineData("../../etc/passwd")]
    [InlineData("a\nb\0c")]
    [InlineData("ü/ %41 $ *")]
    public async Task Odd_job_ids_are_jobs_like_others(string jobId)
    {
        await using (TestNode node = await StartAsync())
        {
            node.Append(Process(10, 1, job: jobId));
            await node.DrainAsync();
        }
        await using TestNode again = await StartAsync();
        JobRecord? record = await again.Shards.GetJobAsync(jobId, TestContext.Current.CancellationToken);
        Assert.Equal(1UL, record?.ProcessCount);
        Assert.Equal(jobId, record?.JobId.ToStringUtf8());
    }

    [Fact]
    public async Task A_job_id_of_ten_thousand_characters_is_shortened_and_stays_distinct()
    {
        string one = new string('x', 10_000) + "1", two = new string('x', 10_000) + "2";
        await using TestNode node = await StartAsync();
        node.Append(Process(10, 1, job: one), Process(11, 2, job: two), Process(12, 3, job: two));
        await node.DrainAsync();

        Assert.Equal(1UL, (await node.Shards.GetJobAsync(one, TestContext.Current.CancellationToken))?.ProcessCount);
        JobRecord? record = await node.Shards.GetJobAsync(two, TestContext.Current.CancellationToken);
        Assert.Equal(2UL, record?.ProcessCount);
        Assert.Equal(256, record?.JobId.Length);
    }

    [Theory]
    [InlineData("")]
    [InlineData("UNKNOWN")]
    public async Task Processes_without_a_job_make_up_a_pseudo_job_of_their_host_and_day(string jobId)
    {
        await using TestNode node = await StartAsync();
        node.Append(Process(10, 1, job: jobId), Process(11, 2, job: jobId), Process(12, 3, job: jobId, host: "n2"));
        await node.DrainAsync();

        Assert.Equal(2UL, (await node.Shards.GetJobAsync("nojob-n1-2023-11-14", TestContext.Current.CancellationToken))?.ProcessCount);
        Assert.Equal(1UL, (await node.Shards.GetJobAsync("nojob-n2-2023-11-14", TestContext.Current.CancellationToken))?.ProcessCount);
    }

    [Fact]
    public async Task Processes_without_a_job_are_only_delivered_where_that_is_wanted()
    {
        await using TestNode node = await StartAsync("ogrt.jobs.without-id = deliver-only");
        node.Append(Process(10, 1, job: ""), Process(11, 2, job: "1"));
        await node.DrainAsync();

        Assert.Equal(1, node.Metrics.Frames);
    }

    [Fact]
    public async Task An_ended_job_leaves_the_memory_and_comes_back_with_what_it_knew()
    {
        await using TestNode node = await StartAsync("ogrt.jobs { linger = 200 ms, quiet-after = 100 ms, idle-timeout = 1 h }");
        node.Append(Process(10, 1), new JobEnd { JobId = "1", EndTime = Start / 1_000_000_000 + 100 });
        await node.DrainAsync();
        await Condition.HoldsAsync(() => node.Metrics.Active == 0);

        node.Append(Process(11, 2, 10, 1, "/bin/late"));
        await node.DrainAsync();
        JobRecord? record = await node.Shards.GetJobAsync("1", TestContext.Current.CancellationToken);
        Assert.Equal((2UL, 1u, JobState.JobEnded), (record!.ProcessCount, record.Incarnation, record.State));
    }

    [Fact]
    public async Task A_job_goes_quiet_and_then_ends_by_itself_and_says_so_in_its_records()
    {
        await using TestNode node = await StartAsync("ogrt.jobs { linger = 200 ms, quiet-after = 200 ms, idle-timeout = 600 ms }");
        JournalReader sink = node.Journal.OpenReader("sink");
        node.Append(Process(10, 1));

        var states = new List<JobState>();
        var versions = new List<ulong>();
        await Condition.HoldsAsync(() =>
        {
            while (sink.TryRead(out JournalRecord entry))
            {
                if (entry.Kind != RecordKind.JobRecord)
                    continue;
                JobRecord record = JobRecord.Parser.ParseFrom(entry.Payload.Span);
                states.Add(record.State);
                versions.Add(record.Version);
            }
            return states.Contains(JobState.JobEnded);
        });
        Assert.Equal([JobState.JobRunning, JobState.JobQuiet, JobState.JobEnded], states.Distinct());
        Assert.Equal(versions.Distinct().Order(), versions);
        await Condition.HoldsAsync(() => node.Metrics.Active == 0);

        node.Append(Process(11, 2));
        await node.DrainAsync();
        Assert.Equal(JobState.JobRunning, (await node.Shards.GetJobAsync("1", TestContext.Current.CancellationToken))?.State);
    }

    [Fact]
    public async Task A_job_that_had_not_ended_when_the_server_died_is_woken_and_ends()
    {
        await using (TestNode node = await StartAsync())
        {
            node.Append(Process(10, 1));
            await node.DrainAsync();
            await node.KillAsync();
        }
        await using TestNode again = await StartAsync("ogrt.jobs { linger = 100 ms, quiet-after = 100 ms, idle-timeout = 200 ms }");
        JournalReader sink = again.Journal.OpenReader("sink");
        await Condition.HoldsAsync(() =>
        {
            while (sink.TryRead(out JournalRecord entry))
                if (entry.Kind == RecordKind.JobRecord && JobRecord.Parser.ParseFrom(entry.Payload.Span).State == JobState.JobEnded)
                    return true;
            return false;
        });
    }

    [Fact]
    public async Task A_bad_frame_in_the_journal_is_counted_and_passed_over()
    {
        await using TestNode node = await StartAsync();
        JournalBatch batch = node.Journal.CreateBatch();
        batch.Add(RecordKind.Frame, Start, default, [0, 0, 0, 12, 0, 0, 0, 1, 0xff]);
        batch.Add(99, Start, default, [1, 2, 3]);
        node.Journal.Append(batch, CancellationToken.None);
        node.Append(Process(10, 1));
        await node.DrainAsync();

        Assert.Equal(1, node.Metrics.Frames);
        Assert.Equal(1, node.Metrics.RejectedByReason.Values.Sum());
    }

    [Fact]
    public async Task A_full_window_asks_jobs_to_save_and_everything_gets_through()
    {
        await using TestNode node = await StartAsync(
            "ogrt.jobs { snapshot-interval = 5 s, feed { window = 8 KiB, unsaved = 16 KiB, read-size = 8 KiB, batch-size = 2 KiB, resend-after = 60 s } }");
        for (int i = 0; i < 40; i++)
            node.Append([.. Enumerable.Range(0, 50).Select(j => Process(100 + j, (ulong)(1 + i * 50 + j), job: (j % 7).ToString()))]);
        await node.DrainAsync();

        Assert.Equal(2000, node.Metrics.Frames);
        Assert.Equal(0, node.Metrics.Resent);
    }

    [Fact]
    public async Task Frames_stay_in_the_journal_while_snapshots_cannot_be_saved()
    {
        await using TestNode node = await StartAsync();
        // Where the directory should be is a file.
        File.WriteAllText(_directory["snapshots"], "");
        node.Append(Process(10, 1));
        await Condition.HoldsAsync(() => node.Metrics.SnapshotFailures > 0);
        Assert.Equal(0, node.Metrics.Snapshots);
        long committed = node.Journal.Cursors.Single(c => c.Name == "jobs").Committed;
        Assert.True(committed < node.Journal.TailOffset);

        File.Delete(_directory["snapshots"]);
        await node.DrainAsync();
        Assert.Equal(1UL, (await node.Shards.GetJobAsync("1", TestContext.Current.CancellationToken))?.ProcessCount);
    }
}
