using Ogrt.Journal;

namespace Ogrt.Sinks.DeadLetters;

/// <summary>
/// The refused records of one sink: a journal of its own, on disk before the sink's cursor moves. It is made with the
/// first dead letter, so that sinks without any leave no files. A reader that nobody advances keeps everything until an
/// operator takes it out.
/// </summary>
/// <param name="directory">The journal's directory.</param>
/// <param name="maxSize">Bytes that it may grow to; then appending waits.</param>
/// <param name="maxRecordSize">The largest record of the journal that originals come from, in bytes.</param>
public sealed class DeadLetterStore(string directory, long maxSize, int maxRecordSize) : IDisposable
{
    /// <summary>The reader that holds the dead letters.</summary>
    public const string ReaderName = "dead-letters";

    // A dead letter is its original and the target's words.
    private const int Overhead = 64 * 1024;

    /// <summary>The least size in bytes that a store can have: two of the largest records of a journal.</summary>
    public const long LeastSize = 2L * (JournalOptions.DefaultMaxRecordSize + Overhead);

    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly Lock _opening = new();
    private readonly BatchBuffer _payload = new();
    private SegmentedJournal? _journal;
    private JournalReader? _holder;
    private JournalBatch? _batch;
    private SettledLetters? _settled;

    /// <summary>Where the dead letters are.</summary>
    public string Directory => directory;

    /// <summary>Dead letters that are kept.</summary>
    public long Count => Volatile.Read(ref _journal) is null
        ? 0
        : Math.Max(0, _holder!.LagRecords - _settled!.CountFrom(_holder.CommittedSequence));

    /// <summary>Their bytes on disk.</summary>
    public long Bytes => Volatile.Read(ref _journal) is null ? 0 : _holder!.LagBytes;

    /// <summary>Whether an append waits for room, in the store or on the disk.</summary>
    public bool IsFull => Volatile.Read(ref _journal)?.Statistics is { WaitingAppenders: > 0 } and ({ FullSince: not null } or { DiskFullSince: not null });

    /// <summary>The options of a dead-letter journal of a size, also for those who read it without a server.</summary>
    public static JournalOptions Options(string directory, long maxSize, int maxRecordSize)
    {
        long most = Math.Max(maxSize, 2L * ((long)maxRecordSize + Overhead));
        return new JournalOptions
        {
            Directory = directory,
            MaxSize = most,
            SegmentSize = Math.Clamp(most / 8, 4096, 16 << 20),
            MaxRecordSize = maxRecordSize + Overhead,
            Sync = SyncPolicy.Always,
            Preallocate = false,
            TailMemory = 0,
        };
    }

    /// <summary>Opens the journal when there is one from before, so that its size is known.</summary>
    /// <exception cref="IOException">The directory cannot be used.</exception>
    public void OpenExisting()
    {
        if (System.IO.Directory.Exists(directory))
            Open();
    }

    /// <summary>
    /// Keeps a dead letter. Completed, it is on disk. Waits while the store is full.
    /// </summary>
    /// <exception cref="OperationCanceledException">The sink is stopping; the letter may or may not be kept.</exception>
    /// <exception cref="IOException">The directory cannot be used.</exception>
    public async ValueTask AppendAsync(DeadLetter letter, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            SegmentedJournal journal = Open();
            _payload.Clear(1 << 20);
            letter.Write(_payload);
            JournalBatch batch = _batch ??= new JournalBatch(maxRecordSize + Overhead);
            batch.Clear();
            batch.Add(DeadLetter.RecordKind, letter.ArrivalUnixNs, letter.Sender, _payload.Slice(0, _payload.Length).Span);
            await journal.AppendAsync(batch, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The journal may still hold on to a batch whose append was given up.
            _batch = null;
            throw;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>The letters that are kept now, oldest first. Letters that come while they are read may be among them.</summary>
    /// <exception cref="IOException">The directory cannot be used.</exception>
    public IEnumerable<KeptLetter> Read()
    {
        if (!System.IO.Directory.Exists(directory))
            return [];
        Open();
        return DeadLetterFiles.Read(directory, _settled!);
    }

    /// <summary>
    /// Lets letters go that were delivered or are not wanted: they are gone for every reader when this returns. The disk
    /// gets their room back when all others of their segment are gone too.
    /// </summary>
    /// <param name="numbers">Their numbers (<see cref="KeptLetter.Number"/>).</param>
    /// <exception cref="IOException">The directory cannot be used; nothing is settled.</exception>
    public void Settle(IReadOnlyCollection<long> numbers)
    {
        ArgumentNullException.ThrowIfNull(numbers);
        if (numbers.Count == 0)
            return;
        SegmentedJournal journal = Open();
        _settled!.Settle(numbers);
        Advance(journal);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _holder?.Dispose();
        _journal?.Dispose();
        _turn.Dispose();
    }

    /// <summary>Moves the reader that holds the letters over those in front that are settled.</summary>
    private void Advance(SegmentedJournal journal)
    {
        lock (_opening)
        {
            long open = _settled!.FirstOpenFrom(_holder!.CommittedSequence);
            JournalReader holder = _holder;
            holder.Seek(holder.Committed);
            while (holder.Position < journal.TailOffset && holder.TryRead(out JournalRecord record) && record.Sequence < open)
                holder.Commit(record.NextOffset);
        }
    }

    private SegmentedJournal Open()
    {
        if (Volatile.Read(ref _journal) is { } open)
            return open;
        lock (_opening)
            return _journal ?? OpenNow();
    }

    private SegmentedJournal OpenNow()
    {
        OwnerFiles.CreateDirectory(directory);
        var journal = SegmentedJournal.Open(Options(directory, maxSize, maxRecordSize));
        try
        {
            _settled = SettledLetters.Load(directory, journal.Id);
            _holder = journal.OpenReader(ReaderName);
        }
        catch
        {
            journal.Dispose();
            throw;
        }
        Volatile.Write(ref _journal, journal);
        return journal;
    }
}
