using System.Buffers.Binary;
using CsCheck;
using Ogrt.Journal;

namespace Ogrt.Specs.Journal;

public sealed class TailMemorySpec
{
    private const long Memory = 1 << 20;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public void Readers_that_keep_up_do_not_read_the_file()
    {
        using var temp = new TempJournal();
        using SegmentedJournal journal = Open(temp);
        using JournalReader one = journal.OpenReader("one");
        using JournalReader two = journal.OpenReader("two");
        for (var number = 0; number < 5000; number++)
        {
            journal.Append(TempJournal.Batch(number), Cancelled);
            // Whoever reads the file finds nothing good there any more.
            Damage(temp, journal);
            if (number % 7 != 0)
                continue;
            TempJournal.ReadAll(one);
            TempJournal.ReadAll(two);
        }

        Assert.Equal([4999], TempJournal.ReadAll(one)[^1..]);
        Assert.Equal([4999], TempJournal.ReadAll(two)[^1..]);
        Assert.Equal(0, journal.Statistics.CorruptRegions);
        // Others do read it.
        Assert.False(journal.TryReadAt(journal.HeadOffset, out _));
    }

    [Fact]
    public void What_is_too_old_for_the_memory_comes_from_the_file_and_the_rest_from_memory()
    {
        using var temp = new TempJournal();
        using SegmentedJournal journal = Open(temp);
        using JournalReader reader = journal.OpenReader("reader");
        const int Count = 40_000;
        for (var number = 0; number < Count; number++)
            journal.Append(TempJournal.Batch(number), Cancelled);
        Assert.True(journal.TailOffset > 3 * Memory);
        Assert.Equal(Enumerable.Range(0, Count), TempJournal.ReadAll(reader));
        reader.Seek(0);
        Assert.Equal(Enumerable.Range(0, Count), TempJournal.ReadAll(reader));
    }

    [Fact]
    public void A_record_stays_as_it_was_until_the_next_read_whatever_is_appended()
    {
        using var temp = new TempJournal();
        using SegmentedJournal journal = Open(temp);
        using JournalReader reader = journal.OpenReader("reader");
        for (var number = 0; number < 100; number++)
            journal.Append(TempJournal.Batch(number), Cancelled);
        Assert.True(reader.TryRead(out JournalRecord first));
        for (var number = 100; journal.TailOffset < 3 * Memory; number++)
            journal.Append(TempJournal.Batch(number), Cancelled);
        Assert.Equal(0, TempJournal.Number(first));
        Assert.Equal(1, TempJournal.ReadAll(reader)[0]);
    }

    [Fact]
    public void A_payload_that_looks_like_a_record_is_none_wherever_a_reader_is_sent()
    {
        using var temp = new TempJournal();
        using SegmentedJournal journal = Open(temp);
        using JournalReader reader = journal.OpenReader("reader");
        var payload = new byte[400];
        for (var at = 0; at + RecordHeader.Size < payload.Length; at += RecordHeader.Alignment * 8)
        {
            RecordHeader.WriteUnplaced(payload.AsSpan(at), 8, 1, default, 1);
            BinaryPrimitives.WriteInt64LittleEndian(payload.AsSpan(at + 8), 1);
        }

        var batch = new JournalBatch();
        batch.Add(1, 1000, default, payload);
        batch.Add(1, 1000, default, TempJournal.Payload(0));
        journal.Append(batch, Cancelled);
        Assert.True(reader.TryRead(out JournalRecord first));
        var end = first.NextOffset;
        for (long offset = 0; offset <= end; offset += RecordHeader.Alignment)
        {
            reader.Seek(offset);
            Assert.True(reader.TryRead(out JournalRecord found));
            Assert.Equal(offset <= first.Offset ? first.Offset : end, found.Offset);
        }
    }

    [Fact]
    public void A_batch_that_is_larger_than_a_chunk_is_read_from_the_file()
    {
        using var temp = new TempJournal();
        using SegmentedJournal journal = SegmentedJournal.Open(temp.Options(segmentSize: 1 << 24, maxSize: 1 << 26, maxRecordSize: 1 << 20, tailMemory: Memory));
        using JournalReader reader = journal.OpenReader("reader");
        JournalBatch large = journal.CreateBatch();
        large.Add(2, 5, default, new byte[TailChunk.Size]);
        for (var number = 0; number < 5; number++)
        {
            journal.Append(TempJournal.Batch(number), Cancelled);
            journal.Append(large, Cancelled);
        }

        for (var number = 0; number < 5; number++)
        {
            Assert.True(reader.TryRead(out JournalRecord small));
            Assert.Equal(number, TempJournal.Number(small));
            Assert.True(reader.TryRead(out JournalRecord big));
            Assert.Equal((2, TailChunk.Size), (big.Kind, big.Payload.Length));
        }
    }

