using System.Buffers.Binary;
using Ogrt.Journal;

namespace Ogrt.Specs.Journal;

public sealed class ConcurrencySpec
{
    private const int Appenders = 6;
    private const int PerAppender = 4000;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(SyncPolicy.Interval, 0)]
    [InlineData(SyncPolicy.Interval, 1 << 20)]
    [InlineData(SyncPolicy.Always, 0)]
    public async Task Each_appenders_records_stay_in_order_for_every_reader_while_all_run_at_once(SyncPolicy sync, long tailMemory)
    {
        var count = sync == SyncPolicy.Always ? PerAppender / 10 : PerAppender;
        using var temp = new TempJournal();
        using SegmentedJournal journal = SegmentedJournal.Open(temp.Options(segmentSize: 16384, maxSize: 131072, sync: sync, tailMemory: tailMemory));
        List<Task> readers = [.. Enumerable.Range(0, 3).Select(i => journal.OpenReader("r" + i)).ToList().Select(reader => Task.Run(() => ReadAsync(reader, count), Cancelled))];
        List<Task> appenders = [.. Enumerable.Range(0, Appenders).Select(i => Task.Run(() => AppendAsync(journal, i, count), Cancelled))];
        await Task.WhenAll(appenders);
        await Task.WhenAll(readers);
        Assert.Equal(Appenders * count, journal.TailSequence);
        Assert.Equal(0, journal.Statistics.CorruptRegions);
        Assert.True(journal.Statistics.ReleasedSegments > 0);
    }

    private static async Task AppendAsync(SegmentedJournal journal, int appender, int count)
    {
        var batch = new JournalBatch();
        var payload = new byte[200];
        for (var number = 0; number < count;)
        {
            batch.Clear();
            for (var i = 0; i <= (number + appender) % 5 && number < count; i++)
            {
                BinaryPrimitives.WriteInt32LittleEndian(payload, appender);
                BinaryPrimitives.WriteInt32LittleEndian(payload.AsSpan(4), number++);
                batch.Add(1, 1, default, payload.AsSpan(0, 8 + number % 190));
            }

            if (appender % 2 == 0)
                await journal.AppendAsync(batch, Cancelled);
            else
                journal.Append(batch, Cancelled);
        }
    }

    private static async Task ReadAsync(JournalReader reader, int count)
    {
        var next = new int[Appenders];
        var expected = 0L;
        while (expected < Appenders * count && await reader.WaitToReadAsync(Cancelled))
        {
            while (reader.TryRead(out JournalRecord record))
            {
                Assert.Equal(expected++, record.Sequence);
                var appender = BinaryPrimitives.ReadInt32LittleEndian(record.Payload.Span);
                Assert.Equal(next[appender]++, BinaryPrimitives.ReadInt32LittleEndian(record.Payload.Span[4..]));
                reader.Commit(record.NextOffset);
            }
        }

        Assert.All(next, number => Assert.Equal(count, number));
    }
}
