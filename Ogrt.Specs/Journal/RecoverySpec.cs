using Ogrt.Journal;

namespace Ogrt.Specs.Journal;

/// <summary>What a start does with each state that a crash, an operator or a broken disk can leave.</summary>
public sealed class RecoverySpec
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public void A_start_reads_only_the_last_segment_however_many_there_are()
    {
        foreach (var records in new[] { 100, 3000 })
        {
            using var temp = new TempJournal();
            using (SegmentedJournal journal = temp.Open())
            {
                for (var i = 0; i < records; i++)
                    journal.Append(TempJournal.Batch(i), Cancelled);
            }

            var files = new CountingFiles();
            using (SegmentedJournal journal = SegmentedJournal.Open(temp.Options(), files))
            {
                Assert.Equal(temp.Segments.Length, journal.RecoveryReport.Segments);
                Assert.Equal(1, journal.RecoveryReport.ScannedSegments);
                Assert.InRange(journal.RecoveryReport.ScannedBytes, 1, 2 * 4096);
                Assert.Equal([temp.Segments[^1]], files.OpenedForReading);
                Assert.Equal(records, journal.TailSequence);
            }
        }
    }

    [Fact]
    public void After_a_crash_the_journal_goes_on_at_offsets_that_nobody_can_have_seen()
    {
        using var temp = new TempJournal();
        using SegmentedJournal before = temp.Open();
        before.Append(TempJournal.Batch(0, 1, 2), Cancelled);
        using TempJournal crashed = temp.Copy();
        before.Append(TempJournal.Batch(3, 4), Cancelled); // What a power failure takes, after somebody has read it.

        using SegmentedJournal after = crashed.Open();
        Assert.Equal(RecoveryFinding.UncleanEnd, after.RecoveryReport.Warnings[0].Finding);
        Assert.Equal(before.Id, after.Id);
        Assert.Equal(3, after.TailSequence);
        Assert.True(after.TailOffset > before.TailOffset);
        using JournalReader reader = after.OpenReader("r");
        Assert.Equal([0, 1, 2], TempJournal.ReadAll(reader));
        after.Append(TempJournal.Batch(5), Cancelled);
        Assert.Equal([5], TempJournal.ReadAll(reader));
        Assert.Equal(0, after.Statistics.LostRecords);
    }

    [Fact]
    public void The_distance_after_a_crash_is_no_lag_and_takes_no_room()
    {
        using var temp = new TempJournal();
        using SegmentedJournal before = temp.Open();
        before.Append(TempJournal.Batch(0), Cancelled);
        using TempJournal crashed = temp.Copy();
        using SegmentedJournal after = crashed.Open();
        using JournalReader reader = after.OpenReader("r");
        after.Append(TempJournal.Batch(1), Cancelled);
        Assert.True(after.TailOffset - after.HeadOffset > 1 << 20);
        Assert.InRange(reader.LagBytes, 100, 300);
        Assert.Equal(2, reader.LagRecords);
        Assert.InRange(after.Statistics.Size, 200, 500);
    }

    [Fact]
    public void A_clean_end_after_a_crash_without_an_append_is_clean()
    {
        using var temp = new TempJournal();
        using SegmentedJournal before = temp.Open();
        before.Append(TempJournal.Batch(0), Cancelled);
        using TempJournal crashed = temp.Copy();
        long tail;
        using (SegmentedJournal journal = crashed.Open())
            tail = journal.TailOffset;
        using (SegmentedJournal journal = crashed.Open())
        {
            Assert.Empty(journal.RecoveryReport.Warnings);
            Assert.Equal(tail, journal.TailOffset);
            using JournalReader reader = journal.OpenReader("r");
            journal.Append(TempJournal.Batch(1), Cancelled);
            Assert.Equal([0, 1], TempJournal.ReadAll(reader));
        }
    }

    [Fact]
    public void A_missing_cursor_file_makes_every_reader_start_at_the_oldest_record()
    {
        using TempJournal temp = WithCursor(out _);
        File.Delete(temp.Cursors);
        using SegmentedJournal journal = temp.Open();
        Assert.Equal(RecoveryFinding.CursorsMissing, Assert.Single(journal.RecoveryReport.Warnings).Finding);
        using JournalReader known = journal.OpenReader("r");
        using JournalReader unknown = journal.OpenReader("new", JournalStart.Newest);
        Assert.Equal([0, 1, 2, 3], TempJournal.ReadAll(known));
        Assert.Equal([0, 1, 2, 3], TempJournal.ReadAll(unknown));
    }

    [Fact]
    public void A_damaged_cursor_file_makes_every_reader_start_at_the_oldest_record()
    {
        using TempJournal temp = WithCursor(out _);
        var content = File.ReadAllBytes(temp.Cursors);
        foreach (var position in Enumerable.Range(0, content.Length))
        {
            using TempJournal copy = temp.Copy();
            var damaged = (byte[])content.Clone();
            damaged[position] ^= 1;
            File.WriteAllBytes(copy.Cursors, damaged);
            using SegmentedJournal journal = copy.Open();
            Assert.Equal(RecoveryFinding.CursorsDamaged, Assert.Single(journal.RecoveryReport.Warnings).Finding);
            using JournalReader reader = journal.OpenReader("r");
            Assert.Equal([0, 1, 2, 3], TempJournal.ReadAll(reader));
            Assert.Equal(damaged, File.ReadAllBytes(Assert.Single(Directory.GetFiles(copy.Quarantine))));
        }
    }

    [Fact]
    public void Another_journals_cursor_file_is_not_taken()
    {
        using TempJournal temp = WithCursor(out _);
        using TempJournal other = WithCursor(out _);
        File.Copy(other.Cursors, temp.Cursors, overwrite: true);
        using SegmentedJournal journal = temp.Open();
        Assert.Equal(RecoveryFinding.CursorsDamaged, Assert.Single(journal.RecoveryReport.Warnings).Finding);
    }

    [Fact]
    public void A_cursor_before_the_oldest_record_is_moved_there()
    {
        using var temp = new TempJournal();
        using (SegmentedJournal journal = temp.Open())
        {
            using JournalReader reader = journal.OpenReader("r");
            for (var i = 0; i < 120; i++)
                journal.Append(TempJournal.Batch(i), Cancelled);
        }

        File.Delete(temp.Segments[0]);
        using (SegmentedJournal journal = temp.Open())
        {
            RecoveryWarning warning = Assert.Single(journal.RecoveryReport.Warnings);
            Assert.Equal(RecoveryFinding.CursorBeforeHead, warning.Finding);
            using JournalReader reader = journal.OpenReader("r");
            Assert.Equal(journal.HeadOffset, reader.Position);
            List<int> rest = TempJournal.ReadAll(reader);
            Assert.Equal(Enumerable.Range(120 - rest.Count, rest.Count), rest);
            Assert.Contains($"{120 - rest.Count} records are gone", warning.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_cursor_behind_the_newest_record_makes_the_journal_go_on_there()
    {
        using TempJournal temp = WithCursor(out var id);
        const long far = 1L << 40;
        File.WriteAllBytes(temp.Cursors, CursorFile.Format(id, [new CursorFile.Entry(far, 77, "r"), new CursorFile.Entry(64, 0, "slow")]));
        using SegmentedJournal journal = temp.Open();
        Assert.Equal(RecoveryFinding.CursorAfterTail, Assert.Single(journal.RecoveryReport.Warnings).Finding);
        Assert.Equal(far, journal.TailOffset);
        Assert.Equal(77, journal.TailSequence);
        using JournalReader reader = journal.OpenReader("r");
        using JournalReader slow = journal.OpenReader("slow");
        Assert.Empty(TempJournal.ReadAll(reader));
        journal.Append(TempJournal.Batch(9), Cancelled);
        Assert.Equal([9], TempJournal.ReadAll(reader));
        Assert.Equal([0, 1, 2, 3, 9], TempJournal.ReadAll(slow));
        Assert.Equal(73, journal.Statistics.LostRecords);
    }

    [Fact]
    public void All_segments_gone_is_an_empty_journal_behind_its_cursors()
    {
        using TempJournal temp = WithCursor(out _);
        File.Delete(temp.Segments[0]);
        using SegmentedJournal journal = temp.Open();
        using JournalReader reader = journal.OpenReader("r");
        Assert.True(journal.TailOffset >= reader.Committed);
        journal.Append(TempJournal.Batch(5), Cancelled);
        Assert.Equal([5], TempJournal.ReadAll(reader));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_lost_identity_is_taken_from_a_segment(bool missing)
    {
        using TempJournal temp = WithCursor(out var id);
        if (missing)
            File.Delete(Path.Combine(temp.Directory, "journal.id"));
        else
            File.WriteAllText(Path.Combine(temp.Directory, "journal.id"), "ogrt-journal 1 not an id\n");
        using SegmentedJournal journal = temp.Open();
        Assert.Equal(RecoveryFinding.IdentityRestored, Assert.Single(journal.RecoveryReport.Warnings).Finding);
        Assert.Equal(id, journal.Id);
        using JournalReader reader = journal.OpenReader("r");
        Assert.Equal([2, 3], TempJournal.ReadAll(reader));
    }

    [Fact]
    public void A_segment_whose_creation_was_not_finished_is_taken_away()
    {
        using TempJournal temp = WithCursor(out _);
        File.WriteAllBytes(Path.Combine(temp.Directory, "0000000000100000-0000000000000004.segment"), []);
        using SegmentedJournal journal = temp.Open();
        Assert.Single(temp.Segments);
        Assert.Equal(0, journal.Statistics.QuarantinedSegments);
        Assert.True(journal.TailOffset > 0x100000);
        using JournalReader reader = journal.OpenReader("r");
        Assert.Equal([2, 3], TempJournal.ReadAll(reader));
    }

    [Fact]
    public void What_a_crash_left_half_renamed_is_taken_away()
    {
        using TempJournal temp = WithCursor(out _);
        File.WriteAllText(temp.Cursors + ".tmp", "half");
        using SegmentedJournal journal = temp.Open();
        Assert.Empty(journal.RecoveryReport.Warnings);
        Assert.False(File.Exists(temp.Cursors + ".tmp"));
    }

    [Fact]
    public void A_second_process_is_refused_with_the_reason_and_a_lock_file_alone_is_no_lock()
    {
        using var temp = new TempJournal();
        File.WriteAllText(Path.Combine(temp.Directory, "lock"), "left over");
        using (temp.Open())
        {
            JournalLockedException refused = Assert.Throws<JournalLockedException>(() => temp.Open());
            Assert.Contains(temp.Directory, refused.Message, StringComparison.Ordinal);
        }

        using SegmentedJournal again = temp.Open();
        Assert.Empty(again.RecoveryReport.Warnings);
    }

    private static TempJournal WithCursor(out Guid id)
    {
        var temp = new TempJournal();
        using SegmentedJournal journal = temp.Open();
        id = journal.Id;
        using JournalReader reader = journal.OpenReader("r");
        journal.Append(TempJournal.Batch(0, 1, 2, 3), Cancelled);
        Assert.True(reader.TryRead(out _));
        Assert.True(reader.TryRead(out JournalRecord second));
        reader.Commit(second.NextOffset);
        return temp;
    }
}
