using Google.Protobuf;
using Ogrt.Journal;
using Ogrt.Sinks;
using Ogrt.Sinks.Local;

namespace Ogrt.Specs.Sinks;

/// <summary>A local store in a directory of its own, written without a server around it.</summary>
internal sealed class TempStore : IDisposable
{
    private readonly TempDirectory _directory = new();
    private StoreWriter? _writer;
    private SqliteDatabase? _database;

    public static LocalStoreSettings Defaults => LocalStoreSettings.Create(
        SinkSettings.Create(SinksReference.Config).Single(s => s.Name == "local"));

    public LocalStoreSettings Settings { get; set; } = Defaults;

    public string Path => _directory.File("ogrt.db");

    public string Directory => _directory.Path;

    public string? MovedAside { get; private set; }

    public StoreWriter Writer
    {
        get
        {
            if (_writer is null)
            {
                _database = StoreFile.Open(Path, Settings, out string? movedAside);
                MovedAside = movedAside;
                _writer = new StoreWriter(_database, "test", ["UNKNOWN"], Settings.CacheEntries);
            }
            return _writer;
        }
    }

    /// <summary>The writer's connection.</summary>
    public SqliteDatabase Database => Writer is null ? null! : _database!;

    /// <summary>Writes messages in one transaction and tells what became of each.</summary>
    public SinkOutcome[] Write(params IEnumerable<IMessage> messages) => Write(Frames.Attempt(messages));

    public SinkOutcome[] Write(params IEnumerable<JournalRecord> records) => Write(Frames.Attempt(records));

    public SinkOutcome[] Write(SinkAttempt attempt)
    {
        Writer.Write(attempt);
        return [.. Enumerable.Range(0, attempt.Count).Select(attempt.Outcome)];
    }

    public LocalStore OpenRead() => LocalStore.OpenRead(Path);

    public T Read<T>(Func<LocalStore, T> read)
    {
        using LocalStore store = OpenRead();
        return read(store);
    }

    public long Count(string table) => Scalar($"SELECT count(*) FROM {table}");

    public long Scalar(string sql)
    {
        using SqliteDatabase database = SqliteDatabase.OpenRead(Path);
        return database.Scalar(sql);
    }

    /// <summary>Closes the database; the next use opens it again.</summary>
    public void Close()
    {
        _writer?.Dispose();
        _writer = null;
    }

    public void Dispose()
    {
        Close();
        _directory.Dispose();
    }
}
