using Ogrt.Sinks.Local;
using Ogrt.Wire.Protocol;

namespace Ogrt.Specs.Sinks;

public sealed class LocalStoreRetentionSpec
{
    private static readonly DateTimeOffset Then = DateTimeOffset.FromUnixTimeMilliseconds(Frames.Arrival / 1_000_000);

    [Fact]
    public void What_is_too_old_goes_with_its_job_and_what_is_not_stays()
    {
        using var store = new TempStore();
        store.Write([Frames.Process(1, job: "old"), Frames.EndOf(Frames.Process(1, job: "old")), Frames.JobRecord(job: "old")]);
        store.Write(Frames.Attempt([Frames.Record(Frames.Process(2, job: "new"), arrival: Frames.Arrival + 3_600_000_000_000)]));
        Retain(store, store.Settings with { RetentionAge = TimeSpan.FromMinutes(90), RetentionSize = 0 }, Then.AddHours(2));
        JobSummary job = Assert.Single(store.Read(s => s.ListJobs(new JobFilter())));
        Assert.Equal(("new", 1), (job.JobId, job.ProcessCount));
        Assert.Equal(1, store.Count("process"));
        Assert.Equal((0, 0), (store.Count("job_record"), store.Count("process_end")));
        Assert.Equal(0, store.Scalar("SELECT count(*) FROM job_use WHERE job NOT IN (SELECT id FROM job)"));
    }

    [Fact]
    public void Without_an_age_and_a_size_everything_stays()
    {
        using var store = new TempStore();
        store.Write([Frames.Process(1)]);
        Retain(store, store.Settings with { RetentionAge = TimeSpan.Zero, RetentionSize = 0 }, Then.AddYears(50));
        Assert.Equal(1, store.Count("process"));
    }

