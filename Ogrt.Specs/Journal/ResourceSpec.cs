using Ogrt.Journal;

namespace Ogrt.Specs.Journal;

/// <summary>What a journal holds on to, and for how long.</summary>
public sealed class ResourceSpec
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Handles_of_released_segments_are_let_go_and_all_others_when_the_journal_closes()
    {
        if (!OperatingSystem.IsLinux())
            Assert.Skip("Open handles are counted in /proc.");
        using var temp = new TempJournal();
        using (SegmentedJournal journal = temp.Open(maxSize: 65536))
        {
            using JournalReader reader = journal.OpenReader("r");
            for (var i = 0; i < 2000; i++)
            {
                await journal.AppendAsync(TempJournal.Batch(i), Cancelled);
                while (reader.TryRead(out JournalRecord record))
                    reader.Commit(record.NextOffset);
            }

            Assert.True(journal.Statistics.ReleasedSegments > 10);
            // The lock, the active segment for writing, and the reader's.
            await Eventually.HoldsAsync(() => OpenHandles(temp.Directory) <= 3);
        }

        Assert.Equal(0, OpenHandles(temp.Directory));
    }

    [Fact]
    public async Task Space_that_was_reserved_and_not_used_is_given_back()
    {
        using var temp = new TempJournal();
        using (SegmentedJournal journal = SegmentedJournal.Open(temp.Options(segmentSize: 1 << 20, maxSize: 1 << 23)))
            journal.Append(TempJournal.Batch(1), Cancelled);
        Assert.Equal(64 + 56, new FileInfo(Assert.Single(temp.Segments)).Length);
        using System.Diagnostics.Process stat = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("stat", ["-c", "%b", temp.Segments[0]]) { RedirectStandardOutput = true })!;
        var blocks = int.Parse(await stat.StandardOutput.ReadToEndAsync(Cancelled), System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(blocks, 0, 64);
    }

    [Fact]
    public void An_append_and_a_read_allocate_nothing()
    {
        using var temp = new TempJournal();
        using SegmentedJournal journal = SegmentedJournal.Open(temp.Options(segmentSize: 1 << 24, maxSize: 1 << 26));
        using JournalReader reader = journal.OpenReader("r");
        var batch = new JournalBatch();
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

        for (var i = 0; i < 20; i++)
            AppendAndRead();
        long Allocated()
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 100; i++)
                AppendAndRead();
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        // What each append or read allocates shows each time; what the runtime does once on this thread, as when a lock is first waited
        // for, does not.
        Assert.Equal(0, Enumerable.Range(0, 5).Min(_ => Allocated()));
    }

    [Fact]
    public void A_batch_gives_a_very_large_buffer_back_and_is_used_again()
    {
        using var temp = new TempJournal();
        using SegmentedJournal journal = SegmentedJournal.Open(temp.Options(segmentSize: 1 << 22, maxSize: 1 << 24, maxRecordSize: 1 << 21));
        using JournalReader reader = journal.OpenReader("r");
        JournalBatch batch = journal.CreateBatch();
        var large = new byte[1 << 21];
        new Random(1).NextBytes(large);
        batch.Add(1, 1, default, large);
        journal.Append(batch, Cancelled);
        journal.Append(batch, Cancelled); // A batch can be appended twice: it is placed anew.
        batch.Clear();
        Assert.Equal(0, batch.Bytes);
        batch.Add(2, 2, default, "small"u8);
        journal.Append(batch, Cancelled);
        for (var i = 0; i < 2; i++)
        {
            Assert.True(reader.TryRead(out JournalRecord record));
            Assert.Equal(large, record.Payload.Span);
        }

        Assert.True(reader.TryRead(out JournalRecord last));
        Assert.Equal("small"u8, last.Payload.Span);
    }

    private static int OpenHandles(string directory) =>
        new DirectoryInfo("/proc/self/fd").EnumerateFileSystemInfos().Count(link => link.LinkTarget?.StartsWith(directory, StringComparison.Ordinal) == true);
}
