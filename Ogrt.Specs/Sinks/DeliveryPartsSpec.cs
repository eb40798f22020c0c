using CsCheck;
using Ogrt.Sinks.DeadLetters;
using Ogrt.Sinks.Delivery;
using Ogrt.Journal;
using Ogrt.Sinks;

namespace Ogrt.Specs.Sinks;

public sealed class DeliveryPartsSpec
{
    [Fact]
    public void The_cursor_moves_over_the_contiguous_prefix_in_whatever_order_batches_complete()
    {
        Gen.Shuffle(Enumerable.Range(0, 40).ToArray()).Sample(order =>
        {
            var prefix = new CursorPrefix();
            var done = new HashSet<int>();
            long cursor = 0;
            foreach (int ordinal in order)
            {
                done.Add(ordinal);
                if (prefix.Complete(ordinal, (ordinal + 1) * 10) is { } offset)
                    cursor = offset;
                int contiguous = Enumerable.Range(0, 41).First(n => !done.Contains(n));
                Assert.Equal(contiguous * 10, cursor);
            }
        });
    }

    [Fact]
    public void A_wait_is_below_a_bound_that_doubles_up_to_the_most()
    {
        TimeSpan least = TimeSpan.FromMilliseconds(100), most = TimeSpan.FromSeconds(30);
        Assert.Equal([100.0, 200, 400, 800], Enumerable.Range(1, 4).Select(n => Backoff.Bound(least, most, n).TotalMilliseconds));
        Assert.Equal(most, Backoff.Bound(least, most, int.MaxValue));
        Gen.Select(Gen.Int[1, 1000], Gen.Int[0, 60_000], Gen.Int).Sample((failures, asked, seed) =>
        {
            TimeSpan wait = Backoff.Next(least, most, failures, TimeSpan.FromMilliseconds(asked), new Random(seed));
            Assert.True(wait >= TimeSpan.FromMilliseconds(asked));
            Assert.True(wait <= most || wait == TimeSpan.FromMilliseconds(asked));
        });
    }

    [Fact]
    public void A_dead_letter_is_read_as_it_was_written()
    {
        var gen = Gen.Select(Gen.Byte, Gen.Long, Gen.Int, Gen.Int, Gen.String[0, 40], Gen.String[0, 200], Gen.Byte.Array[0, 300]);
        gen.Sample((kind, number, status, attempts, reason, detail, original) =>
        {
            // Half a surrogate pair is no text that a target could have sent.
            reason = reason.Replace("\uFFFD", "", StringComparison.Ordinal).Normalized();
            detail = detail.Normalized();
            var letter = new DeadLetter(kind, number, default, number + 1, number + 2, status, attempts, number + 3, reason, detail, original);
            var output = new BatchBuffer();
            letter.Write(output);
            JournalRecord record = Frames.Record(DeadLetter.RecordKind, output.Slice(0, output.Length).ToArray(), arrival: number);
            Assert.True(DeadLetter.TryRead(record, out DeadLetter? read));
            Assert.Equal(letter with { Original = default }, read! with { Original = default });
            Assert.Equal(original, read.Original.ToArray());
        });
    }

    [Fact]
    public void Bytes_that_are_no_dead_letter_are_not_taken_for_one()
    {
        Gen.Byte.Array[0, 60].Sample(bytes =>
        {
            if (DeadLetter.TryRead(Frames.Record(DeadLetter.RecordKind, bytes), out DeadLetter? letter))
                Assert.True(letter!.Original.Length < bytes.Length);
        });
        Assert.False(DeadLetter.TryRead(Frames.Record(1, new byte[100]), out _));
    }

    [Fact]
    public void An_attempt_is_one_piece_of_memory_while_its_items_lie_together()
    {
        SinkAttempt all = Frames.Attempt([Frames.Record(1, [1, 2]), Frames.Record(1, [3]), Frames.Record(1, [4, 5])]);
        Assert.True(all.TryGetWhole(out ReadOnlyMemory<byte> whole));
        Assert.Equal([1, 2, 3, 4, 5], whole.ToArray());
        Assert.True(new SinkAttempt(all.Batch, [1, 2], 1).TryGetWhole(out whole));
        Assert.Equal([3, 4, 5], whole.ToArray());
        Assert.False(new SinkAttempt(all.Batch, [0, 2], 1).TryGetWhole(out _));
    }

    [Fact]
    public void A_batch_that_is_used_again_has_nothing_of_its_last_use()
    {
        var pool = new BatchPool(1 << 10, 1 << 20);
        SinkBatch batch = pool.Rent();
        JournalRecord record = Frames.Record(1, [1, 2, 3]);
        batch.Cover(record);
        batch.Output.Write("encoded"u8);
        batch.Add(record, 5, 0);
        batch.Refuse(record, "why");
        pool.Return(batch);
        Assert.Equal(0, pool.Outside);
        SinkBatch again = pool.Rent();
        Assert.Same(batch, again);
        Assert.Equal((0, 0, 0L, 0L, 0, 0), (again.Count, again.Covered, again.EncodedBytes, again.NextOffset, again.Output.Length, again.Refused.Count));
    }
}
