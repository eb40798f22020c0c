using CsCheck;
using Ogrt.Journal;

namespace Ogrt.Specs.Journal;

/// <summary>Real files are damaged, byte by byte, and the journal is opened again.</summary>
public sealed class DamageSpec
{
    private const int Records = 120;
    private const int HeaderSize = 64;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>One byte of each field of a record, by its position in the record.</summary>
    public static TheoryData<string, int> Fields => new()
    {
        { "crc", 1 },
        { "length, low byte", 4 },
        { "length, high byte", 7 },
        { "sequence, low byte", 8 },
        { "sequence, high byte", 15 },
        { "arrival", 18 },
        { "sender", 30 },
        { "kind", 42 },
        { "reserved", 45 },
        { "payload, first byte", 48 },
        { "payload, last byte", -1 },
    };

    [Theory]
    [MemberData(nameof(Fields))]
    public void A_damaged_record_costs_itself_and_is_counted(string field, int position)
    {
        Assert.NotEmpty(field);
        // The last segment is read at the start, the first one by a reader: both must come to the same.
        foreach (var fromEnd in new[] { false, true })
        {
            using var temp = new TempJournal();
            List<(int Number, long Offset, int Length)> written = Write(temp);
            var file = fromEnd ? temp.Segments[^1] : temp.Segments[0];
            (var number, var at, var length) = InFile(written, file)[2];
            Damage(file, PositionIn(file, at) + (position < 0 ? 48 + length - 1 : position));

            using SegmentedJournal journal = temp.Open();
            using JournalReader reader = journal.OpenReader("r");
            Assert.Equal(Enumerable.Range(0, Records).Where(i => i != number), TempJournal.ReadAll(reader));
            Assert.Equal(1, journal.Statistics.LostRecords);
            Assert.Equal(1, journal.Statistics.CorruptRegions);
            Assert.Equal(48 + (length + 7) / 8 * 8, journal.Statistics.LostBytes);
            Assert.Equal(fromEnd, journal.RecoveryReport.Warnings.Any(w => w.Finding == RecoveryFinding.CorruptRegion));
        }
    }

    [Fact]
    public void Two_readers_that_meet_the_same_damage_count_it_once()
    {
        using var temp = new TempJournal();
        List<(int Number, long Offset, int Length)> written = Write(temp);
        Damage(temp.Segments[0], PositionIn(temp.Segments[0], written[1].Offset) + 50);
        using SegmentedJournal journal = temp.Open();
        using JournalReader one = journal.OpenReader("one");
        using JournalReader two = journal.OpenReader("two");
        Assert.Equal(TempJournal.ReadAll(one), TempJournal.ReadAll(two));
        Assert.Equal(1, journal.Statistics.LostRecords);
        Assert.Equal(1, journal.Statistics.CorruptRegions);
    }

    [Fact]
    public void A_gap_in_the_sequence_tells_a_reader_what_damage_has_cost()
    {
        using var temp = new TempJournal();
        List<(int Number, long Offset, int Length)> written = Write(temp);
        foreach (var index in new[] { 1, 2, 3 })
            Damage(temp.Segments[0], PositionIn(temp.Segments[0], written[index].Offset) + 50);
        using SegmentedJournal journal = temp.Open();
        using JournalReader reader = journal.OpenReader("r");
        Assert.True(reader.TryRead(out JournalRecord first));
        Assert.True(reader.TryRead(out JournalRecord second));
        Assert.Equal(0, first.Sequence);
        Assert.Equal(4, second.Sequence);
        Assert.Equal(written[4].Offset, second.Offset);
        Assert.Equal(3, journal.Statistics.LostRecords);
    }

    [Fact]
    public void The_damaged_last_records_of_a_finished_segment_are_counted_from_the_next_one()
    {
        using var temp = new TempJournal();
        List<(int Number, long Offset, int Length)> written = Write(temp);
        List<(int Number, long Offset, int Length)> inFirst = InFile(written, temp.Segments[0]);
        foreach ((_, var offset, _) in inFirst[^2..])
            Damage(temp.Segments[0], PositionIn(temp.Segments[0], offset) + 9);
        using SegmentedJournal journal = temp.Open();
        using JournalReader reader = journal.OpenReader("r");
        Assert.Equal(Enumerable.Range(0, Records).Except(inFirst[^2..].Select(r => r.Number)), TempJournal.ReadAll(reader));
        Assert.Equal(2, journal.Statistics.LostRecords);
    }

