using System.Diagnostics;
using Microsoft.Win32.SafeHandles;

namespace Ogrt.Journal;

/// <summary>
/// A durable log of byte records in segment files, with any number of named readers, each at its own pace. Thread-safe.
/// <para>Appends are one write under a short lock; a thread of its own syncs, saves the cursors and deletes what every cursor has
/// passed, in this order. See <c>docs/journal.md</c> for the format and the promises.</para>
/// </summary>
public sealed partial class SegmentedJournal : IDisposable, IAsyncDisposable
{
    private readonly JournalOptions _options;
    private readonly JournalFiles _files;
    private readonly JournalDirectory _directory;
    private readonly SafeFileHandle _lockFile;
    private readonly ulong _salt;

    /// <summary>Guards everything that an append changes. Never held over a sync.</summary>
    private readonly Lock _gate = new();

    /// <summary>In the order of their offsets; replaced, never changed, so that readers need no lock. The last one is the
    /// active one when <see cref="_active"/> is not null.</summary>
    private volatile Segment[] _segments;

    /// <summary>Where the next record goes. Null after an unclean end, until the first append makes a segment.</summary>
    private Segment? _active;

    /// <summary>What was appended last; null when readers are to read the files. Written under the append lock.</summary>
    private readonly TailMemory? _tail;

    private long _tailOffset;
    private long _tailSequence;
    private long _size;
    private volatile bool _closing;

    private SegmentedJournal(JournalOptions options, JournalDirectory directory, SafeFileHandle lockFile, RecoveredState state)
    {
        _options = options;
        _directory = directory;
        _files = directory.Files;
        _lockFile = lockFile;
        Id = state.Id;
        _salt = RecordHeader.SaltOf(state.Id);
        _tail = options.TailMemory > 0 ? new TailMemory(options.TailMemory) : null;
        RecoveryReport = state.Report;
        _segments = [.. state.Segments];
        _tailOffset = _syncedOffset = state.TailOffset;
        _tailSequence = state.TailSequence;
        _size = state.Segments.Sum(segment => segment.Size);
        _cursorsLost = state.CursorsLost;
        _savedCursors = state.Cursors;
        foreach (CursorFile.Entry cursor in state.Cursors)
            _cursors[cursor.Name] = new ReaderCursor(cursor.Name, cursor.Offset) { SavedSequence = cursor.Sequence };
        _quarantinedSegments = state.QuarantinedSegments;
        _repairedSegments = state.RepairedSegments;
        foreach ((var offset, var bytes, var records) in state.Damage)
            ReportDamage(offset, bytes, records);
        _syncThread = new Thread(RunSync) { IsBackground = true, Name = "journal-sync" };
    }

    /// <summary>Opens the journal in a directory, or makes one, and recovers it. What was found is in <see cref="RecoveryReport"/>.</summary>
    /// <exception cref="JournalLockedException">It is open already, here or in another process.</exception>
    /// <exception cref="ArgumentException">An option is impossible.</exception>
    /// <exception cref="IOException">The directory cannot be made, read or written at all.</exception>
    public static SegmentedJournal Open(JournalOptions options) => Open(options, JournalFiles.Real);

