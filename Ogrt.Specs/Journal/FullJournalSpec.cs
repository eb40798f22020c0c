using Ogrt.Journal;

namespace Ogrt.Specs.Journal;

/// <summary>A journal at its limit makes appenders wait, and goes on when the slowest reader does.</summary>
public sealed class FullJournalSpec
{
    private const long MaxSize = 16384;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_append_to_a_full_journal_waits_until_the_slowest_reader_lets_a_segment_go()
    {
        using var temp = new TempJournal();
        using SegmentedJournal journal = temp.Open(maxSize: MaxSize);
        using JournalReader slow = journal.OpenReader("slow");
        using JournalReader quick = journal.OpenReader("quick");
        (var filled, Task waiting) = Fill(journal);
        Assert.InRange(journal.Statistics.Size, MaxSize - 400, MaxSize);
        Assert.NotNull(journal.Statistics.FullSince);
        Assert.Equal(1, journal.Statistics.WaitingAppenders);

        Assert.Equal(filled, TempJournal.ReadAll(quick).Count);
        quick.Commit(quick.Position);
        Assert.False(waiting.IsCompleted);

        Assert.Equal(filled, TempJournal.ReadAll(slow).Count);
        slow.Commit(slow.Position);
        await waiting.WaitAsync(TimeSpan.FromSeconds(30), Cancelled);
        Assert.Equal([filled], TempJournal.ReadAll(slow));
        Assert.Null(journal.Statistics.FullSince);
        Assert.Equal(0, journal.Statistics.WaitingAppenders);
        Assert.True(journal.Statistics.ReleasedSegments > 0);
        Assert.True(journal.HeadOffset > 64);
    }

    [Fact]
    public async Task Many_times_the_limit_goes_through_a_small_journal_in_order()
    {
        using var temp = new TempJournal();
        using SegmentedJournal journal = temp.Open(maxSize: MaxSize);
        using JournalReader reader = journal.OpenReader("r");
        const int count = 3000;
        Task writer = Task.Run(() =>
        {
            for (var i = 0; i < count; i++)
                journal.Append(TempJournal.Batch(i), Cancelled);
        }, Cancelled);

        var next = 0;
        while (next < count && await reader.WaitToReadAsync(Cancelled))
        {
            while (reader.TryRead(out JournalRecord record))
            {
                Assert.Equal(next++, TempJournal.Number(record));
                reader.Commit(record.NextOffset);
            }

            Assert.InRange(journal.Statistics.Size, 0, MaxSize);
        }

        await writer;
        Assert.True(journal.Statistics.ReleasedSegments > 20);
    }

    [Fact]
    public async Task Waiting_appends_go_in_in_the_order_in_which_they_came()
    {
        using var temp = new TempJournal();
        using SegmentedJournal journal = temp.Open(maxSize: MaxSize);
        using JournalReader reader = journal.OpenReader("r");
        (var filled, Task first) = Fill(journal);
        List<Task> waiting = [first];
        for (var i = 1; i <= 50; i++)
            waiting.Add(journal.AppendAsync(TempJournal.Batch(filled + i), Cancelled).AsTask());
        Assert.Equal(51, journal.Statistics.WaitingAppenders);

        List<int> read = TempJournal.ReadAll(reader);
        reader.Commit(reader.Position);
        await Task.WhenAll(waiting).WaitAsync(TimeSpan.FromSeconds(30), Cancelled);
        read.AddRange(TempJournal.ReadAll(reader));
        Assert.Equal(Enumerable.Range(0, filled + 51), read);
    }

    [Fact]
    public async Task A_cancelled_append_leaves_nothing_and_its_batch_can_be_used_again()
    {
        using var temp = new TempJournal();
        using SegmentedJournal journal = temp.Open(maxSize: MaxSize);
        using JournalReader reader = journal.OpenReader("r");
        (var filled, Task waiting) = Fill(journal);
        using var cancellation = new CancellationTokenSource();
        JournalBatch batch = TempJournal.Batch(-5 + 100000);
        Task second = journal.AppendAsync(batch, cancellation.Token).AsTask();
        Assert.Throws<InvalidOperationException>(batch.Clear);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        batch.Clear();

        using var blocking = new CancellationTokenSource();
        Task thread = Task.Run(() => journal.Append(TempJournal.Batch(99998), blocking.Token), Cancelled);
        await Eventually.HoldsAsync(() => journal.Statistics.WaitingAppenders == 2);
        await blocking.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => thread);

