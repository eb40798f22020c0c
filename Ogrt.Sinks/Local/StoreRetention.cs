namespace Ogrt.Sinks.Local;

/// <summary>
/// Deletes what is too old or too much, a bounded number of rows a step, so that the writer waits no longer for it than for
/// a batch. Processes go in the order of their ids, which is that of their arrival; what only they referred to follows.
/// </summary>
internal sealed class StoreRetention
{
    // Rows of a table of texts or lists that one step looks at; most of them stay.
    private const int SweepRows = 20_000;

    // Free pages that one step gives back to the file system: 16 MiB.
    private const int ShrinkPages = 4096;

    private static readonly string[] Swept = ["text", "object", "object_list", "module_list", "environment"];

    private readonly SqliteDatabase _database;
    private readonly SqliteStatement _oldest;
    private readonly SqliteStatement _deleteProcesses;
    private readonly SqliteStatement _deleteEnds;
    private readonly SqliteStatement _deleteJobs;
    private long _sweptGeneration = -1;
    private long _sweepGeneration;
    private long _sweepFrom;
    private int _sweepTable = -1;

    public StoreRetention(SqliteDatabase database)
    {
        _database = database;
        _oldest = database.Prepare("SELECT min(id) FROM process");
        _deleteProcesses = database.Prepare(
            """
            DELETE FROM process
            WHERE id IN (SELECT id FROM process ORDER BY id LIMIT ?1) AND (?2 OR arrival_ms < ?3)
            """);
        // An end goes with the first process that came after it, or by its own age: it may have come before every process, or
        // when they all were gone. Where nothing but ends is left, the size is theirs.
        _deleteEnds = database.Prepare(
            """
            DELETE FROM process_end
            WHERE id IN (SELECT id FROM process_end ORDER BY id LIMIT ?1) AND (last_process < ?2 - 1 OR arrival_ms < ?3 OR ?4)
            """);
        // A job whose processes are all gone; one that never had any goes by its age.
        _deleteJobs = database.Prepare(
            """
            DELETE FROM job WHERE id IN (
                SELECT id FROM job WHERE last_process < ?2 AND (images > 0 OR arrival_ms < ?3) ORDER BY last_process LIMIT ?1)
            """);
    }

    /// <summary>Processes deleted since the store was opened.</summary>
    public long DeletedProcesses { get; private set; }

    /// <summary>Bytes of the file that hold something.</summary>
    public long UsedBytes() =>
        (_database.Scalar("PRAGMA page_count") - _database.Scalar("PRAGMA freelist_count")) * _database.Scalar("PRAGMA page_size");

    /// <summary>One step within the writer's transaction; true when another one would find something.</summary>
    public bool Step(LocalStoreSettings settings, DateTimeOffset now, long lastProcess, out bool deleted)
    {
        bool tooLarge = settings.RetentionSize > 0 && UsedBytes() > settings.RetentionSize;
        long before = settings.RetentionAge > TimeSpan.Zero
            ? now.ToUnixTimeMilliseconds() - (long)settings.RetentionAge.TotalMilliseconds
            : long.MinValue;
        int changes = 0;
        if (tooLarge || before > long.MinValue)
        {
            _deleteProcesses.Bind(1, settings.RetentionStep).Bind(2, tooLarge ? 1 : 0).Bind(3, before).Run();
            changes = _database.Changes;
            DeletedProcesses += changes;
        }
        bool more = changes == settings.RetentionStep;
        if (changes > 0)
            StoreMeta.SetLastProcess(_database, lastProcess);

        long oldest = Oldest(lastProcess);
        _deleteEnds.Bind(3, before).Bind(4, tooLarge && changes == 0 ? 1 : 0);
        int ends = Delete(_deleteEnds, settings.RetentionStep, oldest);
        _deleteJobs.Bind(3, before);
        int jobs = Delete(_deleteJobs, settings.RetentionStep, oldest);
        more |= ends == settings.RetentionStep || jobs == settings.RetentionStep;
        deleted = changes > 0 || ends > 0 || jobs > 0;
        more |= Sweep(oldest >> StoreSchema.GenerationShift, ref deleted);
        return more;
    }

    /// <summary>Gives free pages back, outside of a transaction; the file is shorter after the checkpoint.</summary>
    public void Shrink(LocalStoreSettings settings)
    {
        long free = _database.Scalar("PRAGMA freelist_count");
        // Some free pages are kept: the next batch needs them.
        if (free * 16 < _database.Scalar("PRAGMA page_count") && (settings.RetentionSize == 0 || free < ShrinkPages))
            return;
        _database.Execute($"PRAGMA incremental_vacuum({ShrinkPages})");
        _database.Execute("PRAGMA wal_checkpoint(PASSIVE)");
    }

    private long Oldest(long lastProcess)
    {
        long oldest = _oldest.Step() && !_oldest.IsNull(0) ? _oldest.Int64(0) : lastProcess + 1;
        _oldest.Reset();
        return oldest;
    }

    private int Delete(SqliteStatement statement, int limit, long oldest)
    {
        statement.Bind(1, limit).Bind(2, oldest).Run();
        return _database.Changes;
    }

    /// <summary>Deletes texts and lists whose last generation of processes is gone, a stretch of ids at a time.</summary>
    private bool Sweep(long generation, ref bool deleted)
    {
        if (_sweepTable < 0)
        {
            if (generation <= _sweptGeneration || generation == 0)
                return false;
            _sweepTable = 0;
            _sweepFrom = 0;
            _sweepGeneration = generation;
        }
        string table = Swept[_sweepTable];
        long end = _sweepFrom + SweepRows;
        string range = $"id > {_sweepFrom} AND id <= {end} AND generation < {_sweepGeneration}";
        if (table is "object_list" or "module_list")
            _database.Execute($"DELETE FROM {table}_item WHERE list IN (SELECT id FROM {table} WHERE {range})");
        _database.Execute($"DELETE FROM {table} WHERE {range}");
        deleted |= _database.Changes > 0;
        _sweepFrom = end;
        if (_sweepFrom < _database.Scalar($"SELECT max(id) FROM {table}"))
            return true;
        _sweepFrom = 0;
        if (++_sweepTable < Swept.Length)
            return true;
        _sweepTable = -1;
        _sweptGeneration = _sweepGeneration;
        return false;
    }
}
