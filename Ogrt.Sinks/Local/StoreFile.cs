using System.Globalization;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Ogrt.Sinks.Local;

/// <summary>Opens the database of the store for its writer: makes it, checks it, migrates it, and moves a damaged one aside.</summary>
internal static class StoreFile
{
    private static readonly string[] Companions = ["", "-wal", "-shm"];

    /// <summary>Opens a database that can be written.</summary>
    /// <param name="path">The file.</param>
    /// <param name="settings">The store's settings.</param>
    /// <param name="movedAside">Where a damaged database was moved to; null when there was none.</param>
    /// <exception cref="SqliteException">The file cannot be opened or made for another reason than its content.</exception>
    /// <exception cref="StoreVersionException">A newer program wrote it, or it is another program's database.</exception>
    public static SqliteDatabase Open(string path, LocalStoreSettings settings, out string? movedAside)
    {
        movedAside = null;
        try
        {
            return OpenChecked(path, settings);
        }
        catch (SqliteException e) when (IsDamage(e))
        {
            movedAside = MoveAside(path);
            return OpenChecked(path, settings);
        }
    }

    /// <summary>Whether an error says that the file's content is not a sound database.</summary>
    public static bool IsDamage(SqliteException e) => e.SqliteErrorCode is raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB;

    /// <summary>Moves a database and its journal files to names that tell when that was; nothing is deleted.</summary>
    public static string MoveAside(string path)
    {
        string stamp = DateTime.UtcNow.ToString("yyyyMMdd'T'HHmmss", CultureInfo.InvariantCulture);
        string target = $"{path}.damaged-{stamp}";
        for (int n = 2; File.Exists(target); n++)
            target = $"{path}.damaged-{stamp}-{n}";
        foreach (string companion in Companions)
        {
            if (File.Exists(path + companion))
                File.Move(path + companion, target + companion);
        }
        return target;
    }

    private static SqliteDatabase OpenChecked(string path, LocalStoreSettings settings)
    {
        Create(path);
        SqliteDatabase database = SqliteDatabase.OpenWrite(path);
        try
        {
            Configure(database, settings);
            Check(database, settings);
            StoreSchema.Migrate(database);
            return database;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    // SQLite gives its journal files the mode of the database: it must be right from the first byte on.
    private static void Create(string path)
    {
        string? directory = Path.GetDirectoryName(Path.GetFullPath(path));
        if (directory is not null)
            OwnerFiles.CreateDirectory(directory);
        OwnerFiles.OpenOrCreate(path).Dispose();
    }

    private static void Configure(SqliteDatabase database, LocalStoreSettings settings)
    {
        // Only takes effect in a new file; without it free pages could not be given back without writing the file anew.
        database.Execute("PRAGMA auto_vacuum = INCREMENTAL");
        database.Execute("PRAGMA journal_mode = WAL");
        database.Execute($"PRAGMA synchronous = {settings.Synchronous.ToString().ToUpperInvariant()}");
        database.Execute($"PRAGMA cache_size = -{Math.Max(settings.PageCache / 1024, 64)}");
        // After a long reader the log may be large; it is cut back to this at the next checkpoint.
        database.Execute("PRAGMA journal_size_limit = 67108864");
        database.Execute("PRAGMA wal_autocheckpoint = 2000");
        database.Execute("PRAGMA recursive_triggers = OFF");
    }

    private static void Check(SqliteDatabase database, LocalStoreSettings settings)
    {
        long application = database.Scalar("PRAGMA application_id");
        long tables = database.Scalar("SELECT count(*) FROM sqlite_schema");
        if (tables > 0 && application != StoreSchema.ApplicationId)
            throw new StoreVersionException($"{database.Path} is the database of another program.");
        if (tables == 0 || new FileInfo(database.Path).Length > settings.CheckSize)
            return;
        string? finding = database.ScalarText("PRAGMA quick_check(1)");
        if (finding != "ok")
            throw new SqliteException($"{database.Path}: {finding}", raw.SQLITE_CORRUPT);
    }
}
