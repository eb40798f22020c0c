using Ogrt.Journal;

namespace Ogrt.Specs.Journal;

public sealed class LookupSpec
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public void Each_record_is_found_by_its_offset_until_it_is_given_up()
    {
        using var temp = new TempJournal();
        using SegmentedJournal journal = temp.Open(segmentSize: 4096);
        using JournalReader reader = journal.OpenReader("reader");
        for (var number = 0; number < 300; number++)
            journal.Append(TempJournal.Batch(number), Cancelled);
        var records = new List<(long Offset, long Next, long Sequence)>();
        while (reader.TryRead(out JournalRecord record))
            records.Add((record.Offset, record.NextOffset, record.Sequence));
        Assert.Equal(300, records.Count);
        Assert.True(temp.Segments.Length > 3);
        for (var number = 299; number >= 0; number--)
        {
            Assert.True(journal.TryReadAt(records[number].Offset, out JournalRecord record));
            Assert.Equal(number, TempJournal.Number(record));
            Assert.Equal(records[number], (record.Offset, record.NextOffset, record.Sequence));
        }
    }

    [Fact]
    public async Task What_every_reader_has_passed_is_not_found()
    {
        using var temp = new TempJournal();
        using SegmentedJournal journal = temp.Open(segmentSize: 4096);
        using JournalReader reader = journal.OpenReader("reader");
        for (var number = 0; number < 300; number++)
            journal.Append(TempJournal.Batch(number), Cancelled);
        var first = journal.HeadOffset;
        Assert.True(journal.TryReadAt(first, out JournalRecord record));
        Assert.Equal(0, TempJournal.Number(record));
        while (reader.TryRead(out _))
            reader.Commit(reader.Position);
        await Eventually.HoldsAsync(() => !journal.TryReadAt(first, out _));
        Assert.False(journal.TryReadAt(-8, out _));
        Assert.False(journal.TryReadAt(journal.TailOffset, out _));
        Assert.False(journal.TryReadAt(long.MaxValue, out _));
    }

    [Fact]
    public void Neither_a_damaged_record_nor_a_place_inside_of_one_is_a_record()
    {
        using var temp = new TempJournal();
        using SegmentedJournal journal = temp.Open(segmentSize: 65536);
        using JournalReader reader = journal.OpenReader("reader");
        journal.Append(TempJournal.Batch(50, 51, 52), Cancelled);
        Assert.True(reader.TryRead(out JournalRecord first));
        Assert.True(reader.TryRead(out JournalRecord second));
        for (var offset = first.Offset + 1; offset < second.Offset; offset++)
            Assert.False(journal.TryReadAt(offset, out _));
        using (FileStream file = File.Open(Assert.Single(temp.Segments), FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite))
        {
            file.Position = file.Length - (journal.TailOffset - second.Offset) + 60;
            file.WriteByte(0xee);
        }

        Assert.False(journal.TryReadAt(second.Offset, out _));
        Assert.True(journal.TryReadAt(first.Offset, out _));
        Assert.True(journal.TryReadAt(second.NextOffset, out _));
    }

    [Fact]
    public void A_segment_that_is_gone_has_no_records()
    {
        using var temp = new TempJournal();
        using SegmentedJournal journal = temp.Open();
        journal.Append(TempJournal.Batch(1), Cancelled);
        Assert.True(journal.TryReadAt(journal.HeadOffset, out _));
        File.Delete(Assert.Single(temp.Segments));
        Assert.False(journal.TryReadAt(journal.HeadOffset, out _));
    }
}
