using System.Diagnostics;
using System.Globalization;
using Ogrt.Journal;
using Ogrt.Specs.JournalWriter;

namespace Ogrt.Specs.Journal;

/// <summary>A process that writes and reads a journal is killed with SIGKILL again and again.</summary>
public sealed class KillSpec
{
    private const int Rounds = 20;

    private readonly Dictionary<(int Round, int Thread), int> _confirmed = [];
    private readonly Dictionary<(int Round, int Thread), int> _delivered = [];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_confirmed_record_is_there_after_each_kill_in_order_and_unaltered()
    {
        using var temp = new TempJournal();
        var random = new Random(20260);
        for (var round = 0; round < Rounds; round++)
        {
            await RunAndKillAsync(temp.Directory, round, (SyncPolicy)(round % 3), random.Next(1, 300));
            // In every other round the next writer is the first to open what the killed one left.
            if (round % 2 == 0)
                CheckOpened(temp);
            else
                Check(JournalInspector.Dump(temp.Directory, CursorOf(temp)));
        }

        Assert.True(_confirmed.Values.Sum() > 1000);
        Assert.True(_delivered.Values.Sum() > 1000);
    }

    private async Task RunAndKillAsync(string directory, int round, SyncPolicy sync, int confirmationsUntilKill)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
        {
            ArgumentList = { "exec", Path.Combine(AppContext.BaseDirectory, "ogrt-journal-writer.dll"), directory, round.ToString(CultureInfo.InvariantCulture), sync.ToString() },
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync(Cancelled);
        var confirmations = 0;
        using var end = new KillAtEnd(process);
        while (await process.StandardOutput.ReadLineAsync(Cancelled) is { } line)
        {
            Note(line);
            if (line[0] == 'C' && ++confirmations == confirmationsUntilKill)
                process.Kill(); // SIGKILL; what it has printed is still in the pipe and counts.
        }

        await process.WaitForExitAsync(Cancelled);
        Assert.Equal("", await errors);
        Assert.Equal(128 + 9, process.ExitCode);
    }

    private void Note(string line)
    {
        var fields = line.Split(' ');
        (int, int) key = (int.Parse(fields[1], CultureInfo.InvariantCulture), int.Parse(fields[2], CultureInfo.InvariantCulture));
        var number = int.Parse(fields[3], CultureInfo.InvariantCulture);
        if (fields[0] == "C")
        {
            _confirmed[key] = number;
            return;
        }

        // In order; a repetition after a restart begins no later than where the last run had got.
        var before = _delivered.GetValueOrDefault(key, -1);
        Assert.True(number <= before + 1, $"{key}: {number} was delivered after {before}.");
        _delivered[key] = Math.Max(before, number);
    }

    private void CheckOpened(TempJournal temp)
    {
        using SegmentedJournal journal = SegmentedJournal.Open(temp.Options(segmentSize: 64 * 1024, maxSize: 512 * 1024));
        using JournalReader reader = journal.OpenReader("delivery");
        Check(ReadAll(reader));
        Assert.Equal(0, journal.Statistics.LostRecords);
        Assert.Equal(0, journal.Statistics.CorruptRegions);
    }

    private static IEnumerable<JournalRecord> ReadAll(JournalReader reader)
    {
        while (reader.TryRead(out JournalRecord record))
            yield return record;
    }

    private static long CursorOf(TempJournal temp) =>
        JournalInspector.Verify(temp.Directory, cancellationToken: Cancelled).Cursors.Where(cursor => cursor.Name == "delivery").Select(cursor => cursor.Offset).FirstOrDefault();

    /// <summary>What is confirmed has been delivered or is behind the cursor.</summary>
    private void Check(IEnumerable<JournalRecord> pending)
    {
        var last = new Dictionary<(int Round, int Thread), int>(_delivered);
        var seen = new HashSet<(int, int)>();
        foreach (JournalRecord record in pending)
        {
            WriterRecord read = Assert.NotNull(WriterRecord.FromPayload(record.Payload.Span));
            (int, int) key = (read.Round, read.Thread);
            var before = last.GetValueOrDefault(key, -1);
            Assert.True(seen.Add(key) ? read.Number <= before + 1 : read.Number == before + 1, $"{key}: {read.Number} comes after {before}.");
            last[key] = read.Number;
        }

        foreach ((var key, var number) in _confirmed)
            Assert.True(last.GetValueOrDefault(key, -1) >= number, $"{key}: {number} was confirmed, the last one there is {last.GetValueOrDefault(key, -1)}.");
    }

    /// <summary>No writer outlives a spec that fails.</summary>
    private sealed class KillAtEnd(Process process) : IDisposable
    {
        public void Dispose()
        {
            if (!process.HasExited)
                process.Kill();
        }
    }
}