    internal static SegmentedJournal Open(JournalOptions options, JournalFiles files)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        Directory.CreateDirectory(options.Directory);
        var directory = new JournalDirectory(options.Directory, files);
        SafeFileHandle lockFile = TakeLock(directory);
        try
        {
            RecoveredState state = new Recovery(directory, options).Run();
            var journal = new SegmentedJournal(options, directory, lockFile, state);
            journal.Start(state.LastIsAppendable);
            return journal;
        }
        catch
        {
            lockFile.Dispose();
            throw;
        }
    }

    /// <summary>Made once and kept in the directory: names this journal in what others remember about its offsets.</summary>
    public Guid Id { get; }

    /// <summary>What opening found.</summary>
    public JournalRecoveryReport RecoveryReport { get; }

    /// <summary>The offset that the next record will have (or pass). Offsets only grow and are never used again.</summary>
    public long TailOffset => Volatile.Read(ref _tailOffset);

    /// <summary>The offset of the oldest record that is still there.</summary>
    public long HeadOffset => _segments is [Segment first, ..] ? first.BaseOffset : TailOffset;

    /// <summary>The number of records ever appended: the sequence of the next one.</summary>
    public long TailSequence => Volatile.Read(ref _tailSequence);

    /// <summary>The largest payload that a record may have, in bytes.</summary>
    public int MaxRecordSize => _options.LargestPayload;

    /// <summary>The directory.</summary>
    public string DirectoryPath => _directory.Path;

    /// <summary>How the journal stands now.</summary>
    public JournalStatistics Statistics
    {
        get
        {
            lock (_gate)
            {
                return new JournalStatistics
                {
                    AppendedRecords = _appendedRecords,
                    AppendedBytes = _appendedBytes,
                    Size = _size,
                    MaxSize = _options.MaxSize,
                    Segments = _segments.Length,
                    ReleasedSegments = _releasedSegments,
                    Syncs = _syncs,
                    SyncTime = Stopwatch.GetElapsedTime(0, _syncTicks),
                    LongestSync = Stopwatch.GetElapsedTime(0, _longestSyncTicks),
                    SyncFailures = _syncFailures,
                    SyncFailingSince = _syncFailingSince,
                    UnsyncedBytes = _segments.Sum(segment => segment.End - segment.SyncedEnd),
                    CorruptRegions = _corruptRegions,
                    LostRecords = _lostRecords,
                    LostBytes = _lostBytes,
                    QuarantinedSegments = _quarantinedSegments,
                    RepairedSegments = _repairedSegments,
                    WaitingAppenders = _waiters.Count,
                    FullSince = _fullSince,
                    DiskFullSince = _diskFullSince,
                    WriteFailures = _writeFailures,
                    LastError = _lastError,
                };
            }
        }
    }

    /// <summary>Makes a batch that takes records up to this journal's maximum size.</summary>
    public JournalBatch CreateBatch() => new(MaxRecordSize);

    /// <summary>Brings everything to the disk, saves the cursors and closes. Appends that still wait fail with
    /// <see cref="ObjectDisposedException"/>; readers that wait are told that nothing more comes.</summary>
    public void Dispose()
    {
        List<AppendWaiter> waiters;
        lock (_gate)
        {
            if (_closing)
                return;
            _closing = true;
            waiters = [.. _waiters];
            _waiters.Clear();
        }

        foreach (AppendWaiter waiter in waiters)
            waiter.Complete(Closed());
        Signal();
        _syncThread.Join();
        CloseFiles();
        WakeAllReaders();
        _wake.Dispose();
        _lockFile.Dispose();
    }

    /// <inheritdoc cref="Dispose"/>
    public async ValueTask DisposeAsync() => await Task.Run(Dispose).ConfigureAwait(false);

    private static SafeFileHandle TakeLock(JournalDirectory directory)
    {
        try
        {
            // FileShare.None is flock(2) on Unix: the kernel lets it go when the process ends, however it ends.
            return File.OpenHandle(directory.In(JournalPaths.Lock), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException error) when (IsSharingViolation(error))
        {
            throw new JournalLockedException(directory.Path, error);
        }
    }

    private static bool IsSharingViolation(IOException error)
    {
        const int wouldBlock = 11; // EWOULDBLOCK on Linux
        const int wouldBlockBsd = 35;
        const int sharingViolation = unchecked((int)0x80070020);
        return error.HResult is wouldBlock or wouldBlockBsd or sharingViolation;
    }

    private void Start(bool appendable)
    {
        if (appendable)
        {
            _active = _segments[^1];
            _active.Writer = _files.OpenWrite(_active.Path);
            _active.HeaderChecked = true;
            _active.SyncedSequence = _tailSequence;
        }

        _directory.RemoveCleanMark();
        if (!File.Exists(_directory.In(JournalPaths.Cursors)))
            TrySave([], durable: true); // From now on a missing file means that it was lost.
        _syncRequested = _segments.Any(segment => segment.SyncedEnd < segment.End);
        _syncThread.Start();
    }

    /// <summary>After the sync thread has ended: closes the files and, when all is on the disk, notes that the end was clean.</summary>
    private void CloseFiles()
    {
        lock (_gate)
        {
            foreach (Segment segment in _segments)
                TrimAndClose(segment);
            if (_syncFailingSince is not null)
                return;
            try
            {
                _directory.WriteCleanMark(Id, _tailOffset, _tailSequence);
            }
            catch (Exception error) when (IsDiskError(error))
            {
                _lastError = error.Message; // The next start takes the end for an unclean one, which costs nothing.
            }
        }
    }

    private ObjectDisposedException Closed() => new(nameof(SegmentedJournal), "The journal is closed.");

    private static bool IsDiskError(Exception error) => error is IOException or UnauthorizedAccessException;
}
