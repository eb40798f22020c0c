using Akka.Configuration;
using Ogrt.Actors.Jobs;
using Ogrt.Specs.Cluster.Lab;
using Ogrt.Wire.Protocol;
using static Ogrt.Specs.Jobs.Frames;

namespace Ogrt.Specs.Jobs;

/// <summary>Two nodes that do not see each other over one store: each of them has the job.</summary>
public sealed class FencingSpec : IDisposable
{
    private readonly TempDirectory _directory = new();

    public static TheoryData<string> Stores => ["shared-directory", "postgresql"];

    public void Dispose() => _directory.Dispose();

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task What_one_side_has_acknowledged_does_not_vanish_under_the_snapshot_of_the_other(string store)
    {
        await using PostgreSqlServer? database = await DatabaseOf(store);
        await using TestNode one = await StartAsync("one", database);
        one.Append(Process(1, 1));
        await one.DrainAsync();

        // The other side: it begins with what is saved, and goes on by itself.
        await using TestNode two = await StartAsync("two", database);
        two.Append(Process(2, 2));
        await two.DrainAsync();
        Assert.Equal(2UL, await CountAsync(two));

        // The first life still stands in memory on its side. What it saves now does not count, and what it took comes again.
        one.Append(Process(3, 3));
        await one.DrainAsync();
        Assert.Equal(1, one.Metrics.Fenced);
        two.Append(Process(4, 4));
        await two.DrainAsync();
        one.Append(Process(5, 5));
        await one.DrainAsync();
        Assert.Equal(5UL, await CountAsync(one));

        await one.KillAsync();
        await two.KillAsync();
        await using TestNode healed = await StartAsync("healed", database);
        JobRecord? record = await healed.Shards.GetJobAsync("1", TestContext.Current.CancellationToken);
        Assert.Equal((5UL, 5UL), (record!.ProcessCount, record.ImageCount));
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task Claims_are_given_once_and_only_the_newest_holds(string store)
    {
        await using PostgreSqlServer? database = await DatabaseOf(store);
        JobSettings settings = SettingsOf(database);
        await using IJobClaims one = JobClaims.Create(settings), two = JobClaims.Create(settings);
        Task<long>[] claims = [.. Enumerable.Range(0, 40).Select(n => Task.Run(async () => await (n % 2 == 0 ? one : two).ClaimAsync("default/7")))];
        long[] epochs = await Task.WhenAll(claims);
        Assert.Equal(40, epochs.Distinct().Count());
        long newest = epochs.Max();
        foreach (long epoch in epochs)
            Assert.Equal(epoch == newest, await one.ConfirmAsync("default/7", epoch, isOver: false));
        Assert.Equal(newest + 1, await two.ClaimAsync("default/7"));
        Assert.False(await one.ConfirmAsync("default/7", newest, isOver: false));
        Assert.Equal(1, await one.ClaimAsync("default/8"));
    }

    [Theory]
    [InlineData("local")]
    [InlineData("shared-directory")]
    [InlineData("postgresql")]
    public async Task Another_number_of_shards_or_name_than_the_stored_one_is_refused(string store)
    {
        await using PostgreSqlServer? database = await DatabaseOf(store);
        Assert.Null(await AgreeAsync(""));
        Assert.Null(await AgreeAsync(""));
        var shards = await Assert.ThrowsAsync<StoreMismatchException>(() => AgreeAsync("ogrt.jobs.shards = 99"));
        Assert.Contains("has 100 shards", shards.Message, StringComparison.Ordinal);
        Assert.Contains("ogrt.jobs.shards is 99", shards.Message, StringComparison.Ordinal);
        var name = await Assert.ThrowsAsync<StoreMismatchException>(() => AgreeAsync("ogrt.cluster = other"));
        Assert.Contains("cluster \"default\", and ogrt.cluster is \"other\"", name.Message, StringComparison.Ordinal);
        Assert.Null(await AgreeAsync(""));

        Task<string?> AgreeAsync(string setting) => JobClaims.AgreeAsync(SettingsOf(database, store, setting), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task While_the_database_is_away_jobs_stay_and_nothing_is_acknowledged_or_lost()
    {
        await using PostgreSqlServer? database = await DatabaseOf("postgresql");
        await using TestNode node = await StartAsync("node", database);
        node.Append(Process(1, 1));
        await node.DrainAsync();

        await database!.KillAsync();
        long confirmed = node.Journal.Cursors.Single(c => c.Name == "jobs").Committed;
        node.Append(Process(2, 2), Process(3, 3, job: "2"));
        await Condition.HoldsAsync(() => node.Metrics.SnapshotFailures >= 2);
        Assert.Equal(2UL, await CountAsync(node));
        Assert.True(node.Journal.Cursors.Single(c => c.Name == "jobs").Committed < node.Journal.TailOffset);
        Assert.True(node.Journal.Cursors.Single(c => c.Name == "jobs").Committed >= confirmed);

        await database.BeginAsync();
        await node.DrainAsync();
        await node.KillAsync();
        await using TestNode again = await StartAsync("again", database);
        Assert.Equal(2UL, await CountAsync(again));
        Assert.Equal(1UL, (await again.Shards.GetJobAsync("2", TestContext.Current.CancellationToken))!.ProcessCount);
    }

    [Fact]
    public async Task A_database_that_is_away_at_the_start_is_told_and_waited_for()
    {
        await using PostgreSqlServer? database = await DatabaseOf("postgresql");
        await database!.KillAsync();
        Assert.Contains("127.0.0.1", await JobClaims.AgreeAsync(SettingsOf(database), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        await using TestNode node = await StartAsync("node", database);
        node.Append(Process(1, 1));
        await Condition.HoldsAsync(() => node.Metrics.SnapshotFailures > 0);
        await database.BeginAsync();
        await node.DrainAsync();
        Assert.Equal(1UL, await CountAsync(node));
    }

    [Theory]
    [InlineData("a\0b")]
    [InlineData("256")]
    public async Task Job_ids_that_the_database_cannot_hold_are_kept_all_the_same(string job)
    {
        job = job == "256" ? new string('x', 256) : job;
        await using PostgreSqlServer? database = await DatabaseOf("postgresql");
        await using (TestNode node = await StartAsync("node", database))
        {
            node.Append(Process(1, 1, job: job));
            await node.DrainAsync();
        }
        await using TestNode again = await StartAsync("again", database);
        Assert.Equal(1UL, (await again.Shards.GetJobAsync(job, TestContext.Current.CancellationToken))?.ProcessCount);
    }

    private static async Task<PostgreSqlServer?> DatabaseOf(string store)
    {
        Assert.SkipWhen(store == "postgresql" && PostgreSqlServer.Missing.Length > 0, PostgreSqlServer.Missing);
        return store == "postgresql" ? await PostgreSqlServer.StartAsync() : null;
    }

    private static async Task<ulong?> CountAsync(TestNode node) => (await node.Shards.GetJobAsync("1", TestContext.Current.CancellationToken))?.ProcessCount;

    private JobSettings SettingsOf(PostgreSqlServer? database, string store = "shared-directory", string setting = "") =>
        JobSettings.Create(ConfigurationFactory.ParseString($$"""
            ogrt.jobs.snapshots.directory = "{{_directory["snapshots"]}}"
            ogrt.jobs.snapshots.store = {{store}}
            {{database?.Settings}}
            {{setting}}
            """).WithFallback(Actors.Cluster.OgrtCluster.Reference()));

    // The node's own journal, and the store of all.
    private Task<TestNode> StartAsync(string name, PostgreSqlServer? database) =>
        TestNode.StartAsync(_directory["journal-" + name], _directory["snapshots"], settings: database?.Settings ?? "");
}