    [Fact]
    public void A_job_record_without_processes_goes_by_its_own_age()
    {
        using var store = new TempStore();
        store.Write([Frames.JobRecord(job: "lonely")]);
        LocalStoreSettings settings = store.Settings with { RetentionAge = TimeSpan.FromHours(1), RetentionSize = 0 };
        Retain(store, settings, Then.AddMinutes(30));
        Assert.Equal(1, store.Count("job_record"));
        Retain(store, settings, Then.AddMinutes(90));
        Assert.Equal(0, store.Count("job_record"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_end_without_a_process_before_it_goes_by_its_own_age(bool afterOthersHaveGone)
    {
        using var store = new TempStore();
        LocalStoreSettings settings = store.Settings with { RetentionAge = TimeSpan.FromHours(1), RetentionSize = 0 };
        if (afterOthersHaveGone)
        {
            store.Write(Frames.Attempt([Frames.Record(Frames.Process(7), arrival: Frames.Arrival - 7_200_000_000_000)]));
            Retain(store, settings, Then);
            Assert.Equal(0, store.Count("process"));
        }
        store.Write([Frames.EndOf(Frames.Process(1))]);
        Retain(store, settings, Then.AddMinutes(30));
        Assert.Equal(1, store.Count("process_end"));
        // Its process and others may still come.
        store.Write([Frames.Process(1), Frames.Process(2)]);
        Retain(store, settings, Then.AddMinutes(50));
        Assert.Equal(1, store.Count("process_end"));
        Assert.NotNull(store.Read(s => s.GetProcesses("JOB").ToList()).Single(p => ProcessInfo.Parser.ParseFrom(p.Frame.Bytes.Span[8..]).Equals(Frames.Process(1))).End);
        Retain(store, settings, Then.AddMinutes(61));
        Assert.Equal(0, store.Count("process_end"));
    }

    [Fact]
    public void A_store_of_ends_alone_above_its_size_loses_the_oldest_until_it_fits()
    {
        using var store = new TempStore();
        store.Write(Enumerable.Range(0, 8000).Select(i => Frames.EndOf(Frames.Process(i))));
        long used = store.Writer.Retention.UsedBytes();
        Retain(store, store.Settings with { RetentionAge = TimeSpan.Zero, RetentionSize = used / 2, RetentionStep = 500 }, Then);
        Assert.InRange(store.Writer.Retention.UsedBytes(), used / 4, used / 2);
        Assert.InRange(store.Count("process_end"), 1, 7000);
        Assert.Equal(8000, store.Scalar("SELECT max(id) FROM process_end"));
    }

    [Fact]
    public void Texts_and_lists_that_nothing_refers_to_any_more_are_deleted_and_the_file_shrinks()
    {
        using var store = new TempStore();
        int perGeneration = 1 << StoreSchema.GenerationShift;
        // Ids begin with 1: one process less than two generations have, so that the next one begins the third.
        for (int n = 1; n < 2 * perGeneration; n += 4096)
            store.Write(Enumerable.Range(n, Math.Min(4096, 2 * perGeneration - n)).Select(WithListOfItsOwn));
        store.Write([Frames.Process(1_000_000)]);
        long before = new FileInfo(store.Path).Length;
        Assert.True(store.Count("object_list") > 1000);
        // All but the newest: everything of the first two generations.
        LocalStoreSettings settings = store.Settings with { RetentionAge = TimeSpan.Zero, RetentionSize = 64 << 10, RetentionStep = 2 * perGeneration - 1 };
        store.Writer.Retain(settings, Then);
        Retain(store, store.Settings with { RetentionAge = TimeSpan.Zero, RetentionSize = 1 << 30 }, Then);
        Assert.Equal(1, store.Count("process"));
        Assert.Equal(1, store.Count("object_list"));
        Assert.Equal(Frames.Libraries.Length, store.Count("object"));
        Assert.Equal(Frames.Libraries.Length, store.Count("object_list_item"));
        Assert.InRange(store.Count("text"), 1, 10);
        store.Database.Execute("PRAGMA wal_checkpoint(TRUNCATE)");
        Assert.True(new FileInfo(store.Path).Length < before / 2, $"{new FileInfo(store.Path).Length} of {before}");
        // What is left can be read, and what was deleted can come again.
        Assert.Equal(Frames.Process(1_000_000), ProcessInfo.Parser.ParseFrom(
            Assert.Single(store.Read(s => s.GetProcesses("JOB").ToList())).Frame.Bytes.Span[8..]));
        store.Write([WithListOfItsOwn(0)]);
        Assert.Contains(store.Read(s => s.GetProcesses("JOB").ToList()),
            p => ProcessInfo.Parser.ParseFrom(p.Frame.Bytes.Span[8..]).Equals(WithListOfItsOwn(0)));
    }

    [Fact]
    public void A_store_above_its_size_loses_the_oldest_until_it_fits()
    {
        using var store = new TempStore();
        for (int n = 0; n < 20_000; n += 2000)
            store.Write(Enumerable.Range(n, 2000).Select(i => Frames.Process(i)));
        long used = store.Writer.Retention.UsedBytes();
        Retain(store, store.Settings with { RetentionAge = TimeSpan.Zero, RetentionSize = used / 2, RetentionStep = 500 }, Then);
        Assert.InRange(store.Writer.Retention.UsedBytes(), used / 4, used / 2);
        Assert.Equal(19_999, store.Scalar("SELECT max(id) - 1 FROM process"));
        Assert.Equal(20_000 - store.Count("process") + 1, store.Scalar("SELECT min(id) FROM process"));
    }

    [Fact]
    public void Ids_of_processes_are_not_given_again_after_all_are_deleted()
    {
        using var store = new TempStore();
        store.Write([Frames.Process(1), Frames.Process(2)]);
        Retain(store, store.Settings with { RetentionAge = TimeSpan.FromSeconds(1), RetentionSize = 0 }, Then.AddDays(1));
        Assert.Equal(0, store.Count("process"));
        store.Close();
        store.Write([Frames.Process(3)]);
        Assert.Equal(3, store.Scalar("SELECT max(id) FROM process"));
    }

    private static ProcessInfo WithListOfItsOwn(int n)
    {
        ProcessInfo process = Frames.Process(n);
        process.SharedObjects.Clear();
        process.SharedObjects.Add(new SharedObject { Path = $"/scratch/{n / 4}/plugin.so" });
        return process;
    }

    private static void Retain(TempStore store, LocalStoreSettings settings, DateTimeOffset now)
    {
        int steps = 0;
        while (store.Writer.Retain(settings, now))
            Assert.True(++steps < 10_000, "retention never ends");
    }
}
