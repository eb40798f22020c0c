using Ogrt.Journal;

namespace Ogrt.Specs.Journal;

/// <summary>What the CLI's <c>journal verify</c> and <c>journal dump</c> stand on.</summary>
public sealed class InspectorSpec
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public void A_good_journal_is_reported_good_with_its_figures()
    {
        using var temp = new TempJournal();
        using (SegmentedJournal journal = temp.Open())
        {
            using JournalReader reader = journal.OpenReader("r");
            for (var i = 0; i < 200; i++)
                journal.Append(TempJournal.Batch(i), Cancelled);
            Assert.True(reader.TryRead(out JournalRecord first));
            reader.Commit(first.NextOffset);
        }

        JournalReport report = JournalInspector.Verify(temp.Directory, cancellationToken: Cancelled);
        Assert.True(report.IsGood);
        Assert.True(report.EndedCleanly);
        Assert.Equal(200, report.Records);
        Assert.Equal(temp.Segments.Select(Path.GetFileName), report.Segments.Select(segment => segment.Name));
        Assert.Equal(Enumerable.Range(0, 200).Sum(i => TempJournal.Payload(i).Length), report.Segments.Sum(segment => segment.PayloadBytes));
        Assert.Equal(1000, report.Segments[0].FirstArrivalUnixNs);
        Assert.Equal(1199, report.Segments[^1].LastArrivalUnixNs);
        Assert.Equal(("r", 64 + 56L, 1L), Assert.Single(report.Cursors));
        Assert.Equal(report.FileBytes, temp.Segments.Sum(file => new FileInfo(file).Length));
    }

    [Fact]
    public void Damage_is_reported_where_it_is_and_nothing_is_changed()
    {
        using var temp = new TempJournal();
        using (SegmentedJournal journal = temp.Open())
        {
            for (var i = 0; i < 200; i++)
                journal.Append(TempJournal.Batch(i), Cancelled);
        }

        byte[][] before = [.. temp.Segments.Select(File.ReadAllBytes)];
        before[0][64 + 56 + 50] ^= 1; // the second record's payload
        before[1][3] ^= 1;
        Array.Resize(ref before[^1], before[^1].Length - 1);
        for (var i = 0; i < before.Length; i++)
            File.WriteAllBytes(temp.Segments[i], before[i]);
        File.Delete(temp.Segments[2]);
        File.WriteAllText(temp.Cursors, "nothing");

        JournalReport report = JournalInspector.Verify(temp.Directory, cancellationToken: Cancelled);
        Assert.False(report.IsGood);
        Assert.False(report.CursorsAreGood);
        JournalDamage damage = Assert.Single(report.Segments[0].Damage);
        Assert.Equal((64 + 56L, 56L, 1L), (damage.Offset, damage.Bytes, damage.Records));
        Assert.False(report.Segments[1].HeaderIsGood);
        Assert.True(report.Segments[1].Records > 10);
        Assert.True(report.Segments[^1].UnfinishedBytes > 0);
        Assert.Equal(199, report.Records + report.LostRecords);
        Assert.Equal(before[0], File.ReadAllBytes(temp.Segments[0]));
        Assert.Equal(before[1], File.ReadAllBytes(temp.Segments[1]));
        Assert.False(Directory.Exists(temp.Quarantine));
    }

    [Fact]
    public void A_dump_begins_at_an_offset_and_ends_after_a_count()
    {
        using var temp = new TempJournal();
        var offsets = new List<long>();
        using SegmentedJournal journal = temp.Open();
        for (var i = 0; i < 200; i++)
        {
            offsets.Add(journal.TailOffset);
            journal.Append(TempJournal.Batch(i), Cancelled);
        }

        Assert.Equal(Enumerable.Range(0, 200), Numbers(JournalInspector.Dump(temp.Directory)));
        Assert.Equal(Enumerable.Range(100, 60), Numbers(JournalInspector.Dump(temp.Directory, offsets[100], 60)));
        Assert.Empty(Numbers(JournalInspector.Dump(temp.Directory, journal.TailOffset)));
        Assert.Throws<DirectoryNotFoundException>(() => JournalInspector.Dump(Path.Combine(temp.Directory, "nowhere")));
    }

    [Fact]
    public async Task A_journal_that_is_written_and_released_meanwhile_is_never_reported_damaged()
    {
        using var temp = new TempJournal();
        using SegmentedJournal journal = temp.Open(maxSize: 65536);
        using JournalReader reader = journal.OpenReader("r");
        var done = false;
        Task writer = Task.Run(() =>
        {
            for (var i = 0; !Volatile.Read(ref done); i++)
            {
                journal.Append(TempJournal.Batch(i, i + 1, i + 2), Cancelled);
                while (reader.TryRead(out JournalRecord record))
                    reader.Commit(record.NextOffset);
            }
        }, Cancelled);

        for (var i = 0; i < 50; i++)
        {
            JournalReport report = JournalInspector.Verify(temp.Directory, cancellationToken: Cancelled);
            Assert.False(report.EndedCleanly);
            Assert.All(report.Segments, segment => Assert.True(segment.HeaderIsGood || segment.Records == 0));
            Assert.All(report.Segments, segment => Assert.Empty(segment.Damage));
            Assert.All(JournalInspector.Dump(temp.Directory), record => TempJournal.Number(record));
        }

        Volatile.Write(ref done, true);
        await writer;
    }

    private static List<int> Numbers(IEnumerable<JournalRecord> records)
    {
        var numbers = new List<int>();
        foreach (JournalRecord record in records)
            numbers.Add(TempJournal.Number(record));
        return numbers;
    }
}
