using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Ogrt.Sinks.Local;

/// <summary>
/// A connection to a database file, over the SQLite library that Microsoft.Data.Sqlite brings. The store binds bytes as
/// they lie in a frame and steps prepared statements a hundred thousand times a second, which ADO.NET's parameters, made
/// of objects and strings, would pay for with garbage. Errors are Microsoft.Data.Sqlite's own <see cref="SqliteException"/>.
/// Not thread-safe: one owner at a time.
/// </summary>
internal sealed class SqliteDatabase : IDisposable
{
    // SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE.
    private const int NoCheckpointOnClose = 1006;

    private readonly sqlite3 _handle;
    private readonly List<SqliteStatement> _statements = [];

    static SqliteDatabase() => Batteries_V2.Init();

    private SqliteDatabase(sqlite3 handle, string path)
    {
        _handle = handle;
        Path = path;
    }

    /// <summary>The file, as it was opened.</summary>
    public string Path { get; }

    /// <summary>Rows that the last statement changed.</summary>
    public int Changes => raw.sqlite3_changes(_handle);

    /// <summary>The row id of the last insert.</summary>
    public long LastRowId => raw.sqlite3_last_insert_rowid(_handle);

    /// <summary>Whether a transaction is open.</summary>
    public bool InTransaction => raw.sqlite3_get_autocommit(_handle) == 0;

    /// <summary>Opens a file for reading and writing and creates it when it is not there.</summary>
    /// <exception cref="SqliteException">The file cannot be opened.</exception>
    public static SqliteDatabase OpenWrite(string path) =>
        Open(path, raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_CREATE);

    /// <summary>Opens a file for reading.</summary>
    /// <param name="path">The file.</param>
    /// <param name="immutable">
    /// Says that nobody writes, so that a database on a read-only file system opens without its shared-memory file.
    /// </param>
    /// <exception cref="SqliteException">The file cannot be opened.</exception>
    public static SqliteDatabase OpenRead(string path, bool immutable = false) => immutable
        ? Open("file:" + Uri.EscapeDataString(System.IO.Path.GetFullPath(path)) + "?immutable=1",
            raw.SQLITE_OPEN_READONLY | raw.SQLITE_OPEN_URI)
        : Open(path, raw.SQLITE_OPEN_READONLY);

    private static SqliteDatabase Open(string path, int flags)
    {
        // NOMUTEX: the store sees to it that one thread at a time uses a connection.
        int rc = raw.sqlite3_open_v2(path, out sqlite3 handle, flags | raw.SQLITE_OPEN_NOMUTEX, null);
        var database = new SqliteDatabase(handle, path);
        if (rc != raw.SQLITE_OK)
        {
            SqliteException error = database.Error(rc, "open " + path);
            database.Dispose();
            throw error;
        }
        _ = raw.sqlite3_busy_timeout(handle, 5000);
        _ = raw.sqlite3_extended_result_codes(handle, 1);
        return database;
    }

    /// <summary>Runs statements that answer nothing.</summary>
    public void Execute(string sql) => Check(raw.sqlite3_exec(_handle, sql), sql);

    /// <summary>Runs a query and answers its first column, 0 without a row.</summary>
    public long Scalar(string sql)
    {
        using SqliteStatement statement = Prepare(sql);
        return statement.Step() ? statement.Int64(0) : 0;
    }

    /// <summary>Runs a query and answers its first column as text, null without a row.</summary>
    public string? ScalarText(string sql)
    {
        using SqliteStatement statement = Prepare(sql);
        return statement.Step() ? statement.Text(0) : null;
    }

    /// <summary>Prepares a statement, which lives as long as the connection at most.</summary>
    public SqliteStatement Prepare(string sql)
    {
        Check(raw.sqlite3_prepare_v3(_handle, sql, raw.SQLITE_PREPARE_PERSISTENT, out sqlite3_stmt handle), sql);
        var statement = new SqliteStatement(this, handle, sql);
        _statements.Add(statement);
        return statement;
    }

    /// <summary>Undoes an open transaction; SQLite has undone it itself after some errors.</summary>
    public void Rollback()
    {
        foreach (SqliteStatement statement in _statements)
            statement.Reset();
        if (InTransaction)
            _ = raw.sqlite3_exec(_handle, "ROLLBACK");
    }

    /// <summary>Has the write-ahead log neither written back nor deleted when the connection is closed.</summary>
    public void KeepLog() => _ = raw.sqlite3_db_config(_handle, NoCheckpointOnClose, 1, out _);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (SqliteStatement statement in _statements.ToArray())
            statement.Dispose();
        _ = raw.sqlite3_close_v2(_handle);
        _handle.Dispose();
    }

    internal void Forget(SqliteStatement statement) => _statements.Remove(statement);

    internal void Check(int rc, string what)
    {
        if (rc is not (raw.SQLITE_OK or raw.SQLITE_ROW or raw.SQLITE_DONE))
            throw Error(rc, what);
    }

    private SqliteException Error(int rc, string what)
    {
        string message = raw.sqlite3_errmsg(_handle).utf8_to_string();
        int extended = raw.sqlite3_extended_errcode(_handle);
        string place = what.Length > 80 ? string.Concat(what.AsSpan(0, 80), "…") : what;
        return new SqliteException($"SQLite error {rc & 0xff}: {message} ({place})", rc & 0xff, extended);
    }
}
