using Ogrt.Journal;
using Ogrt.Wire;
using Ogrt.Wire.Protocol;

namespace Ogrt.Specs.Soak;

/// <summary>
/// What was confirmed: everything that stands in the journal. A frame that has been read from its socket is in the journal, and
/// what is in the journal is owed to every sink, whether or not its sender heard of it. A reader of the run's own keeps all
/// segments, so that the whole journal can be read when the server has stopped.
/// </summary>
internal sealed class Ledger
{
    /// <summary>The reader that keeps the journal.</summary>
    public const string ReaderName = "oracle";

    private readonly Dictionary<long, Entry> _numbers = [];
    private readonly Dictionary<(string, uint, ulong), (FoundJob Job, long Sequence)> _jobs = [];
    private readonly List<string> _violations = [];

    /// <summary>Each number in the journal.</summary>
    public IReadOnlyDictionary<long, Entry> Numbers => _numbers;

    /// <summary>Each job record in the journal, by job, incarnation and version.</summary>
    public IReadOnlyDictionary<(string Job, uint Incarnation, ulong Version), (FoundJob Job, long Sequence)> Jobs => _jobs;

    /// <summary>What is wrong in the journal itself.</summary>
    public IReadOnlyList<string> Violations => _violations;

    /// <summary>The sequence that each saved cursor has come to: the records before it are done.</summary>
    public IReadOnlyDictionary<string, long> Cursors { get; private set; } = new Dictionary<string, long>();

    /// <summary>Makes the reader that keeps the journal, before the first start of the server.</summary>
    public static void Keep(string directory)
    {
        using SegmentedJournal journal = SegmentedJournal.Open(new JournalOptions { Directory = directory, Preallocate = false });
        journal.OpenReader(ReaderName).Dispose();
    }

    /// <summary>The saved cursors as they stand in their file, by name; empty while there is none.</summary>
    public static IReadOnlyDictionary<string, long> ReadCursors(string directory)
    {
        string path = Path.Combine(directory, JournalPaths.Cursors);
        return JournalInspector.Identify(directory) is { } id && File.Exists(path)
            && CursorFile.TryParse(File.ReadAllBytes(path), id, out List<CursorFile.Entry> entries)
            ? entries.ToDictionary(e => e.Name, e => e.Sequence)
            : new Dictionary<string, long>();
    }

    /// <summary>Reads the journal of a server that has stopped.</summary>
    public static Ledger Read(string directory, NumberedFrames frames)
    {
        var ledger = new Ledger();
        JournalReport report = JournalInspector.Verify(directory);
        if (!report.IsGood)
            ledger._violations.Add($"The journal is damaged: {report.LostRecords} records are lost, cursors good: {report.CursorsAreGood}.");
        ledger.Cursors = report.Cursors.ToDictionary(c => c.Name, c => c.Sequence);
        foreach (JournalRecord record in JournalInspector.Dump(directory))
            ledger.Add(record, frames);
        return ledger;
    }

    /// <summary>What several servers owe one sink that all of them deliver to: positions are counted from the sink's cursor of each.</summary>
    /// <param name="ledgers">The journals of servers that have stopped.</param>
    /// <param name="lost">Journals as they were when their disks got lost: what a cursor had passed is there, more may be.</param>
    /// <param name="cursor">The name of the sink's cursor.</param>
    public static Ledger Merge(IEnumerable<Ledger> ledgers, IEnumerable<Ledger> lost, string cursor)
    {
        var all = new Ledger { Cursors = new Dictionary<string, long> { [cursor] = 0 } };
        foreach ((Ledger one, bool isLost) in ledgers.Select(l => (l, false)).Concat(lost.Select(l => (l, true))))
        {
            long done = one.Cursors.GetValueOrDefault(cursor);
            foreach ((long number, Entry entry) in one._numbers)
            {
                if (!all._numbers.TryAdd(number, entry with { Sequence = entry.Sequence - done, IsOwed = !isLost || entry.Sequence < done }))
                    all._violations.Add($"The number {number}, sent once, is in two journals.");
            }
            foreach (((string, uint, ulong) key, (FoundJob job, long sequence)) in one._jobs)
            {
                if (!all._jobs.TryAdd(key, (job, sequence - done)) && all._jobs[key].Job != job)
                    all._violations.Add($"Two job records of two servers have the same version and are not the same: {job} and {all._jobs[key].Job}");
            }
        }
        return all;
    }

    private void Add(in JournalRecord record, NumberedFrames frames)
    {
        ReadOnlySpan<byte> bytes = record.Payload.Span;
        if (record.Kind == RecordKind.JobRecord)
        {
            FoundJob job = FoundJob.Of(JobRecord.Parser.ParseFrom(bytes));
            if (!_jobs.TryAdd((job.Job, job.Incarnation, job.Version), (job, record.Sequence)) && _jobs[(job.Job, job.Incarnation, job.Version)].Job != job)
                _violations.Add($"Two job records have the same version and are not the same: {job}");
            return;
        }
        if (!NumberedFrames.TryNumberOf(bytes, out long number) || !bytes.SequenceEqual(frames.Frame(number)))
            _violations.Add($"The record {record.Sequence} of the journal is not what was sent (number {number}).");
        else if (!_numbers.TryAdd(number, new Entry(record.Sequence, record.ArrivalUnixNs)))
            _violations.Add($"The number {number}, sent once, is in the journal twice.");
    }

    /// <summary>Where a number stands in the journal.</summary>
    /// <param name="Sequence">The records before it.</param>
    /// <param name="ArrivalNs">When it came by the server's clock, in nanoseconds since 1970.</param>
    /// <param name="IsOwed">Whether it has to arrive; else it may.</param>
    internal readonly record struct Entry(long Sequence, long ArrivalNs, bool IsOwed = true);
}
