using Akka.Event;
using Microsoft.Data.Sqlite;
using Ogrt.Journal;
using Ogrt.Wire;
using SQLitePCL;

namespace Ogrt.Sinks.Local;

/// <summary>The sink of the embedded store. One writer; retention runs between batches.</summary>
internal sealed class LocalSink : ISink
{
    private readonly LocalStoreSettings _settings;
    private readonly string _path;
    private readonly SinkContext _context;
    private readonly LocalStoreMetrics _metrics;
    private readonly ILoggingAdapter _log;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly CancellationTokenSource _closing = new();
    private StoreWriter? _writer;
    private FileState? _file;
    private bool _toldOfDefect;
    private Task _retention = Task.CompletedTask;

    public LocalSink(string name, LocalStoreSettings settings, SinkContext context)
    {
        _settings = settings;
        _path = context.PathOf(settings.Path);
        _context = context;
        _log = context.Log;
        _metrics = new LocalStoreMetrics(name, _path);
    }

    public LocalStoreMetrics Metrics => _metrics;

    public async ValueTask<SinkVerdict> OpenAsync(CancellationToken cancellationToken)
    {
        SinkVerdict verdict = await WriteAsync(_ => SinkVerdict.Delivered, cancellationToken).ConfigureAwait(false);
        if (verdict.Kind == SinkVerdictKind.Delivered && _retention.IsCompleted)
            _retention = Task.Run(RetainAsync, CancellationToken.None);
        return verdict;
    }

    public EncodeResult Encode(in JournalRecord record, BatchBuffer output) =>
        RecordKind.IsFrame(record.Kind) || record.Kind == RecordKind.JobRecord ? EncodeResult.Encoded() : EncodeResult.Skipped;

    public ValueTask<SinkVerdict> SendAsync(SinkAttempt attempt, CancellationToken cancellationToken) =>
        WriteAsync(
            writer =>
            {
                writer.Write(attempt);
                return SinkVerdict.PerItem;
            },
            cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync().ConfigureAwait(false);
        await _retention.ConfigureAwait(false);
        await _turn.WaitAsync().ConfigureAwait(false);
        if (_writer is not null && WasTakenAway())
            Abandon();
        _writer?.Dispose();
        _writer = null;
        _metrics.Dispose();
        _turn.Dispose();
        _closing.Dispose();
    }

    /// <summary>Takes the writer, opening the database when it is not, and turns what SQLite says into a verdict.</summary>
    private async ValueTask<SinkVerdict> WriteAsync(Func<StoreWriter, SinkVerdict> write, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return Write(write);
        }
        catch (SqliteException e)
        {
            return VerdictOf(e);
        }
        catch (StoreVersionException e)
        {
            return SinkVerdict.Pause("schema_version", e.Message);
        }
        catch (Exception e) when (FileVerdicts.Knows(e))
        {
            return FileVerdicts.Of(e);
        }
        finally
        {
            _turn.Release();
        }
    }

    private SinkVerdict Write(Func<StoreWriter, SinkVerdict> write)
    {
        if (_writer is not null && WasTakenAway())
            Abandon();
        SinkVerdict verdict;
        try
        {
            verdict = write(_writer ??= OpenWriter());
        }
        catch (SqliteException e) when (_writer is not null && StoreFile.IsDamage(e))
        {
            return SetAside(e);
        }
        catch (SqliteException e) when (_writer is not null && e.SqliteErrorCode is raw.SQLITE_READONLY or raw.SQLITE_CANTOPEN or raw.SQLITE_IOERR)
        {
            // Opened anew for the next attempt: what made it fail may stick to the connection.
            _writer!.Dispose();
            _writer = null;
            throw;
        }
        if (!WasTakenAway())
            return verdict;
        // Committed, and nobody will ever read it.
        Abandon();
        throw new FileReplacedException(_path);
    }

    // SQLite itself goes on writing into a file that has no name any more.
    private bool WasTakenAway() => _file is { } file && !file.IsSame(FileState.Of(_path));

    private void Abandon()
    {
        _log.Warning("The store {0} was moved, deleted or replaced while the server wrote it; it is opened anew at its place", _path);
        // The log at its place may belong to whatever is there now.
        _writer!.DisposeWithoutLog();
        _writer = null;
    }

    private StoreWriter OpenWriter()
    {
        SqliteDatabase database = StoreFile.Open(_path, _settings, out string? movedAside);
        if (movedAside is not null)
            ReportDamage(movedAside, "its content is not a sound database");
        _file = FileState.Of(_path);
        try
        {
            return new StoreWriter(database, _context.Cluster, _context.IdsThatMeanNone, _settings.CacheEntries);
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>Found damaged while it was used: the batch is not acknowledged and goes into a new database.</summary>
    private SinkVerdict SetAside(SqliteException e)
    {
        _writer?.Dispose();
        _writer = null;
        ReportDamage(StoreFile.MoveAside(_path), e.Message);
        return SinkVerdict.Retry("damaged", e.Message);
    }

    private void ReportDamage(string movedAside, string why)
    {
        _metrics.DatabaseDamaged();
        _log.Warning("The store {0} was damaged ({1}); it is kept as {2} and a new one was begun. What was in it can be " +
            "recovered with the .recover command of the sqlite3 program", _path, why, movedAside);
    }

    private SinkVerdict VerdictOf(SqliteException e)
    {
        string detail = $"{_path}: {e.Message}";
        return e.SqliteErrorCode switch
        {
            raw.SQLITE_FULL => SinkVerdict.Pause("disk_full", detail),
            raw.SQLITE_BUSY or raw.SQLITE_LOCKED => SinkVerdict.Retry("locked", detail),
            raw.SQLITE_IOERR => SinkVerdict.Retry("io_error", detail),
            raw.SQLITE_READONLY or raw.SQLITE_CANTOPEN or raw.SQLITE_PERM or raw.SQLITE_AUTH => SinkVerdict.Pause("not_writable", detail),
            _ => SinkVerdict.Retry("sqlite_" + e.SqliteErrorCode.ToString(System.Globalization.CultureInfo.InvariantCulture), detail),
        };
    }

    private async Task RetainAsync()
    {
        try
        {
            while (true)
            {
                bool more = false;
                SinkVerdict verdict = await RetainOnceAsync(() => more = true).ConfigureAwait(false);
                if (verdict.Kind != SinkVerdictKind.Delivered)
                    _metrics.RetentionFailed();
                // Between two steps the batches that wait have their turn.
                if (verdict.Kind != SinkVerdictKind.Delivered || !more)
                    await Task.Delay(_settings.RetentionInterval, _closing.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The sink is closing.
        }
    }

    private async Task<SinkVerdict> RetainOnceAsync(Action more)
    {
        try
        {
            return await WriteAsync(
                writer =>
                {
                    long before = writer.Retention.DeletedProcesses;
                    if (writer.Retain(_settings, DateTimeOffset.UtcNow))
                        more();
                    _metrics.Retained(writer.Retention.DeletedProcesses - before);
                    return SinkVerdict.Delivered;
                },
                _closing.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not (OutOfMemoryException or OperationCanceledException))
        {
            // Nobody waits for retention: without this it would have ended for good, and the store would grow.
            if (!_toldOfDefect)
                _log.Error(e, "Retention of the store {0} failed in a way that it should have answered for; it is tried again", _path);
            _toldOfDefect = true;
            return SinkVerdict.Retry("unexpected", e.Message);
        }
    }
}
