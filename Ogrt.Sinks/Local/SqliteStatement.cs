using System.Text.Unicode;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Ogrt.Sinks.Local;

/// <summary>A prepared statement. Parameters are numbered from 1, columns from 0, as SQLite does.</summary>
internal sealed class SqliteStatement : IDisposable
{
    private readonly SqliteDatabase _database;
    private readonly sqlite3_stmt _handle;
    private readonly string _sql;
    private bool _disposed;

    internal SqliteStatement(SqliteDatabase database, sqlite3_stmt handle, string sql)
    {
        _database = database;
        _handle = handle;
        _sql = sql;
    }

    public SqliteStatement Bind(int parameter, long value)
    {
        Check(raw.sqlite3_bind_int64(_handle, parameter, value));
        return this;
    }

    /// <summary>Binds a number that is absent when it is 0.</summary>
    public SqliteStatement BindId(int parameter, long id) => id == 0 ? BindNull(parameter) : Bind(parameter, id);

    public SqliteStatement BindNull(int parameter)
    {
        Check(raw.sqlite3_bind_null(_handle, parameter));
        return this;
    }

    public SqliteStatement BindBlob(int parameter, ReadOnlySpan<byte> bytes)
    {
        // An empty span has no address, and SQLite takes none for NULL.
        Check(bytes.IsEmpty
            ? raw.sqlite3_bind_zeroblob(_handle, parameter, 0)
            : raw.sqlite3_bind_blob(_handle, parameter, bytes));
        return this;
    }

    /// <summary>
    /// Binds a string of bytes: as text where it is UTF-8 without NUL, so that people can read it in the database, and
    /// else as the bytes they are, so that nothing is lost.
    /// </summary>
    public SqliteStatement BindString(int parameter, ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty || bytes.Contains((byte)0) || !Utf8.IsValid(bytes))
            return BindBlob(parameter, bytes);
        Check(raw.sqlite3_bind_text(_handle, parameter, bytes));
        return this;
    }

    public SqliteStatement Bind(int parameter, string text)
    {
        Check(raw.sqlite3_bind_text(_handle, parameter, text));
        return this;
    }

    /// <summary>Goes to the next row; false when there is none.</summary>
    /// <exception cref="SqliteException">The statement failed; it is reset.</exception>
    public bool Step()
    {
        int rc = raw.sqlite3_step(_handle);
        switch (rc)
        {
            case raw.SQLITE_ROW:
                return true;
            case raw.SQLITE_DONE:
                return false;
            default:
                // reset answers the step's error again, which the exception carries already.
                try
                {
                    _database.Check(rc, _sql);
                }
                finally
                {
                    _ = raw.sqlite3_reset(_handle);
                }
                return false;
        }
    }

    /// <summary>Runs the statement to its end and makes it ready for the next run.</summary>
    public void Run()
    {
        while (Step())
        {
        }
        Reset();
    }

    public void Reset() => _ = raw.sqlite3_reset(_handle);

    /// <summary>Columns of the result.</summary>
    public int Columns => raw.sqlite3_column_count(_handle);

    public bool IsNull(int column) => raw.sqlite3_column_type(_handle, column) == raw.SQLITE_NULL;

    public long Int64(int column) => raw.sqlite3_column_int64(_handle, column);

    /// <summary>A column's bytes, text or blob; valid until the next step.</summary>
    public ReadOnlySpan<byte> Bytes(int column) => raw.sqlite3_column_blob(_handle, column);

    /// <summary>A column as text; bytes that are not UTF-8 become U+FFFD. Null for NULL.</summary>
    public string? Text(int column) =>
        IsNull(column) ? null : System.Text.Encoding.UTF8.GetString(Bytes(column));

    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        _database.Forget(this);
        _ = raw.sqlite3_finalize(_handle);
        _handle.Dispose();
    }

    private void Check(int rc) => _database.Check(rc, _sql);
}
