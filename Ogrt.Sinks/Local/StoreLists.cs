using System.Buffers.Binary;
using System.IO.Hashing;
using Ogrt.Wire;

namespace Ogrt.Sinks.Local;

/// <summary>
/// Row ids of shared-object lists, module lists and environments: each distinct list stands once in the database, however
/// many processes have it. A list is known by a 128-bit hash with the database's own random seed, which nobody outside can
/// aim at.
/// </summary>
internal sealed class StoreLists
{
    private readonly SqliteDatabase _database;
    private readonly StoreTexts _texts;
    private readonly long _seed;
    private readonly IdCache<UInt128, (long Id, long Generation)> _known;
    private readonly IdCache<UInt128, (long Id, long Generation)> _knownObjects;
    private readonly ListStatements _objects;
    private readonly ListStatements _modules;
    private readonly ListStatements _environments;
    private readonly SqliteStatement _addObjectItem;
    private readonly SqliteStatement _addModuleItem;
    private readonly SqliteStatement _touchObject;
    private readonly SqliteStatement _findObject;
    private readonly SqliteStatement _insertObject;
    private readonly XxHash128 _hash;
    private readonly BatchBuffer _items = new(4096);

    public StoreLists(SqliteDatabase database, StoreTexts texts, long seed, int cacheEntries)
    {
        _database = database;
        _texts = texts;
        _seed = seed;
        _hash = new XxHash128(seed);
        _known = new IdCache<UInt128, (long, long)>(cacheEntries);
        _knownObjects = new IdCache<UInt128, (long, long)>(cacheEntries);
        _objects = new ListStatements(database, "object_list", false);
        _modules = new ListStatements(database, "module_list", false);
        _environments = new ListStatements(database, "environment", true);
        _addObjectItem = database.Prepare("INSERT INTO object_list_item (list, position, object) VALUES (?1, ?2, ?3)");
        _addModuleItem = database.Prepare("INSERT INTO module_list_item (list, position, name) VALUES (?1, ?2, ?3)");
        _touchObject = database.Prepare("UPDATE object SET generation = ?2 WHERE id = ?1 AND generation < ?2");
        // IS compares NULLs as equal: an absent signature is not an empty one.
        _findObject = database.Prepare(
            "SELECT id FROM object WHERE hash = ?1 AND path IS ?2 AND signature IS ?3 AND build_id IS ?4");
        _insertObject = database.Prepare(
            "INSERT INTO object (hash, generation, path, signature, build_id) VALUES (?1, ?5, ?2, ?3, ?4)");
    }

    /// <summary>The id of a process's shared-object list; 0 when it has none.</summary>
    public long Objects(in ProcessInfoView process, long generation)
    {
        if (process.SharedObjects.Count == 0)
            return 0;
        // Equal bytes are an equal list. The reverse need not hold (a client may encode in another way), which costs a
        // second copy of the list and nothing else.
        UInt128 hash;
        if (process.SharedObjectsAreScattered)
        {
            Begin(1);
            foreach (SharedObjectView o in process.SharedObjects)
            {
                Append(o.Path, o.HasPath);
                Append(o.Signature, o.HasSignature);
                Append(o.BuildId, o.HasBuildId);
            }
            hash = _hash.GetCurrentHashAsUInt128();
        }
        else
        {
            hash = XxHash128.HashToUInt128(process.SharedObjectsBytes, _seed ^ 2);
        }
        if (IsFresh(hash, generation, out long id))
            return id;
        // The items are touched with the list: whoever refers to a list refers to them.
        bool isNew = _objects.FindOrInsert(hash, generation, default, ref id);
        int position = 0;
        foreach (SharedObjectView o in process.SharedObjects)
        {
            long item = ObjectId(o, generation);
            if (isNew)
                _addObjectItem.Bind(1, id).Bind(2, position++).Bind(3, item).Run();
        }
        _known.Set(hash, (id, generation));
        return id;
    }

    /// <summary>The id of a process's module list; 0 when it has none.</summary>
    public long Modules(in ProcessInfoView process, long generation)
    {
        if (process.LoadedModules.Count == 0)
            return 0;
        Begin(3);
        foreach (ModuleView module in process.LoadedModules)
            Append(module.Name, module.HasName);
        UInt128 hash = _hash.GetCurrentHashAsUInt128();
        if (IsFresh(hash, generation, out long id))
            return id;
        bool isNew = _modules.FindOrInsert(hash, generation, default, ref id);
        int position = 0;
        foreach (ModuleView module in process.LoadedModules)
        {
            // A module without a name, which no client sends, is written as text 0.
            long name = module.HasName ? _texts.IdOf(module.Name, generation) : 0;
            if (isNew)
                _addModuleItem.Bind(1, id).Bind(2, position++).Bind(3, name).Run();
        }
        _known.Set(hash, (id, generation));
        return id;
    }

