using System.Diagnostics;
using Ogrt.Journal;

namespace Ogrt.Specs.Journal;

/// <summary>A real file system of 2 MiB that fills up.</summary>
public sealed class DiskFullSpec : IDisposable
{
    private readonly string _mount = Directory.CreateTempSubdirectory("ogrt-").FullName;
    private readonly bool _mounted;

    public DiskFullSpec() => _mounted = Run("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", _mount);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_full_disk_makes_appenders_wait_and_what_a_reader_lets_go_makes_room(bool preallocate)
    {
        SkipUnlessMounted();
        await using SegmentedJournal journal = Open(preallocate);
        using JournalReader reader = journal.OpenReader("r");
        var appended = 0;
        var read = new List<int>();
        for (var lap = 0; lap < 3; lap++)
        {
            Task waiting = Fill(journal, ref appended);
            await Eventually.HoldsAsync(() => journal.Statistics.DiskFullSince is not null);
            Assert.False(waiting.IsCompleted);
            Assert.True(journal.Statistics.WriteFailures > 0);

            read.AddRange(TempJournal.ReadAll(reader));
            reader.Commit(reader.Position);
            await waiting.WaitAsync(TimeSpan.FromSeconds(30), Cancelled);
            appended++;
        }

        read.AddRange(TempJournal.ReadAll(reader));
        Assert.Equal(Enumerable.Range(0, appended), read);
        Assert.Equal(0, journal.Statistics.CorruptRegions);
        Assert.True(appended > 5000);
    }

    [Fact]
    public async Task When_others_filled_the_disk_appenders_wait_until_they_clear_it_and_a_start_works_meanwhile()
    {
        SkipUnlessMounted();
        var appended = 0;
        var filler = Path.Combine(_mount, "filler");
        await using (SegmentedJournal journal = Open(preallocate: false))
        {
            journal.Append(TempJournal.Batch(appended++), Cancelled);
            FillDisk(filler);
            Task waiting = Fill(journal, ref appended);
            await Eventually.HoldsAsync(() => journal.Statistics.DiskFullSince is not null);
            Assert.False(waiting.IsCompleted);
            await journal.DisposeAsync();
            await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting);
        }

        await using (SegmentedJournal journal = Open(preallocate: false))
        {
            using JournalReader reader = journal.OpenReader("r");
            Assert.Equal(Enumerable.Range(0, appended), TempJournal.ReadAll(reader));
            Task waiting = Fill(journal, ref appended);
            await Eventually.HoldsAsync(() => journal.Statistics.DiskFullSince is not null);
            File.Delete(filler);
            await waiting.WaitAsync(TimeSpan.FromSeconds(30), Cancelled);
            List<int> read = TempJournal.ReadAll(reader);
            Assert.Equal(appended, read[^1]);
            Assert.Equal(0, journal.Statistics.CorruptRegions);
        }
    }

    public void Dispose()
    {
        if (_mounted)
            Run("umount", _mount);
        Directory.Delete(_mount, recursive: true);
    }

    private void SkipUnlessMounted()
    {
        if (!_mounted)
            Assert.Skip("A full disk needs a file system of its own, and mounting one needs root and the capability to mount.");
    }

    private SegmentedJournal Open(bool preallocate) => SegmentedJournal.Open(new JournalOptions
    {
        Directory = Path.Combine(_mount, "journal"),
        SegmentSize = 128 * 1024,
        MaxSize = 64 * 1024 * 1024,
        SyncInterval = TimeSpan.FromMilliseconds(5),
        RetryInterval = TimeSpan.FromMilliseconds(5),
        Preallocate = preallocate,
    });

    private static Task Fill(SegmentedJournal journal, ref int appended)
    {
        while (true)
        {
            Task append = journal.AppendAsync(TempJournal.Batch(appended), Cancelled).AsTask();
            if (!append.IsCompletedSuccessfully)
                return append;
            appended++;
        }
    }

    private static void FillDisk(string path)
    {
        using FileStream file = File.Create(path, 1);
        var page = new byte[4096];
        try
        {
            while (true)
                file.Write(page);
        }
        catch (IOException)
        {
            // Full, which was the aim.
        }
    }

    private static bool Run(string program, params string[] arguments)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
