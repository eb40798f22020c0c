using System.Text;
using Ogrt.Journal;

namespace Ogrt.Specs.Journal;

/// <summary>Those who only look hold nothing, miss what they are too slow for, and take nothing for damage.</summary>
public sealed class TailReaderSpec : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ogrt-");

    public void Dispose() => _folder.Delete(recursive: true);

    private SegmentedJournal Open() => SegmentedJournal.Open(new JournalOptions { Directory = _folder.FullName, SegmentSize = 256 << 10, MaxSize = 4 << 20, MaxRecordSize = 64 << 10 });

    private static void Append(SegmentedJournal journal, int count, int size = 100)
    {
        for (int i = 0; i < count; i++)
        {
            JournalBatch batch = journal.CreateBatch();
            batch.Add(1, i + 1, default, Encoding.ASCII.GetBytes(new string((char)('a' + (i % 26)), size)));
            journal.Append(batch, TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task It_sees_what_comes_and_not_what_was_there()
    {
        using SegmentedJournal journal = Open();
        Append(journal, 3);
        using JournalReader tail = journal.OpenTail();
        Assert.False(tail.TryRead(out _));
        ValueTask<bool> wait = tail.WaitToReadAsync(TestContext.Current.CancellationToken);
        Append(journal, 2);
        Assert.True(await wait);
        Assert.True(tail.TryRead(out JournalRecord record));
        Assert.Equal(3, record.Sequence);
        Assert.Equal(1, tail.SkipToEnd());
        Assert.False(tail.TryRead(out _));
        Assert.Empty(journal.Cursors);
    }

    [Fact]
    public async Task No_segment_waits_for_it_and_being_overtaken_is_no_damage()
    {
        using SegmentedJournal journal = Open();
        using JournalReader reader = journal.OpenReader("jobs");
        using JournalReader tail = journal.OpenTail();
        Append(journal, 1);
        Assert.True(tail.TryRead(out _));
        // Eight times what the journal may hold passes while it does not read.
        for (int round = 0; round < 8; round++)
        {
            Append(journal, 60, size: 60_000);
            while (reader.TryRead(out JournalRecord record)) reader.Commit(record.NextOffset);
        }
        long start = Environment.TickCount64;
        while (journal.Statistics.ReleasedSegments == 0)
        {
            Assert.True(Environment.TickCount64 - start < 30_000, "No segment was given up.");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
        Assert.True(tail.TryRead(out JournalRecord next));
        Assert.True(next.Sequence > 1);
        while (tail.TryRead(out next))
        {
        }
        Assert.Equal((0, 0, 0), (journal.Statistics.LostRecords, journal.Statistics.LostBytes, journal.Statistics.CorruptRegions));
        Assert.Equal(["jobs"], journal.Cursors.Select(c => c.Name));
    }

    [Fact]
    public void It_has_no_cursor_to_move()
    {
        using SegmentedJournal journal = Open();
        Append(journal, 1);
        using JournalReader tail = journal.OpenTail();
        Assert.Throws<InvalidOperationException>(() => tail.Commit(journal.TailOffset));
        tail.Dispose();
        using JournalReader again = journal.OpenTail();
        Assert.Empty(journal.Cursors);
    }
}
