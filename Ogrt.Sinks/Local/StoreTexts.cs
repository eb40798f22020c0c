using System.IO.Hashing;

namespace Ogrt.Sinks.Local;

/// <summary>
/// Row ids of strings: looked up in memory, then in the database, and inserted when they are new. Each remembers the last
/// generation of processes that used it; see <see cref="StoreSchema.GenerationShift"/>.
/// </summary>
internal sealed class StoreTexts(SqliteDatabase database, long seed, int cacheEntries)
{
    private readonly IdCache<UInt128, (long Id, long Generation)> _cache = new(cacheEntries);
    private readonly SqliteStatement _find = database.Prepare("SELECT id, value FROM text WHERE hash = ?1");
    private readonly SqliteStatement _touch = database.Prepare(
        "UPDATE text SET generation = ?2 WHERE id = ?1 AND generation < ?2");
    private readonly SqliteStatement _insert = database.Prepare(
        "INSERT INTO text (hash, generation, value) VALUES (?1, ?2, ?3)");

    /// <summary>The id of a string, which is at least as new as <paramref name="generation"/> from now on.</summary>
    public long IdOf(ReadOnlySpan<byte> value, long generation)
    {
        UInt128 hash = XxHash128.HashToUInt128(value, seed);
        if (_cache.TryGet(hash, out (long Id, long Generation) known) && known.Generation >= generation)
            return known.Id;
        long id = known.Id != 0 ? known.Id : Find((long)(ulong)hash, value);
        if (id == 0)
        {
            _insert.Bind(1, (long)(ulong)hash).Bind(2, generation).BindString(3, value).Run();
            id = database.LastRowId;
        }
        else
        {
            _touch.Bind(1, id).Bind(2, generation).Run();
        }
        _cache.Set(hash, (id, generation));
        return id;
    }

    public void Forget() => _cache.Clear();

    private long Find(long hash, ReadOnlySpan<byte> value)
    {
        _find.Bind(1, hash);
        long id = 0;
        while (id == 0 && _find.Step())
        {
            if (_find.Bytes(1).SequenceEqual(value))
                id = _find.Int64(0);
        }
        _find.Reset();
        return id;
    }
}
