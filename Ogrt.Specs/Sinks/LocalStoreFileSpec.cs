using Microsoft.Data.Sqlite;
using Ogrt.Sinks;
using Ogrt.Sinks.Local;

namespace Ogrt.Specs.Sinks;

public sealed class LocalStoreFileSpec
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    [Fact]
    public void Only_the_owner_can_read_the_store()
    {
        using var store = new TempStore();
        store.Write([Frames.Process(1)]);
        string[] files = Directory.GetFiles(store.Directory);
        Assert.Contains(store.Path + "-wal", files);
        Assert.All(files, f => Assert.Equal(Owner, Modes.Of(f)));
    }

    [Fact]
    public void A_new_directory_is_for_the_owner_alone()
    {
        using var directory = new TempDirectory();
        string path = Path.Combine(directory.File("new"), "store", "ogrt.db");
        StoreFile.Open(path, TempStore.Defaults, out _).Dispose();
        Assert.Equal(Owner | UnixFileMode.UserExecute, Modes.Of(Path.GetDirectoryName(path)!));
    }

    [Fact]
    public void A_transaction_is_on_disk_when_it_is_done()
    {
        using var store = new TempStore();
        using SqliteDatabase database = StoreFile.Open(store.Path, store.Settings, out _);
        Assert.Equal(2, database.Scalar("PRAGMA synchronous"));
        Assert.Equal("wal", database.ScalarText("PRAGMA journal_mode"));
        Assert.Equal(2, database.Scalar("PRAGMA auto_vacuum"));
        using SqliteDatabase normal = StoreFile.Open(store.Path, store.Settings with { Synchronous = StoreSync.Normal }, out _);
        Assert.Equal(1, normal.Scalar("PRAGMA synchronous"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(20_000)]
    public void A_damaged_database_is_kept_aside_and_a_new_one_begun(int at)
    {
        using var store = new TempStore();
        store.Write(Enumerable.Range(0, 500).Select(n => Frames.Process(n)));
        store.Close();
        using (FileStream file = File.OpenWrite(store.Path))
        {
            file.Position = at;
            file.Write(Enumerable.Repeat((byte)0x5a, 3000).ToArray());
        }
        byte[] damaged = File.ReadAllBytes(store.Path);
        Assert.Equal([SinkOutcome.Delivered], store.Write([Frames.Process(1000)]));
        Assert.NotNull(store.MovedAside);
        // But for the header, in which SQLite counts changes when it opens the file.
        Assert.Equal(damaged[100..], File.ReadAllBytes(store.MovedAside!)[100..]);
        Assert.Equal(1, store.Count("process"));
    }

    [Fact]
    public async Task Damage_that_shows_while_the_store_is_used_costs_no_record_that_was_not_acknowledged()
    {
        await using var server = new SinkServer(
            "ogrt.sinks.local { batch-linger = 5 ms, backoff-min = 1 ms, check-size = 0, page-cache = 64 KiB }");
        await server.StartAsync();
        server.Append(Enumerable.Range(0, 2000).Select(n => Frames.Process(n)));
        await server.DeliveredAsync();
        await server.Host!.StopAsync();
        string path = LocalStore.PathOf(server.Settings.Single(s => s.Name == "local"), server.DataDirectory);
        using (FileStream file = File.OpenWrite(path))
        {
            // Everything but the first page: the file opens, and the first statement that reads a table fails.
            file.Position = 4096;
            file.Write(new byte[file.Length - 4096]);
        }
        await server.RestartAsync();
        server.Append(Enumerable.Range(5000, 100).Select(n => Frames.Process(n)));
        await server.DeliveredAsync();
        using LocalStore store = LocalStore.OpenRead(path);
        Assert.Equal(100, store.GetProcesses("JOB").Count());
        Assert.Single(Directory.GetFiles(Path.GetDirectoryName(path)!, "*.damaged-*"), f => !f.EndsWith("-wal", StringComparison.Ordinal) && !f.EndsWith("-shm", StringComparison.Ordinal));
    }

    [Fact]
    public void Steps_of_the_schema_that_a_database_has_not_had_are_run_once()
    {
        using var directory = new TempDirectory();
        using SqliteDatabase database = SqliteDatabase.OpenWrite(directory.File("x.db"));
        StoreSchema.Migrate(database, ["CREATE TABLE a (x)"]);
        database.Execute("INSERT INTO a VALUES (7)");
        StoreSchema.Migrate(database, ["CREATE TABLE a (x)", "CREATE TABLE b (x); INSERT INTO b SELECT x + 1 FROM a"]);
        StoreSchema.Migrate(database, ["CREATE TABLE a (x)", "CREATE TABLE b (x); INSERT INTO b SELECT x + 1 FROM a"]);
        Assert.Equal(2, database.Scalar("PRAGMA user_version"));
        Assert.Equal(8, database.Scalar("SELECT sum(x) FROM b"));
    }

    [Fact]
    public void A_step_that_fails_leaves_the_database_as_it_was()
    {
        using var directory = new TempDirectory();
        using SqliteDatabase database = SqliteDatabase.OpenWrite(directory.File("x.db"));
        Assert.Throws<SqliteException>(() => StoreSchema.Migrate(database, ["CREATE TABLE a (x)", "CREATE TABLE b (x); SELECT nonsense"]));
        Assert.Equal(1, database.Scalar("PRAGMA user_version"));
        Assert.Equal(0, database.Scalar("SELECT count(*) FROM sqlite_schema WHERE name = 'b'"));
    }

    [Fact]
    public void A_database_of_a_newer_program_is_left_alone()
    {
        using var store = new TempStore();
        store.Write([Frames.Process(1)]);
        store.Close();
        using (SqliteDatabase database = SqliteDatabase.OpenWrite(store.Path))
            database.Execute("PRAGMA user_version = 99");
        Assert.Throws<StoreVersionException>(() => store.Writer);
        Assert.Throws<StoreVersionException>(() => store.OpenRead());
        Assert.Equal(99, store.Scalar("PRAGMA user_version"));
    }

    [Fact]
    public void A_database_of_another_program_is_left_alone()
    {
        using var store = new TempStore();
        using (SqliteDatabase database = SqliteDatabase.OpenWrite(store.Path))
            database.Execute("CREATE TABLE theirs (x)");
        Assert.Throws<StoreVersionException>(() => store.Writer);
        Assert.Throws<StoreVersionException>(() => store.OpenRead());
        Assert.Equal(1, store.Scalar("SELECT count(*) FROM sqlite_schema"));
    }

    [Fact]
    public void A_store_that_is_not_there_is_said_to_be_missing()
    {
        using var directory = new TempDirectory();
        Assert.Throws<FileNotFoundException>(() => LocalStore.OpenRead(directory.File("none.db")));
        Assert.False(File.Exists(directory.File("none.db")));
    }

    [Fact]
    public void Readers_see_what_is_committed_while_the_writer_writes()
    {
        using var store = new TempStore();
        store.Write([Frames.Process(0)]);
        using LocalStore reader = store.OpenRead();
        using IEnumerator<StoredProcess> reading = reader.GetProcesses("JOB").GetEnumerator();
        Assert.True(reading.MoveNext());
        for (int n = 1; n < 50; n++)
            store.Write([Frames.Process(n)]);
        // The query that had begun sees its own moment; a new one sees them all.
        Assert.False(reading.MoveNext());
        reading.Dispose();
        Assert.Equal(50, reader.GetProcesses("JOB").Count());
    }

    [Fact]
    public void A_store_in_a_directory_that_cannot_be_written_can_be_read()
    {
        using var store = new TempStore();
        store.Write([Frames.Process(0)]);
        store.Close();
        Modes.Set(store.Directory, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        try
        {
            Assert.Single(store.Read(s => s.GetProcesses("JOB").ToList()));
        }
        finally
        {
            Modes.Set(store.Directory, Owner | UnixFileMode.UserExecute);
        }
    }

    [Fact]
    public void A_full_disk_undoes_the_batch_and_the_same_batch_goes_in_when_there_is_room()
    {
        using var store = new TempStore();
        store.Write([Frames.Process(0)]);
        SqliteDatabase database = store.Database;
        // What a full disk answers, from a limit of SQLite's own.
        database.Execute($"PRAGMA max_page_count = {database.Scalar("PRAGMA page_count") + 3}");
        var batch = Enumerable.Range(1, 2000).Select(n => Frames.Process(n, job: "J" + n, host: "h" + n)).ToList();
        SqliteException error = Assert.Throws<SqliteException>(() => store.Write(batch));
        Assert.Equal(SQLitePCL.raw.SQLITE_FULL, error.SqliteErrorCode);
        Assert.Equal(1, store.Count("process"));
        database.Execute("PRAGMA max_page_count = 1073741823");
        Assert.All(store.Write(batch), o => Assert.Equal(SinkOutcome.Delivered, o));
        Assert.Equal(2001, store.Count("process"));
        Assert.Equal(2000, store.Read(s => s.ListJobs(new JobFilter())).Count(j => j.JobId.StartsWith('J') && j.ProcessCount == 1 && j.JobId != "JOB"));
    }

    [Fact]
    public async Task A_server_that_died_before_its_cursor_was_saved_delivers_again_and_nothing_doubles()
    {
        await using var server = new SinkServer("ogrt.sinks.local.batch-linger = 5 ms");
        await server.StartAsync();
        server.Append(Enumerable.Range(0, 500).Select(n => Frames.Process(n)));
        string cursors = Path.Combine(server.JournalDirectory, "cursors");
        await server.DeliveredAsync();
        await server.Host!.StopAsync();
        server.Journal.Dispose();
        // The cursor as it was before the delivery: what a death between the store's commit and the cursor's leaves.
        File.Delete(cursors);
        await server.ReopenAsync();
        await server.DeliveredAsync();
        Assert.Equal(new SinkCounts(500, 0, 500, 0, 0, 0), server.Sink("local").Metrics.Counts);
        string path = LocalStore.PathOf(server.Settings.Single(s => s.Name == "local"), server.DataDirectory);
        using LocalStore store = LocalStore.OpenRead(path);
        Assert.Equal(500, Assert.Single(store.ListJobs(new JobFilter())).ProcessCount);
    }
}
