using System.Security.Cryptography;

namespace Ogrt.Sinks.Local;

/// <summary>The few values that the store keeps about itself.</summary>
internal static class StoreMeta
{
    private const string SeedKey = "seed";
    private const string LastProcessKey = "last_process";

    /// <summary>The random seed of the database's hashes, made once.</summary>
    public static long Seed(SqliteDatabase database)
    {
        using (SqliteStatement find = database.Prepare("SELECT value FROM meta WHERE key = ?1"))
        {
            find.Bind(1, SeedKey);
            if (find.Step())
                return find.Int64(0);
        }
        long seed = BitConverter.ToInt64(RandomNumberGenerator.GetBytes(8));
        Set(database, SeedKey, seed);
        return seed;
    }

    /// <summary>The highest process id ever given. Ids are never given twice, also when the rows are gone.</summary>
    public static long LastProcess(SqliteDatabase database) => Math.Max(
        database.Scalar("SELECT max(id) FROM process"),
        database.Scalar($"SELECT value FROM meta WHERE key = '{LastProcessKey}'"));

    /// <summary>Remembers the highest process id before rows are deleted.</summary>
    public static void SetLastProcess(SqliteDatabase database, long id) => Set(database, LastProcessKey, id);

    private static void Set(SqliteDatabase database, string key, long value)
    {
        using SqliteStatement set = database.Prepare(
            "INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value");
        set.Bind(1, key).Bind(2, value).Run();
    }
}
