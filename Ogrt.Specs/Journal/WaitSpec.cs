using Ogrt.Journal;

namespace Ogrt.Specs.Journal;

public sealed class WaitSpec
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_reader_that_asks_for_much_is_not_woken_by_little()
    {
        using var temp = new TempJournal();
        using SegmentedJournal journal = temp.Open();
        using JournalReader patient = journal.OpenReader("patient");
        using JournalReader eager = journal.OpenReader("eager");
        Task<bool> much = patient.WaitToReadAsync(20_000, Cancelled).AsTask();
        for (var number = 0; journal.TailOffset - patient.Position < 19_000; number++)
        {
            Task<bool> any = eager.WaitToReadAsync(Cancelled).AsTask();
            journal.Append(TempJournal.Batch(number), Cancelled);
            // The patient one stands before the eager one: had it been woken, it would have been before it.
            Assert.True(await any);
            Assert.Single(TempJournal.ReadAll(eager));
            Assert.False(much.IsCompleted);
        }

        while (journal.TailOffset - patient.Position < 20_000)
            journal.Append(TempJournal.Batch(1), Cancelled);
        Assert.True(await much);
        Assert.True(await patient.WaitToReadAsync(20_000, Cancelled));
    }

    [Fact]
    public async Task A_wait_for_much_ends_when_it_is_stopped()
    {
        using var temp = new TempJournal();
        using SegmentedJournal journal = temp.Open();
        using JournalReader reader = journal.OpenReader("reader");
        reader.StopWaiting();
        Task<bool> nothing = reader.WaitToReadAsync(Cancelled).AsTask();
        Assert.False(nothing.IsCompleted);
        reader.StopWaiting();
        Assert.True(await nothing);
        Assert.False(reader.TryRead(out _));

        Task<bool> much = reader.WaitToReadAsync(1 << 20, Cancelled).AsTask();
        journal.Append(TempJournal.Batch(5), Cancelled);
        reader.StopWaiting();
        Assert.True(await much);
        Assert.Equal([5], TempJournal.ReadAll(reader));
    }

    [Fact]
    public async Task A_wait_for_much_ends_with_what_there_is_when_the_journal_is_closed()
    {
        using var temp = new TempJournal();
        SegmentedJournal journal = temp.Open();
        using JournalReader reader = journal.OpenReader("reader");
        journal.Append(TempJournal.Batch(1, 2), Cancelled);
        Task<bool> much = reader.WaitToReadAsync(1 << 20, Cancelled).AsTask();
        journal.Dispose();
        Assert.True(await much);
        Assert.Equal([1, 2], TempJournal.ReadAll(reader));
        Assert.False(await reader.WaitToReadAsync(1 << 20, Cancelled));
    }

    [Fact]
    public async Task Waits_for_much_see_all_that_is_appended_beside_them()
    {
        using var temp = new TempJournal();
        using SegmentedJournal journal = temp.Open(segmentSize: 16384, maxSize: 4 << 20);
        using JournalReader reader = journal.OpenReader("reader");
        const int Count = 20_000;
        Task appending = Task.Run(() =>
        {
            for (var number = 0; number < Count; number++)
                journal.Append(TempJournal.Batch(number), Cancelled);
        }, Cancelled);
        var read = new List<int>();
        while (read.Count < Count)
        {
            Task<bool> wait = reader.WaitToReadAsync(3000, Cancelled).AsTask();
            // The rest is less than what is asked for.
            if (await Task.WhenAny(wait, appending) == appending)
                reader.StopWaiting();
            Assert.True(await wait);
            read.AddRange(TempJournal.ReadAll(reader));
            reader.Commit(reader.Position);
        }

        await appending;
        Assert.Equal(Enumerable.Range(0, Count), read);
    }
}
