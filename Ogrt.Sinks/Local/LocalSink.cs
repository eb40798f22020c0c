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
            return write(_writer ??= OpenWriter());
        }
        catch (SqliteException e) when (StoreFile.IsDamage(e))
        {
            return SetAside(e);
        }
        catch (SqliteException e)
        {
            return VerdictOf(e);
        }
        catch (StoreVersionException e)
        {
            return SinkVerdict.Pause("schema_version", e.Message);
        }
        catch (UnauthorizedAccessException e)
        {
            return SinkVerdict.Pause("not_writable", e.Message);
        }
        catch (IOException e)
        {
            return SinkVerdict.Retry("io_error", e.Message);
        }
        finally
        {
            _turn.Release();
        }
    }

    private StoreWriter OpenWriter()
    {
        SqliteDatabase database = StoreFile.Open(_path, _settings, out string? movedAside);
        if (movedAside is not null)
            ReportDamage(movedAside, "its content is not a sound database");
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

    private static SinkVerdict VerdictOf(SqliteException e) => e.SqliteErrorCode switch
    {
        raw.SQLITE_FULL => SinkVerdict.Retry("disk_full", e.Message),
        raw.SQLITE_BUSY or raw.SQLITE_LOCKED => SinkVerdict.Retry("locked", e.Message),
        raw.SQLITE_IOERR => SinkVerdict.Retry("io_error", e.Message),
        raw.SQLITE_READONLY or raw.SQLITE_CANTOPEN or raw.SQLITE_PERM or raw.SQLITE_AUTH => SinkVerdict.Pause("not_writable", e.Message),
        _ => SinkVerdict.Retry("sqlite_" + e.SqliteErrorCode.ToString(System.Globalization.CultureInfo.InvariantCulture), e.Message),
    };

    private async Task RetainAsync()
    {
        try
        {
            while (true)
            {
                bool more = false;
                SinkVerdict verdict = await WriteAsync(
                    writer =>
                    {
                        long before = writer.Retention.DeletedProcesses;
                        more = writer.Retain(_settings, DateTimeOffset.UtcNow);
                        _metrics.Retained(writer.Retention.DeletedProcesses - before);
                        return SinkVerdict.Delivered;
                    },
                    _closing.Token).ConfigureAwait(false);
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
}