    /// <summary>The id of a process's environment; 0 when it was not sent.</summary>
    public long Environment(in ProcessInfoView process, long generation)
    {
        if (process.EnvironmentVariables.Count == 0)
            return 0;
        Begin(4);
        foreach (ReadOnlySpan<byte> variable in process.EnvironmentVariables)
            Append(variable, true);
        UInt128 hash = _hash.GetCurrentHashAsUInt128();
        if (IsFresh(hash, generation, out long id))
            return id;
        _items.Clear(1 << 16);
        foreach (ReadOnlySpan<byte> variable in process.EnvironmentVariables)
            Varint.Write(_items, (ulong)_texts.IdOf(variable, generation));
        _environments.FindOrInsert(hash, generation, _items.Slice(0, _items.Length).Span, ref id);
        _known.Set(hash, (id, generation));
        return id;
    }

    public void Forget()
    {
        _known.Clear();
        _knownObjects.Clear();
    }

    private bool IsFresh(UInt128 hash, long generation, out long id)
    {
        bool known = _known.TryGet(hash, out (long Id, long Generation) entry);
        id = entry.Id;
        return known && entry.Generation >= generation;
    }

    private long ObjectId(in SharedObjectView o, long generation)
    {
        Begin(5);
        Append(o.Path, o.HasPath);
        Append(o.Signature, o.HasSignature);
        Append(o.BuildId, o.HasBuildId);
        UInt128 hash = _hash.GetCurrentHashAsUInt128();
        bool known = _knownObjects.TryGet(hash, out (long Id, long Generation) entry);
        if (known && entry.Generation >= generation)
            return entry.Id;
        long path = o.HasPath ? _texts.IdOf(o.Path, generation) : 0;
        long id = entry.Id != 0 ? entry.Id : FindObject((long)(ulong)hash, path, o);
        if (id == 0)
        {
            BindObject(_insertObject, (long)(ulong)hash, path, o);
            _insertObject.Bind(5, generation).Run();
            id = _database.LastRowId;
        }
        else
        {
            _touchObject.Bind(1, id).Bind(2, generation).Run();
        }
        _knownObjects.Set(hash, (id, generation));
        return id;
    }

    private long FindObject(long hash, long path, in SharedObjectView o)
    {
        BindObject(_findObject, hash, path, o);
        long id = _findObject.Step() ? _findObject.Int64(0) : 0;
        _findObject.Reset();
        return id;
    }

    private static void BindObject(SqliteStatement statement, long hash, long path, in SharedObjectView o)
    {
        statement.Bind(1, hash).BindId(2, path);
        if (o.HasSignature)
            statement.BindString(3, o.Signature);
        else
            statement.BindNull(3);
        if (o.HasBuildId)
            statement.BindBlob(4, o.BuildId);
        else
            statement.BindNull(4);
    }

    private void Begin(byte kind)
    {
        _hash.Reset();
        _hash.Append([kind]);
    }

    // Each part with its length in front, so that no byte can move from one part to the next.
    private void Append(ReadOnlySpan<byte> part, bool present)
    {
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, present ? part.Length : -1);
        _hash.Append(length);
        _hash.Append(part);
    }

    /// <summary>The statements of one of the three list tables.</summary>
    private sealed class ListStatements(SqliteDatabase database, string table, bool hasItems)
    {
        private readonly SqliteStatement _find = database.Prepare($"SELECT id FROM {table} WHERE hash = ?1");
        private readonly SqliteStatement _touch = database.Prepare(
            $"UPDATE {table} SET generation = ?2 WHERE id = ?1 AND generation < ?2");
        private readonly SqliteStatement _insert = database.Prepare(hasItems
            ? $"INSERT INTO {table} (hash, generation, items) VALUES (?1, ?2, ?3)"
            : $"INSERT INTO {table} (hash, generation) VALUES (?1, ?2)");

        /// <summary>Finds a list by its hash, or inserts it; true when it is new. An id that is known is not looked up.</summary>
        public bool FindOrInsert(UInt128 hash, long generation, ReadOnlySpan<byte> items, ref long id)
        {
            Span<byte> key = stackalloc byte[16];
            BinaryPrimitives.WriteUInt128BigEndian(key, hash);
            if (id == 0)
            {
                _find.BindBlob(1, key);
                if (_find.Step())
                    id = _find.Int64(0);
                _find.Reset();
            }
            if (id != 0)
            {
                _touch.Bind(1, id).Bind(2, generation).Run();
                return false;
            }
            _insert.BindBlob(1, key).Bind(2, generation);
            if (hasItems)
                _insert.BindBlob(3, items);
            _insert.Run();
            id = database.LastRowId;
            return true;
        }
    }
}
