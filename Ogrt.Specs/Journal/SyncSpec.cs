using Ogrt.Journal;

namespace Ogrt.Specs.Journal;

/// <summary>What each policy promises, and what happens when the disk refuses.</summary>
public sealed class SyncSpec
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Appenders_that_wait_for_the_disk_share_a_sync()
    {
        using var temp = new TempJournal();
        using var gate = new ManualResetEventSlim(true);
        var files = new FaultyFiles();
        files.OnSync = () =>
        {
            gate.Wait();
            return null;
        };
        using SegmentedJournal journal = SegmentedJournal.Open(temp.Options(segmentSize: 1 << 18, sync: SyncPolicy.Always), files);
        await journal.AppendAsync(TempJournal.Batch(0), Cancelled);
        gate.Reset();
        var appends = Enumerable.Range(1, 200).Select(i => journal.AppendAsync(TempJournal.Batch(i), Cancelled).AsTask()).ToList();
        Assert.DoesNotContain(appends, append => append.IsCompleted);
        using JournalReader reader = journal.OpenReader("r");
        Assert.Equal(201, TempJournal.ReadAll(reader).Count);

        var before = journal.Statistics.Syncs;
        gate.Set();
        await Task.WhenAll(appends).WaitAsync(TimeSpan.FromSeconds(30), Cancelled);
        // One that was under way or began with the first of them, and one for all the others.
        Assert.InRange(journal.Statistics.Syncs - before, 1, 3);
        Assert.Equal(0, journal.Statistics.UnsyncedBytes);
    }

    [Fact]
    public async Task With_an_interval_an_append_does_not_wait_and_is_synced_soon()
    {
        using var temp = new TempJournal();
        using var gate = new ManualResetEventSlim(false);
        var files = new FaultyFiles();
        files.OnSync = () =>
        {
            gate.Wait();
            return null;
        };
        gate.Set();
        using SegmentedJournal journal = SegmentedJournal.Open(temp.Options(), files);
        gate.Reset();
        for (var i = 0; i < 200; i++)
            Assert.True(journal.AppendAsync(TempJournal.Batch(i), Cancelled).AsTask().IsCompletedSuccessfully);
        Assert.True(journal.Statistics.UnsyncedBytes > 0);
        gate.Set();
        await Eventually.HoldsAsync(() => journal.Statistics.UnsyncedBytes == 0);
    }

    [Fact]
    public void Without_syncs_nothing_is_synced_until_a_segment_is_given_up()
    {
        using var temp = new TempJournal();
        var files = new FaultyFiles();
        using SegmentedJournal journal = SegmentedJournal.Open(temp.Options(sync: SyncPolicy.Never), files);
        using JournalReader reader = journal.OpenReader("r");
        var atStart = files.Syncs;
        for (var i = 0; i < 200; i++)
            journal.Append(TempJournal.Batch(i), Cancelled);
        Assert.Equal(200, TempJournal.ReadAll(reader).Count);
        Assert.Equal(atStart, files.Syncs);
        Assert.Equal(0, journal.Statistics.Syncs);
    }

    [Fact]
    public async Task What_a_failed_sync_did_not_cover_is_written_again_elsewhere_and_nothing_is_lost()
    {
        using var temp = new TempJournal();
        var fail = 0;
        var files = new FaultyFiles();
        files.OnSync = () => Interlocked.Exchange(ref fail, 0) == 1 ? new IOException("Input/output error") : null;
        using (SegmentedJournal journal = SegmentedJournal.Open(temp.Options(sync: SyncPolicy.Always), files))
        {
            using JournalReader follower = journal.OpenReader("follower");
            var read = new List<int>();
            for (var i = 0; i < 200; i++)
            {
                if (i % 7 == 3)
                    Volatile.Write(ref fail, 1);
                await journal.AppendAsync(TempJournal.Batch(i), Cancelled);
                read.AddRange(TempJournal.ReadAll(follower));
            }

            Assert.Equal(Enumerable.Range(0, 200), read);
            Assert.InRange(journal.Statistics.SyncFailures, 10, 40);
            Assert.Null(journal.Statistics.SyncFailingSince);
            Assert.Equal("Input/output error", journal.Statistics.LastError);
            Assert.Equal(0, journal.Statistics.CorruptRegions);
        }

        using SegmentedJournal again = temp.Open();
        Assert.Empty(again.RecoveryReport.Warnings);
        using JournalReader reader = again.OpenReader("new");
        Assert.Equal(Enumerable.Range(0, 200), TempJournal.ReadAll(reader));
        Assert.Equal(0, again.Statistics.LostRecords);
    }

    [Fact]
    public async Task While_no_sync_succeeds_no_append_is_confirmed_and_no_cursor_is_saved()
    {
        using var temp = new TempJournal();
        var broken = false;
        var files = new FaultyFiles();
        files.OnSync = () => Volatile.Read(ref broken) ? new IOException("Input/output error") : null;
        using SegmentedJournal journal = SegmentedJournal.Open(temp.Options(sync: SyncPolicy.Always), files);
        using JournalReader reader = journal.OpenReader("r");
        await journal.AppendAsync(TempJournal.Batch(0), Cancelled);
        await Eventually.HoldsAsync(() => File.ReadAllText(temp.Cursors).Contains("64 0 r", StringComparison.Ordinal));
        Volatile.Write(ref broken, true);
        Task append = journal.AppendAsync(TempJournal.Batch(1), Cancelled).AsTask();
        await Eventually.HoldsAsync(() => journal.Statistics.SyncFailingSince is not null);
        Assert.Equal([0, 1], TempJournal.ReadAll(reader));
        reader.Commit(reader.Position);
        var failures = journal.Statistics.SyncFailures;
        await Eventually.HoldsAsync(() => journal.Statistics.SyncFailures > failures + 3);
        Assert.False(append.IsCompleted);
        Assert.Contains("64 0 r", await File.ReadAllTextAsync(temp.Cursors, Cancelled), StringComparison.Ordinal);

        Volatile.Write(ref broken, false);
        await append.WaitAsync(TimeSpan.FromSeconds(30), Cancelled);
        await Eventually.HoldsAsync(() => journal.Statistics.SyncFailingSince is null);
        await Eventually.HoldsAsync(() => File.ReadAllText(temp.Cursors).Contains($"{reader.Position} 2 r", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_write_that_fails_half_way_leaves_nothing_and_is_tried_again()
    {
        using var temp = new TempJournal();
        var failures = 0;
        var files = new FaultyFiles();
        files.OnWrite = () => Interlocked.Decrement(ref failures) >= 0 ? new IOException("No space left on device") : null;
        using SegmentedJournal journal = SegmentedJournal.Open(temp.Options(), files);
        using JournalReader reader = journal.OpenReader("r");
        for (var i = 0; i < 100; i++)
        {
            if (i % 10 == 5)
                Volatile.Write(ref failures, 3);
            await journal.AppendAsync(TempJournal.Batch(i, i), Cancelled).AsTask().WaitAsync(TimeSpan.FromSeconds(30), Cancelled);
        }

        Assert.Equal(Enumerable.Range(0, 100).SelectMany(i => new[] { i, i }), TempJournal.ReadAll(reader));
        Assert.Equal(0, journal.Statistics.CorruptRegions);
        Assert.InRange(journal.Statistics.WriteFailures, 10, 30);
        Assert.Null(journal.Statistics.DiskFullSince);
    }

    [Fact]
    public async Task A_disk_that_has_no_room_for_a_new_segment_makes_appenders_wait_also_right_after_the_start()
    {
        using var temp = new TempJournal();
        var full = true;
        var files = new FaultyFiles();
        files.OnCreate = () => Volatile.Read(ref full) ? new IOException("No space left on device") : null;
        using (temp.Open())
        {
            // The identity exists; from now on the disk is full.
        }

        using SegmentedJournal journal = SegmentedJournal.Open(temp.Options(), files);
        Task async = journal.AppendAsync(TempJournal.Batch(0), Cancelled).AsTask();
        Task blocking = Task.Run(() => journal.Append(TempJournal.Batch(1), Cancelled), Cancelled);
        await Eventually.HoldsAsync(() => journal.Statistics is { WaitingAppenders: 2, DiskFullSince: not null, WriteFailures: > 3 });
        Assert.False(async.IsCompleted || blocking.IsCompleted);
        Volatile.Write(ref full, false);
        await Task.WhenAll(async, blocking).WaitAsync(TimeSpan.FromSeconds(30), Cancelled);
        using JournalReader reader = journal.OpenReader("r");
        Assert.Equal([0, 1], TempJournal.ReadAll(reader));
        Assert.Null(journal.Statistics.DiskFullSince);
    }
}
