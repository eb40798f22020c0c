using Ogrt.Sinks;
using Ogrt.Sinks.Local;
using Ogrt.Wire.Protocol;

namespace Ogrt.Specs.Sinks;

/// <summary>
/// What happens to the files of the two sinks that write some: each time the sink says what is wrong, goes on by itself when it is
/// mended, and nothing is lost.
/// </summary>
public sealed class FileTroubleSpec
{
    private const string Quick = "enabled = on, batch-linger = 2 ms, backoff-min = 1 ms, backoff-max = 20 ms, backoff-paused = 20 ms";

    public static TheoryData<string> Types => ["json-file", "local"];

    [Theory]
    [MemberData(nameof(Types))]
    public async Task A_full_disk_is_a_pause_until_there_is_room(string type)
    {
        using var disk = new TinyDisk("6m");
        await using SinkServer server = Server(type, disk.Path);
        await server.StartAsync();
        server.Append(Processes(0, 10));
        await server.DeliveredAsync("x");
        disk.Fill();
        server.Append(Processes(10, 2000));
        await PausedAsync(server, "disk_full");
        disk.Free();
        await server.DeliveredAsync("x");
        Assert.Equal(2010, Count(type, disk.Path));
        Assert.Equal(SinkPhase.Running, server.Sink("x").Phase);
    }

    [Theory]
    [MemberData(nameof(Types))]
    public async Task A_file_system_that_cannot_be_written_is_a_pause_until_it_can(string type)
    {
        using var disk = new TinyDisk("6m");
        Assert.SkipUnless(disk.TryMakeReadOnly(true), "needs to mount a file system");
        await using SinkServer server = Server(type, disk.Path);
        server.Append(Processes(0, 10));
        await server.StartAsync();
        await PausedAsync(server, "not_writable");
        Assert.True(disk.TryMakeReadOnly(false));
        await server.DeliveredAsync("x");
        Assert.Equal(10, Count(type, disk.Path));
    }