        Assert.Equal(filled, TempJournal.ReadAll(reader).Count);
        reader.Commit(reader.Position);
        await waiting.WaitAsync(TimeSpan.FromSeconds(30), Cancelled);
        Assert.Equal([filled], TempJournal.ReadAll(reader));
    }

    [Fact]
    public async Task An_append_that_waits_when_the_journal_closes_fails_and_the_rest_stays()
    {
        using var temp = new TempJournal();
        SegmentedJournal journal = temp.Open(maxSize: MaxSize);
        journal.OpenReader("r").Dispose();
        (var filled, Task waiting) = Fill(journal);
        await journal.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting);
        using SegmentedJournal again = temp.Open(maxSize: MaxSize);
        using JournalReader reader = again.OpenReader("r");
        Assert.Equal(Enumerable.Range(0, filled), TempJournal.ReadAll(reader));
    }

    [Fact]
    public async Task Removing_the_slow_reader_gives_its_segments_back()
    {
        using var temp = new TempJournal();
        using SegmentedJournal journal = temp.Open(maxSize: MaxSize);
        using JournalReader reader = journal.OpenReader("r");
        JournalReader gone = journal.OpenReader("gone");
        (_, Task waiting) = Fill(journal);
        TempJournal.ReadAll(reader);
        reader.Commit(reader.Position);
        Assert.Throws<InvalidOperationException>(() => journal.RemoveReader("gone"));
        gone.Dispose();
        Assert.Equal(["gone", "r"], journal.Cursors.Select(cursor => cursor.Name).Order());
        Assert.False(waiting.IsCompleted);
        journal.RemoveReader("gone");
        await waiting.WaitAsync(TimeSpan.FromSeconds(30), Cancelled);
    }

    [Fact]
    public async Task A_full_journal_that_is_read_to_its_end_goes_on_even_when_one_segment_holds_all_of_it()
    {
        using var temp = new TempJournal();
        using SegmentedJournal journal = SegmentedJournal.Open(temp.Options(segmentSize: 8192, maxSize: MaxSize, maxRecordSize: 8000));
        using JournalReader reader = journal.OpenReader("r");
        var batch = new JournalBatch();
        batch.Add(1, 0, default, new byte[7000]);
        for (var i = 0; i < 20; i++)
        {
            Task append = journal.AppendAsync(batch, Cancelled).AsTask();
            while (reader.TryRead(out JournalRecord record))
                reader.Commit(record.NextOffset);
            await append.WaitAsync(TimeSpan.FromSeconds(30), Cancelled);
        }

        Assert.Equal(20, journal.TailSequence);
    }

    [Fact]
    public async Task The_cursors_are_on_the_disk_before_a_segment_is_deleted()
    {
        using var temp = new TempJournal();
        var files = new FaultyFiles();
        using (SegmentedJournal journal = SegmentedJournal.Open(temp.Options(maxSize: MaxSize), files))
        using (JournalReader reader = journal.OpenReader("r"))
        {
            for (var i = 0; i < 500; i++)
            {
                Task append = journal.AppendAsync(TempJournal.Batch(i), Cancelled).AsTask();
                while (reader.TryRead(out JournalRecord record))
                    reader.Commit(record.NextOffset);
                await append.WaitAsync(TimeSpan.FromSeconds(30), Cancelled);
            }
        }

        var effects = files.Effects;
        var deletions = Enumerable.Range(0, effects.Length).Where(i => effects[i].StartsWith("delete 0", StringComparison.Ordinal)).ToArray();
        Assert.NotEmpty(deletions);
        foreach (var deletion in deletions)
        {
            // Back over the other deletions of the same pass (and a segment made meanwhile): directory, rename, sync, create.
            var before = effects[..deletion].Where(e => !e.EndsWith(".segment", StringComparison.Ordinal)).TakeLast(4);
            Assert.Equal(["create cursors.tmp", "sync", "rename cursors.tmp cursors", "sync directory"], before);
        }
    }

    /// <summary>Appends until an append waits; returns how many are in the journal and the one that waits.</summary>
    private static (int Filled, Task Waiting) Fill(SegmentedJournal journal)
    {
        for (var i = 0; ; i++)
        {
            Task append = journal.AppendAsync(TempJournal.Batch(i), Cancelled).AsTask();
            if (!append.IsCompleted)
                return (i, append);
        }
    }
}