    [Fact]
    public void The_ring_takes_no_more_memory_when_it_has_gone_round()
    {
        using var temp = new TempJournal();
        // Segments that are never left: a new one allocates.
        using SegmentedJournal journal = SegmentedJournal.Open(temp.Options(segmentSize: 1 << 25, maxSize: 1 << 26, tailMemory: Memory));
        using JournalReader reader = journal.OpenReader("reader");
        JournalBatch batch = journal.CreateBatch();
        var payload = new byte[2109];
        void AppendAndRead()
        {
            batch.Clear();
            for (var i = 0; i < 32; i++)
                batch.Add(1, i, default, payload);
            journal.Append(batch, Cancelled);
            while (reader.TryRead(out _))
            {
            }
        }

        while (journal.TailOffset < 2 * Memory)
            AppendAndRead();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
            AppendAndRead();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void A_chunk_that_a_reader_keeps_costs_no_other_one()
    {
        var memory = new TailMemory(Memory);
        var bytes = new byte[4096];
        long offset = 0;
        void Round()
        {
            for (var length = 0; length < Memory; length += bytes.Length, offset += bytes.Length)
                memory.Append(offset, bytes);
        }

        Round();
        TailChunk kept = memory.TryLease(offset - bytes.Length)!;
        var begin = kept.Begin;
        var before = GC.GetAllocatedBytesForCurrentThread();
        Round();
        Round();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(begin, kept.Begin);
        kept.Return();
        Round();
        Assert.NotEqual(begin, kept.Begin);
    }

    [Fact]
    public void A_chunk_is_used_again_only_without_leases_and_holds_what_it_was_given() =>
        Gen.Select(Gen.Int[1, 60_000].Array[1, 60], Gen.Int[0, 60].Array[0, 20]).Sample(
            (sizes, leases) =>
            {
                var memory = new TailMemory(Memory);
                var held = new List<(TailChunk Chunk, long Offset, int Length)>();
                long offset = 4096;
                for (var n = 0; n < sizes.Length; n++)
                {
                    var bytes = new byte[sizes[n]];
                    Fill(bytes, offset);
                    memory.Append(offset, bytes);
                    if (leases.Contains(n))
                        held.Add((memory.TryLease(offset)!, offset, bytes.Length));
                    Assert.Null(memory.TryLease(offset + bytes.Length));
                    offset += bytes.Length;
                }

                foreach ((TailChunk chunk, var begin, var length) in held)
                {
                    Assert.True(chunk.Holds(begin) && chunk.Holds(begin + length - 1));
                    var expected = new byte[length];
                    Fill(expected, begin);
                    Assert.Equal(expected, chunk.Bytes.AsSpan((int)(begin - chunk.Begin), length));
                    Assert.False(chunk.TryTake());
                    chunk.Return();
                }
            }, iter: 300);

    private static SegmentedJournal Open(TempJournal temp) =>
        SegmentedJournal.Open(temp.Options(segmentSize: 1 << 16, maxSize: 1 << 26, tailMemory: Memory));

    // The last byte of the last record's CRC; a record without a good one is passed over.
    private static void Damage(TempJournal temp, SegmentedJournal journal)
    {
        using FileStream file = File.Open(temp.Segments[^1], FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        file.Position = file.Length - (journal.TailOffset - LastOffset(journal)) + 3;
        var was = file.ReadByte();
        file.Position--;
        file.WriteByte((byte)~was);
    }

    private static long LastOffset(SegmentedJournal journal) => journal.TailOffset - RecordHeader.TotalSize(TempJournal.Payload((int)journal.TailSequence - 1).Length);

    private static void Fill(Span<byte> bytes, long offset)
    {
        for (var i = 0; i < bytes.Length; i++)
            bytes[i] = (byte)((offset + i) * 31 >> 3);
    }
}
