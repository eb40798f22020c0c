using System.IO.Hashing;
using System.Text;
using Microsoft.Data.Sqlite;
using Ogrt.Wire;
using Ogrt.Wire.Protocol;

namespace Ogrt.Sinks.Local;

/// <summary>
/// The local store for reading: by the commands of the server, while a server writes it or when none runs. A reader sees
/// what is committed and never holds up the writer. Used by one thread at a time.
/// </summary>
public sealed class LocalStore : IDisposable
{
    private readonly SqliteDatabase _database;

    private LocalStore(SqliteDatabase database) => _database = database;

    /// <summary>Opens a store for reading.</summary>
    /// <param name="path">The database file.</param>
    /// <exception cref="FileNotFoundException">There is no store yet.</exception>
    /// <exception cref="StoreVersionException">It is of another version, or another program's database.</exception>
    /// <exception cref="SqliteException">It cannot be read.</exception>
    public static LocalStore OpenRead(string path)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"There is no store at {path}: no server has written there yet.", path);
        SqliteDatabase database = Open(path);
        try
        {
            long version = database.Scalar("PRAGMA user_version");
            if (version == 0)
                throw new StoreVersionException($"{path} is not a store of OGRT, or its first server has not begun to write.");
            if (database.Scalar("PRAGMA application_id") != StoreSchema.ApplicationId)
                throw new StoreVersionException($"{path} is the database of another program.");
            if (version > StoreSchema.Version)
                throw new StoreVersionException(path, version, StoreSchema.Version);
            if (version < StoreSchema.Version)
                throw new StoreVersionException($"{path} has the older schema version {version}; starting the server once brings it to {StoreSchema.Version}.");
            return new LocalStore(database);
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>The path of the store that a sink of type <c>local</c> writes.</summary>
    public static string PathOf(SinkSettings sink, string dataDirectory) =>
        Path.GetFullPath(LocalStoreSettings.Create(sink).Path, Path.GetFullPath(dataDirectory));

    /// <summary>Lists jobs, those with the latest sign of life first; each incarnation by itself.</summary>
    public IReadOnlyList<JobSummary> ListJobs(JobFilter filter) => new JobQuery(_database).List(filter);

    /// <summary>The newest record of a job: of its last incarnation, or of the one asked for. Null when there is none.</summary>
    public JobRecord? GetJobRecord(string jobId, uint? incarnation = null)
    {
        long job = FindJob(jobId);
        using SqliteStatement find = _database.Prepare(
            """
            SELECT record FROM job_record WHERE job = ?1 AND (?2 IS NULL OR incarnation = ?2)
            ORDER BY incarnation DESC LIMIT 1
            """);
        find.Bind(1, job);
        if (incarnation is { } number)
            find.Bind(2, number);
        else
            find.BindNull(2);
        return find.Step() ? JobRecord.Parser.ParseFrom(find.Bytes(0)) : null;
    }

    /// <summary>Whether the store knows a job.</summary>
    public bool HasJob(string jobId) => FindJob(jobId) != 0;

    /// <summary>
    /// The process images of a job, in the order of their start, each with its end. They are read one by one: a job may
    /// have millions.
    /// </summary>
    public IEnumerable<StoredProcess> GetProcesses(string jobId)
    {
        long job = FindJob(jobId);
        return job == 0 ? [] : new ProcessQuery(_database).Read(job);
    }

    /// <summary>
    /// The frames of a job: process images in the order of their start, and then the ends of these processes. Enough to
    /// build the job's tree again, and what <see cref="JobJson.WriteDocument"/> takes.
    /// </summary>
    public IEnumerable<StoredFrame> GetFrames(string jobId)
    {
        foreach (StoredProcess process in GetProcesses(jobId))
            yield return process.Frame;
        // Read once more instead of kept: a job may have millions of processes. Images of one process have the same end.
        var seen = new HashSet<UInt128>();
        foreach (StoredProcess process in GetProcesses(jobId))
        {
            if (process.End is { } end && seen.Add(XxHash128.HashToUInt128(end.Bytes.Span)))
                yield return end;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _database.Dispose();

    private static SqliteDatabase Open(string path)
    {
        SqliteDatabase database = SqliteDatabase.OpenRead(path);
        try
        {
            _ = database.Scalar("PRAGMA user_version");
            return database;
        }
        catch (SqliteException) when (!File.Exists(path + "-wal"))
        {
            // Where the directory cannot be written, the shared memory that readers and writers meet in cannot be made. With
            // no write-ahead log there, no writer is either.
            database.Dispose();
            return SqliteDatabase.OpenRead(path, immutable: true);
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    private long FindJob(string jobId)
    {
        using SqliteStatement find = _database.Prepare(
            "SELECT id FROM job WHERE job_id = ?1 ORDER BY arrival_ms DESC LIMIT 1");
        find.BindString(1, Encoding.UTF8.GetBytes(JobName.FromBytes(Encoding.UTF8.GetBytes(jobId))));
        return find.Step() ? find.Int64(0) : 0;
    }
}
