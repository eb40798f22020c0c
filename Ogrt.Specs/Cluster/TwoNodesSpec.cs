using Google.Protobuf;
using Ogrt.Specs.Jobs;
using Ogrt.Wire.Protocol;

namespace Ogrt.Specs.Cluster;

/// <summary>
/// Two servers in one process. The trees know one process at a time and count the others, so that a frame that is applied
/// twice shows as well as one that is missing.
/// </summary>
public sealed class TwoNodesSpec : IDisposable
{
    private const string CountOnly = "ogrt.jobs { max-live = 1, max-ended = 0 }";

    private readonly TempDirectory _directory = new();
    private int _processes;

    public void Dispose() => _directory.Dispose();

    private Task<TestNode> StartAsync(string name, TestNode? join = null, string settings = CountOnly) =>
        TestNode.StartAsync(_directory["journal-" + name], _directory["snapshots"], join?.Address, settings);

    private IMessage[] Next(int count, int jobs) => [.. Enumerable.Range(0, count).Select(_ =>
    {
        int n = Interlocked.Increment(ref _processes);
        return (IMessage)Frames.Process(n, (ulong)n, job: (n % jobs).ToString());
    })];

    private static Task UpAsync(params TestNode[] nodes) => Condition.HoldsAsync(() => nodes.All(node =>
        Akka.Cluster.Cluster.Get(node.System).State.Members.Count(m => m.Status == Akka.Cluster.MemberStatus.Up) == nodes.Length));

    [Fact]
    public async Task Frames_of_one_job_that_reach_two_nodes_make_one_tree()
    {
        await using TestNode a = await StartAsync("a", settings: "");
        await using TestNode b = await StartAsync("b", a, settings: "");
        await UpAsync(a, b);

        a.Append(Frames.Process(10, 1, path: "/bin/bash"), Frames.Process(11, 2, 10, 1, "/bin/ls"));
        b.Append(Frames.Process(12, 3, 10, 1, "/bin/ls"), Frames.End(11, 2));
        await a.DrainAsync();
        await b.DrainAsync();

        foreach (TestNode node in new[] { a, b })
        {
            JobRecord? record = await node.Shards.GetJobAsync("1", TestContext.Current.CancellationToken);
            Assert.Equal((3UL, 2UL, 2), (record!.ProcessCount, record.LiveCount, record.Nodes.Count));
        }
        Assert.Equal(1, a.Metrics.Active + b.Metrics.Active);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Jobs_of_a_node_that_is_gone_live_elsewhere_though_nothing_more_comes_of_them(bool inOrder)
    {
        const int jobs = 6;
        await using TestNode a = await StartAsync("a");
        await using TestNode b = await StartAsync("b", a);
        await UpAsync(a, b);
        b.Append(Next(60, jobs));
        await b.DrainAsync();
        Assert.True(b.Metrics.Active is > 0 and < jobs, $"{b.Metrics.Active} jobs are on the node that goes");
        if (inOrder)
        {
            await b.StopAsync();
        }
        else
        {
            Akka.Actor.Address gone = b.Address;
            await b.KillAsync();
            Akka.Cluster.Cluster.Get(a.System).Down(gone);
        }
        await Condition.HoldsAsync(() => a.Metrics.Active == jobs);
    }

    [Fact]
    public async Task A_node_that_joins_takes_over_its_share_of_the_jobs_though_nothing_more_comes_of_them()
    {
        const int jobs = 40;
        const string Often = CountOnly + "\nakka.cluster.sharding.rebalance-interval = 200 ms";
        await using TestNode a = await StartAsync("a", settings: Often);
        a.Append(Next(200, jobs));
        await a.DrainAsync();
        Assert.Equal(jobs, a.Metrics.Active);

        await using TestNode b = await StartAsync("b", a, Often);
        await UpAsync(a, b);
        // By shards, of which some have two jobs.
        await Condition.HoldsAsync(() => Math.Min(a.Metrics.Active, b.Metrics.Active) >= jobs / 3 && a.Metrics.Active + b.Metrics.Active == jobs);

        a.Append(Next(200, jobs));
        b.Append(Next(200, jobs));
        await a.DrainAsync();
        await b.DrainAsync();
        for (int job = 0; job < jobs; job++)
            Assert.Equal(600UL / jobs, (await a.Shards.GetJobAsync(job.ToString(), TestContext.Current.CancellationToken))!.ProcessCount);
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(3, true)]
    [InlineData(4, true)]
    public async Task A_node_that_stops_at_any_moment_and_comes_back_leaves_every_process_once(int seed, bool inOrder)
    {
        const int jobs = 12;
        var random = new Random(seed);
        TestNode a = await StartAsync("a");
        TestNode b = await StartAsync("b", a);
        try
        {
            await UpAsync(a, b);
            for (int round = 0; round < 2; round++)
            {
                // So many batches before the node goes, wherever the feed, the jobs and the snapshots are by then.
                for (int i = random.Next(5, 60); i > 0; i--)
                {
                    a.Append(Next(random.Next(1, 20), jobs));
                    b.Append(Next(random.Next(1, 20), jobs));
                    await Task.Yield();
                }
                (TestNode stopping, TestNode staying) = random.Next(2) == 0 ? (a, b) : (b, a);
                Akka.Actor.Address gone = stopping.Address;
                if (inOrder)
                {
                    await stopping.StopAsync();
                }
                else
                {
                    await stopping.KillAsync();
                    Akka.Cluster.Cluster.Get(staying.System).Down(gone);
                }
                staying.Append(Next(50, jobs));
                await Condition.HoldsAsync(() => Akka.Cluster.Cluster.Get(staying.System).State.Members.All(m => m.Address != gone));
                TestNode back = await StartAsync(stopping == a ? "a" : "b", staying);
                (a, b) = stopping == a ? (back, staying) : (staying, back);
                await UpAsync(a, b);
                back.Append(Next(50, jobs));
            }
            await a.DrainAsync();
            await b.DrainAsync();

            for (int job = 0; job < jobs; job++)
            {
                JobRecord? record = await a.Shards.GetJobAsync(job.ToString(), TestContext.Current.CancellationToken);
                Assert.Equal(Enumerable.Range(1, _processes).Count(n => n % jobs == job), (int)record!.ProcessCount);
            }
        }
        finally
        {
            await a.DisposeAsync();
            await b.DisposeAsync();
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_single_node_that_is_killed_again_and_again_has_every_process_once(int seed)
    {
        const int jobs = 6;
        var random = new Random(seed);
        for (int life = 0; life < 5; life++)
        {
            await using TestNode node = await StartAsync("a");
            for (int i = random.Next(5, 60); i > 0; i--)
            {
                node.Append(Next(random.Next(1, 30), jobs));
                await Task.Yield();
            }
            long wanted = random.Next(0, 2) == 0 ? 0 : node.Metrics.Snapshots + 1;
            await Condition.HoldsAsync(() => node.Metrics.Snapshots >= wanted);
            await node.KillAsync();
        }
        await using TestNode last = await StartAsync("a");
        await last.DrainAsync();
        for (int job = 0; job < jobs; job++)
        {
            JobRecord? record = await last.Shards.GetJobAsync(job.ToString(), TestContext.Current.CancellationToken);
            Assert.Equal(Enumerable.Range(1, _processes).Count(n => n % jobs == job), (int)record!.ProcessCount);
        }
    }
}