    [Theory]
    [MemberData(nameof(Types))]
    public async Task A_directory_of_somebody_else_is_a_pause_until_it_may_be_written(string type)
    {
        Assert.SkipWhen(Environment.UserName == "root", "root may write everywhere");
        using var directory = new TempDirectory();
        Modes.Set(directory.Path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        try
        {
            await using SinkServer server = Server(type, directory.File("deep"));
            server.Append(Processes(0, 10));
            await server.StartAsync();
            await PausedAsync(server, "not_writable");
            Modes.Set(directory.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            await server.DeliveredAsync("x");
            Assert.Equal(10, Count(type, directory.File("deep")));
        }
        finally
        {
            Modes.Set(directory.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public async Task A_file_where_the_directory_should_be_is_a_pause_until_it_is_gone(string type)
    {
        using var directory = new TempDirectory();
        await File.WriteAllTextAsync(directory.File("store"), "a file", TestContext.Current.CancellationToken);
        await using SinkServer server = Server(type, directory.File("store"));
        server.Append(Processes(0, 10));
        await server.StartAsync();
        await PausedAsync(server, "no_directory");
        File.Delete(directory.File("store"));
        await server.DeliveredAsync("x");
        Assert.Equal(10, Count(type, directory.File("store")));
    }

    [Theory]
    [MemberData(nameof(Types))]
    public async Task What_comes_after_the_directory_was_deleted_is_in_a_new_one(string type)
    {
        using var directory = new TempDirectory();
        await using SinkServer server = Server(type, directory.File("store"));
        await server.StartAsync();
        server.Append(Processes(0, 10));
        await server.DeliveredAsync("x");
        Directory.Delete(directory.File("store"), recursive: true);
        server.Append(Processes(10, 20));
        await server.DeliveredAsync("x");
        Assert.Equal(20, Count(type, directory.File("store")));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_comes_after_the_database_was_moved_or_replaced_is_in_the_one_at_its_place(bool replaced)
    {
        using var directory = new TempDirectory();
        string path = Path.Combine(directory.File("store"), "ogrt.db");
        await using SinkServer server = Server("local", directory.File("store"));
        await server.StartAsync();
        server.Append(Processes(0, 10));
        await server.DeliveredAsync("x");
        foreach (string companion in (string[])["", "-wal", "-shm"])
        {
            if (File.Exists(path + companion))
                File.Move(path + companion, path + ".old" + companion);
        }
        if (replaced)
        {
            // A backup that is put back, with a log of its own.
            using var backup = new TempStore();
            backup.Write(Processes(100, 5));
            File.Copy(backup.Path, path);
            File.Copy(backup.Path + "-wal", path + "-wal");
        }
        server.Append(Processes(10, 20));
        await server.DeliveredAsync("x");
        Assert.Equal(replaced ? 25 : 20, Count("local", directory.File("store")));
        await server.Host!.StopAsync();
        Assert.Equal(replaced ? 25 : 20, Count("local", directory.File("store")));
        using LocalStore old = LocalStore.OpenRead(path + ".old");
        Assert.Equal(10, old.GetProcesses("JOB").Count());
    }

    [Fact]
    public async Task A_database_that_another_program_has_locked_is_waited_for()
    {
        using var directory = new TempDirectory();
        await using SinkServer server = Server("local", directory.File("store"));
        await server.StartAsync();
        server.Append(Processes(0, 10));
        await server.DeliveredAsync("x");
        using (SqliteDatabase other = SqliteDatabase.OpenWrite(Path.Combine(directory.File("store"), "ogrt.db")))
        {
            other.Execute("BEGIN IMMEDIATE");
            server.Append(Processes(10, 10));
            await SinkServer.UntilAsync(() => server.Sink("x").State is { Phase: SinkPhase.Retrying, Reason: "locked" }, () => server.Sink("x").State.ToString());
            Assert.Contains("ogrt.db", server.Sink("x").State.Detail, StringComparison.Ordinal);
            other.Execute("ROLLBACK");
        }
        await server.DeliveredAsync("x");
        Assert.Equal(20, Count("local", directory.File("store")));
    }

    [Theory]
    [InlineData(13, "not_writable", true)]
    [InlineData(28, "disk_full", true)]
    [InlineData(122, "disk_full", true)]
    [InlineData(30, "not_writable", true)]
    [InlineData(20, "no_directory", true)]
    [InlineData(40, "no_directory", true)]
    [InlineData(27, "file_too_large", true)]
    [InlineData(24, "too_many_open_files", false)]
    [InlineData(5, "io_error", false)]
    public void Each_error_of_a_file_has_a_word_of_its_own(int errno, string reason, bool paused)
    {
        Exception error = errno == 13 ? new UnauthorizedAccessException("no") : new IOException("no", errno);
        SinkVerdict verdict = FileVerdicts.Of(error);
        Assert.Equal((reason, paused, "no"), (verdict.Reason, verdict.IsPause, verdict.Detail));
    }

    private static SinkServer Server(string type, string directory) => new(type == "local"
        ? $"ogrt.sinks {{ local.enabled = off, x {{ type = local, {Quick}, path = \"{directory}/ogrt.db\" }} }}"
        : $"ogrt.sinks {{ local.enabled = off, x {{ type = json-file, {Quick}, directory = \"{directory}\" }} }}");

    private static IEnumerable<ProcessInfo> Processes(int from, int count) =>
        // Each with strings of its own, so that the store cannot keep them in a few pages.
        Enumerable.Range(from, count).Select(n => Frames.Process(n, binpath: $"/opt/{n}/{Guid.NewGuid()}"));

    private static async Task PausedAsync(SinkServer server, string reason)
    {
        await SinkServer.UntilAsync(
            () => server.Sink("x").State is { Phase: SinkPhase.Paused } state && state.Reason == reason, () => server.Sink("x").State.ToString());
        Assert.False(string.IsNullOrEmpty(server.Sink("x").State.Detail));
    }

    private static int Count(string type, string directory)
    {
        if (type == "local")
        {
            using LocalStore store = LocalStore.OpenRead(Path.Combine(directory, "ogrt.db"));
            return store.GetProcesses("JOB").Count();
        }
        return Directory.GetFiles(directory, "*.jsonl").SelectMany(File.ReadAllLines)
            .Select(l => System.Text.Json.JsonDocument.Parse(l).RootElement.GetProperty("event_id").GetString()).Distinct().Count();
    }
}