    [Fact]
    public void A_damaged_record_in_front_of_a_saved_cursor_is_counted()
    {
        using var temp = new TempJournal();
        List<(int Number, long Offset, int Length)> written = Write(temp);
        using (SegmentedJournal journal = temp.Open())
        using (JournalReader reader = journal.OpenReader("r"))
            reader.Commit(written[5].Offset);
        Damage(temp.Segments[0], PositionIn(temp.Segments[0], written[5].Offset) + 8);
        using (SegmentedJournal journal = temp.Open())
        using (JournalReader reader = journal.OpenReader("r"))
        {
            Assert.Equal(Enumerable.Range(6, Records - 6), TempJournal.ReadAll(reader));
            Assert.Equal(1, journal.Statistics.LostRecords);
        }
    }

    [Fact]
    public void The_last_record_cut_at_any_byte_is_cut_off_and_everything_before_it_stays()
    {
        using var temp = new TempJournal();
        List<(int Number, long Offset, int Length)> written = Write(temp);
        var name = Path.GetFileName(temp.Segments[^1]);
        var whole = new FileInfo(temp.Segments[^1]).Length;
        var last = PositionIn(temp.Segments[^1], written[^1].Offset);
        for (var length = last; length < whole; length++)
        {
            using TempJournal copy = temp.Copy();
            using (FileStream file = File.OpenWrite(Path.Combine(copy.Directory, name)))
                file.SetLength(length);
            using SegmentedJournal journal = copy.Open();
            using JournalReader reader = journal.OpenReader("r");
            Assert.Equal(Enumerable.Range(0, Records - 1), TempJournal.ReadAll(reader));
            Assert.Equal(length - last, journal.RecoveryReport.TornBytes);
            Assert.Equal(0, journal.Statistics.LostRecords);

            // It goes on behind everything that anybody can have seen.
            journal.Append(TempJournal.Batch(7000), Cancelled);
            Assert.True(reader.TryRead(out JournalRecord next));
            Assert.Equal(7000, TempJournal.Number(next));
            Assert.True(next.Offset > written[^1].Offset + 1000);
        }
    }

