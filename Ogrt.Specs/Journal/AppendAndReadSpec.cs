using System.Net;
using Ogrt.Journal;

namespace Ogrt.Specs.Journal;

public sealed class AppendAndReadSpec
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Everything_about_a_record_comes_back_as_it_was_given()
    {
        using var temp = new TempJournal();
        using SegmentedJournal journal = temp.Open();
        using JournalReader reader = journal.OpenReader("r");
        var sender = JournalSender.FromEndPoint(new IPEndPoint(IPAddress.Parse("10.1.2.3"), 40000));
        var batch = new JournalBatch();
        batch.Add(7, long.MaxValue, sender, "hello"u8);
        batch.Add(255, -1, default, []);
        await journal.AppendAsync(batch, Cancelled);

        Assert.True(reader.TryRead(out JournalRecord first));
        Assert.Equal(7, first.Kind);
        Assert.Equal(0, first.Sequence);
        Assert.Equal(long.MaxValue, first.ArrivalUnixNs);
        Assert.Equal("10.1.2.3:40000", first.Sender.ToString());
        Assert.Equal("hello"u8, first.Payload.Span);
        Assert.True(reader.TryRead(out JournalRecord second));
        Assert.Equal(255, second.Kind);
        Assert.Equal(1, second.Sequence);
        Assert.Equal(-1, second.ArrivalUnixNs);
        Assert.True(second.Sender.IsNone);
        Assert.True(second.Payload.IsEmpty);
        Assert.Equal(first.NextOffset, second.Offset);
        Assert.Equal(journal.TailOffset, second.NextOffset);
        Assert.False(reader.TryRead(out _));
    }

    [Fact]
    public void Records_go_on_over_segments_with_offsets_that_meet()
    {
        using var temp = new TempJournal();
        using SegmentedJournal journal = temp.Open();
        using JournalReader reader = journal.OpenReader("r");
        for (var i = 0; i < 500; i++)
            journal.Append(TempJournal.Batch(i), Cancelled);

        Assert.True(journal.Statistics.Segments > 5);
        var expected = journal.HeadOffset;
        for (var i = 0; i < 500; i++)
        {
            Assert.True(reader.TryRead(out JournalRecord record));
            Assert.Equal(i, TempJournal.Number(record));
            Assert.Equal(expected, record.Offset);
            expected = record.NextOffset;
        }

        Assert.Equal(500, journal.TailSequence);
    }

    [Fact]
    public async Task A_reader_that_waits_is_woken_by_an_append()
    {
        using var temp = new TempJournal();
        using SegmentedJournal journal = temp.Open();
        using JournalReader reader = journal.OpenReader("r");
        for (var i = 0; i < 200; i++)
        {
            Task<bool> waiting = reader.WaitToReadAsync(Cancelled).AsTask();
            await journal.AppendAsync(TempJournal.Batch(i), Cancelled);
            Assert.True(await waiting.WaitAsync(TimeSpan.FromSeconds(30), Cancelled));
            Assert.True(reader.TryRead(out JournalRecord record));
            Assert.Equal(i, TempJournal.Number(record));
            Assert.False(reader.TryRead(out _));
        }
    }

    [Fact]
    public async Task A_reader_that_waits_is_told_that_the_journal_closes()
    {
        using var temp = new TempJournal();
        SegmentedJournal journal = temp.Open();
        using JournalReader reader = journal.OpenReader("r");
        Task<bool> waiting = reader.WaitToReadAsync(Cancelled).AsTask();
        await journal.DisposeAsync();
        Assert.False(await waiting.WaitAsync(TimeSpan.FromSeconds(30), Cancelled));
        Assert.Throws<ObjectDisposedException>(() => journal.Append(TempJournal.Batch(1), Cancelled));
    }

    [Fact]
    public void A_closed_journal_opens_again_without_a_warning_and_goes_on_in_the_same_segment()
    {
        using var temp = new TempJournal();
        Guid id;
        using (SegmentedJournal journal = temp.Open())
        {
            id = journal.Id;
            using JournalReader reader = journal.OpenReader("r");
            journal.Append(TempJournal.Batch(0, 1, 2), Cancelled);
            Assert.True(reader.TryRead(out JournalRecord first));
            reader.Commit(first.NextOffset);
        }

        using (SegmentedJournal journal = temp.Open())
        {
            Assert.Empty(journal.RecoveryReport.Warnings);
            Assert.Equal(id, journal.Id);
            Assert.Equal(3, journal.TailSequence);
            journal.Append(TempJournal.Batch(3), Cancelled);
            using JournalReader reader = journal.OpenReader("r");
            Assert.Equal([1, 2, 3], TempJournal.ReadAll(reader));
            Assert.Single(temp.Segments);
        }
    }
}