    [Fact]
    public void A_damaged_segment_header_costs_no_record_and_is_written_anew()
    {
        for (var index = 0; index < 3; index++)
        {
            using var temp = new TempJournal();
            Write(temp);
            var file = index == 2 ? temp.Segments[^1] : temp.Segments[index];
            var before = File.ReadAllBytes(file)[..HeaderSize];
            Damage(file, 20);
            using (SegmentedJournal journal = temp.Open())
            using (JournalReader reader = journal.OpenReader("r"))
            {
                Assert.Equal(Enumerable.Range(0, Records), TempJournal.ReadAll(reader));
                Assert.Equal(1, journal.Statistics.RepairedSegments);
                Assert.Equal(0, journal.Statistics.QuarantinedSegments);
                Assert.Equal(0, journal.Statistics.LostRecords);
            }

            Assert.Equal(before[..48], File.ReadAllBytes(file)[..48]);
            Assert.Single(Directory.GetFiles(temp.Quarantine));
            using SegmentedJournal again = temp.Open();
            using JournalReader reread = again.OpenReader("second");
            Assert.Equal(Records, TempJournal.ReadAll(reread).Count);
            Assert.Equal(0, again.Statistics.RepairedSegments);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(-1)]
    public void A_segment_with_nothing_readable_goes_to_the_quarantine_and_its_records_are_counted(int index)
    {
        using var temp = new TempJournal();
        List<(int Number, long Offset, int Length)> written = Write(temp);
        var file = index < 0 ? temp.Segments[^1] : temp.Segments[index];
        List<int> gone = InFile(written, file).ConvertAll(record => record.Number);
        var garbage = new byte[new FileInfo(file).Length];
        new Random(1).NextBytes(garbage);
        File.WriteAllBytes(file, garbage);

        using SegmentedJournal journal = temp.Open();
        using JournalReader reader = journal.OpenReader("r");
        Assert.Equal(Enumerable.Range(0, Records).Except(gone), TempJournal.ReadAll(reader));
        Assert.Equal(1, journal.Statistics.QuarantinedSegments);
        Assert.Equal(garbage, File.ReadAllBytes(Assert.Single(Directory.GetFiles(temp.Quarantine))));
        Assert.False(File.Exists(file));
        if (index >= 0)
            Assert.Equal(gone.Count, journal.Statistics.LostRecords);
        journal.Append(TempJournal.Batch(8000), Cancelled);
        Assert.Equal([8000], TempJournal.ReadAll(reader));
    }

    [Fact]
    public void A_segment_of_another_journal_goes_to_the_quarantine()
    {
        using var temp = new TempJournal();
        using var other = new TempJournal();
        Write(temp);
        Write(other);
        File.Copy(other.Segments[1], temp.Segments[1], overwrite: true);
        using SegmentedJournal journal = temp.Open();
        using JournalReader reader = journal.OpenReader("r");
        Assert.True(TempJournal.ReadAll(reader).Count is > 0 and < Records);
        Assert.Equal(1, journal.Statistics.QuarantinedSegments);
    }

    [Fact]
    public void A_segment_that_is_missing_is_counted_and_passed()
    {
        using var temp = new TempJournal();
        List<(int Number, long Offset, int Length)> written = Write(temp);
        List<int> gone = InFile(written, temp.Segments[1]).ConvertAll(record => record.Number);
        File.Delete(temp.Segments[1]);
        using SegmentedJournal journal = temp.Open();
        using JournalReader reader = journal.OpenReader("r");
        Assert.Equal(Enumerable.Range(0, Records).Except(gone), TempJournal.ReadAll(reader));
        Assert.Equal(gone.Count, journal.Statistics.LostRecords);
    }

    [Fact]
    public void A_payload_that_holds_a_copy_of_a_record_is_never_taken_for_one()
    {
        using var temp = new TempJournal();
        using (SegmentedJournal journal = temp.Open(segmentSize: 1 << 16))
            journal.Append(TempJournal.Batch(1, 2, 3), Cancelled);
        var copy = File.ReadAllBytes(temp.Segments[0])[HeaderSize..];
        long offset;
        using (SegmentedJournal journal = temp.Open(segmentSize: 1 << 16))
        {
            offset = journal.TailOffset;
            var batch = new JournalBatch();
            batch.Add(1, 1, default, copy);
            batch.Add(2, 2, default, "behind"u8);
            journal.Append(batch, Cancelled);
        }

        // With its length damaged, the payload itself is searched for records.
        Damage(temp.Segments[0], PositionIn(temp.Segments[0], offset) + 5);
        using (SegmentedJournal journal = temp.Open(segmentSize: 1 << 16))
        {
            using JournalReader reader = journal.OpenReader("r");
            reader.Seek(offset);
            Assert.True(reader.TryRead(out JournalRecord record));
            Assert.Equal("behind"u8, record.Payload.Span);
        }
    }

    [Fact]
    public void A_damaged_byte_anywhere_in_the_directory_never_keeps_the_journal_from_opening()
    {
        using var temp = new TempJournal();
        Write(temp);
        using (SegmentedJournal journal = temp.Open())
        using (JournalReader reader = journal.OpenReader("r"))
        {
            Assert.True(reader.TryRead(out JournalRecord record));
            reader.Commit(record.NextOffset);
        }

        Gen.Select(Gen.Int[0, 100], Gen.Double[0, 1], Gen.Byte[1, 255], Gen.Int[1, 64]).Sample(
            (which, where, mask, count) =>
            {
                using TempJournal copy = temp.Copy();
                var files = Directory.GetFiles(copy.Directory).Where(f => new FileInfo(f).Length > 0).Order(StringComparer.Ordinal).ToArray();
                var file = files[which % files.Length];
                var bytes = File.ReadAllBytes(file);
                var at = (int)(where * (bytes.Length - 1));
                for (var i = at; i < Math.Min(bytes.Length, at + count); i++)
                    bytes[i] ^= mask;
                File.WriteAllBytes(file, bytes);

                using SegmentedJournal journal = copy.Open();
                using JournalReader reader = journal.OpenReader("fresh");
                List<int> read = TempJournal.ReadAll(reader);
                journal.Append(TempJournal.Batch(9999), CancellationToken.None);
                Assert.Equal([9999], TempJournal.ReadAll(reader));
                // In order, and what is missing lies within the reach of the damage: 64 bytes touch at most 3 records, unless they
                // are the whole journal's id, which every record's CRC includes.
                Assert.Equal(read.Order().Distinct(), read);
                if (journal.RecoveryReport.Warnings.All(w => w.Finding != RecoveryFinding.IdentityReplaced))
                    Assert.InRange(Records - read.Count, 0, 3);
            },
            iter: 300);
    }

    private static List<(int Number, long Offset, int Length)> Write(TempJournal temp)
    {
        var written = new List<(int, long, int)>();
        using SegmentedJournal journal = temp.Open();
        for (var i = 0; i < Records; i++)
        {
            written.Add((i, journal.TailOffset, TempJournal.Payload(i).Length));
            journal.Append(TempJournal.Batch(i), Cancelled);
        }

        Assert.True(temp.Segments.Length >= 3);
        return written;
    }

    private static long BaseOf(string file) => Convert.ToInt64(Path.GetFileName(file)[..16], 16);

    private static long PositionIn(string file, long offset) => HeaderSize + offset - BaseOf(file);

    private static List<(int Number, long Offset, int Length)> InFile(List<(int Number, long Offset, int Length)> written, string file) =>
        written.FindAll(record => record.Offset >= BaseOf(file) && PositionIn(file, record.Offset) < new FileInfo(file).Length);

    private static void Damage(string file, long position)
    {
        using FileStream stream = File.Open(file, FileMode.Open);
        stream.Position = position;
        var value = stream.ReadByte();
        stream.Position = position;
        stream.WriteByte((byte)(value ^ 0x10));
    }
}
