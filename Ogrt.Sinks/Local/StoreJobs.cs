using System.IO.Hashing;
using System.Text;
using Google.Protobuf;
using Ogrt.Wire;
using Ogrt.Wire.Protocol;

namespace Ogrt.Sinks.Local;

/// <summary>
/// The rows of jobs. What a batch adds to a job is summed up in memory and written once, at the end of the batch's
/// transaction.
/// </summary>
/// <param name="database">The database.</param>
/// <param name="cluster">The cluster that frames belong to.</param>
/// <param name="idsThatMeanNone">Job ids that clients send for none.</param>
/// <param name="seed">The seed of the database's hashes.</param>
/// <param name="cacheEntries">How many entries the caches may have.</param>
internal sealed class StoreJobs(
    SqliteDatabase database, string cluster, IReadOnlyList<string> idsThatMeanNone, long seed, int cacheEntries)
{
    private readonly byte[][] _none = [.. idsThatMeanNone.Select(Encoding.UTF8.GetBytes)];
    private readonly IdCache<UInt128, long> _ids = new(cacheEntries);
    private readonly IdCache<(long Job, StoreUse Kind, long Item), bool> _uses = new(cacheEntries);
    private readonly Dictionary<long, JobChange> _changes = [];
    private readonly SqliteStatement _find = database.Prepare("SELECT id FROM job WHERE cluster = ?1 AND job_id = ?2");
    private readonly SqliteStatement _insert = database.Prepare(
        "INSERT INTO job (cluster, job_id, arrival_ms, last_process) VALUES (?1, ?2, ?3, ?4)");
    private readonly SqliteStatement _use = database.Prepare(
        "INSERT OR IGNORE INTO job_use (job, kind, item) VALUES (?1, ?2, ?3)");
    private readonly SqliteStatement _update = database.Prepare(
        """
        UPDATE job SET
            images = images + ?2,
            ended = ended + ?3,
            failed = failed + ?4,
            first_ns = CASE WHEN ?5 IS NULL THEN first_ns ELSE min(coalesce(first_ns, ?5), ?5) END,
            last_ns = CASE WHEN ?6 IS NULL THEN last_ns ELSE max(coalesce(last_ns, ?6), ?6) END,
            start_ns = coalesce(?7, start_ns),
            end_ns = coalesce(?8, end_ns),
            arrival_ms = max(arrival_ms, ?9),
            last_process = max(last_process, ?10)
        WHERE id = ?1
        """);
    private readonly SqliteStatement _record = database.Prepare(
        """
        INSERT INTO job_record (job, incarnation, version, state, user, hosts, processes, live, failed,
            first_ns, last_ns, start_ns, end_ns, record, account, partition, name, nodes, outcome, exit_code, exit_signal)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21)
        ON CONFLICT (job, incarnation) DO UPDATE SET
            version = excluded.version, state = excluded.state, user = excluded.user, hosts = excluded.hosts,
            processes = excluded.processes, live = excluded.live, failed = excluded.failed,
            first_ns = excluded.first_ns, last_ns = excluded.last_ns, start_ns = excluded.start_ns,
            end_ns = excluded.end_ns, record = excluded.record,
            account = excluded.account, partition = excluded.partition, name = excluded.name, nodes = excluded.nodes,
            outcome = excluded.outcome, exit_code = excluded.exit_code, exit_signal = excluded.exit_signal
        WHERE excluded.version > job_record.version
        """);

    /// <summary>Whether a job id names a job.</summary>
    public bool IsJob(ReadOnlySpan<byte> jobId)
    {
        if (jobId.IsEmpty)
            return false;
        foreach (byte[] none in _none)
        {
            if (jobId.SequenceEqual(none))
                return false;
        }
        return true;
    }

    /// <summary>What the current batch adds to a job; the job is inserted when it is new.</summary>
    public JobChange Of(ReadOnlySpan<byte> jobId, long arrivalMs, long lastProcess) =>
        Of(cluster, jobId, -1, arrivalMs, lastProcess);

    /// <summary>What it adds to the pseudo job of a host and day.</summary>
    public JobChange OfNone(ReadOnlySpan<byte> host, long timeNs, long arrivalMs, long lastProcess) =>
        Of(cluster, host, JobName.DayOf(timeNs).DayNumber, arrivalMs, lastProcess);

    /// <summary>Notes that a job has used something.</summary>
    public void Use(long job, StoreUse kind, long item)
    {
        if (item == 0 || _uses.TryGet((job, kind, item), out _))
            return;
        _use.Bind(1, job).Bind(2, (long)kind).Bind(3, item).Run();
        _uses.Set((job, kind, item), true);
    }

    /// <summary>Takes over a job record if it is newer than what is there; false when it is not.</summary>
    public bool Record(JobRecord record, ReadOnlySpan<byte> bytes, long arrivalMs, long lastProcess)
    {
        JobChange job = Of(record.HasCluster ? record.Cluster : cluster, record.JobId.Span, -1, arrivalMs, lastProcess);
        // The job's row spans all of its incarnations, so that the list of jobs can be read in the order of an index.
        if (record.HasFirstTimeNs)
            job.Seen(record.FirstTimeNs);
        if (record.HasLastTimeNs)
            job.Seen(record.LastTimeNs);
        _record.Bind(1, job.Id).Bind(2, record.Incarnation).Bind(3, (long)record.Version).Bind(4, (long)record.State);
        BindText(_record, 5, record.HasUser, record.User);
        _record.Bind(6, record.HostCount).Bind(7, (long)record.ProcessCount).Bind(8, (long)record.LiveCount)
            .Bind(9, (long)record.FailedCount);
        BindNumber(_record, 10, record.HasFirstTimeNs, record.FirstTimeNs);
        BindNumber(_record, 11, record.HasLastTimeNs, record.LastTimeNs);
        BindNumber(_record, 12, record.HasStartTimeNs, record.StartTimeNs);
        BindNumber(_record, 13, record.HasEndTimeNs, record.EndTimeNs);
        _record.BindBlob(14, bytes);
        BindScheduler(record.SchedulerJob ?? new SchedulerJob());
        _record.Run();
        return database.Changes > 0;
    }

    /// <summary>Writes what the batch has added.</summary>
    public void Flush()
    {
        foreach (JobChange change in _changes.Values)
        {
            _update.Bind(1, change.Id).Bind(2, change.Images).Bind(3, change.Ended).Bind(4, change.Failed);
            BindNumber(_update, 5, change.FirstNs is not null, change.FirstNs ?? 0);
            BindNumber(_update, 6, change.LastNs is not null, change.LastNs ?? 0);
            BindNumber(_update, 7, change.StartNs is not null, change.StartNs ?? 0);
            BindNumber(_update, 8, change.EndNs is not null, change.EndNs ?? 0);
            _update.Bind(9, change.ArrivalMs).Bind(10, change.LastProcess).Run();
        }
        _changes.Clear();
    }

    public void Forget()
    {
        _ids.Clear();
        _uses.Clear();
        _changes.Clear();
    }

    private void BindScheduler(SchedulerJob job)
    {
        BindText(_record, 15, job.HasAccount, job.Account);
        BindText(_record, 16, job.HasPartition, job.Partition);
        BindText(_record, 17, job.HasJobName, job.JobName);
        BindText(_record, 18, job.HasNodes, job.Nodes);
        BindText(_record, 19, job.HasState, job.State);
        BindNumber(_record, 20, job.HasExitCode, job.ExitCode);
        BindNumber(_record, 21, job.HasExitSignal, job.ExitSignal);
    }

    // A day of -1: the name is a job id. Otherwise it is the host of a pseudo job.
    private JobChange Of(string ofCluster, ReadOnlySpan<byte> name, int day, long arrivalMs, long lastProcess)
    {
        long scope = seed ^ ofCluster.GetHashCode(StringComparison.Ordinal) ^ ((long)(day + 1) << 32);
        UInt128 key = XxHash128.HashToUInt128(name, scope);
        if (!_ids.TryGet(key, out long id))
        {
            // The same name that the job actors give the job in their records.
            string jobId = day < 0 ? JobName.FromBytes(name) : JobName.Pseudo(name, DateOnly.FromDayNumber(day));
            id = FindOrInsert(ofCluster, JobName.FromBytes(Encoding.UTF8.GetBytes(jobId)), arrivalMs, lastProcess);
            _ids.Set(key, id);
        }
        if (!_changes.TryGetValue(id, out JobChange? change))
        {
            change = new JobChange(id);
            _changes.Add(id, change);
        }
        change.ArrivalMs = Math.Max(change.ArrivalMs, arrivalMs);
        change.LastProcess = Math.Max(change.LastProcess, lastProcess);
        return change;
    }

    private long FindOrInsert(string ofCluster, string jobId, long arrivalMs, long lastProcess)
    {
        byte[] text = Encoding.UTF8.GetBytes(jobId);
        _find.Bind(1, ofCluster).BindString(2, text);
        long id = _find.Step() ? _find.Int64(0) : 0;
        _find.Reset();
        if (id != 0)
            return id;
        _insert.Bind(1, ofCluster).BindString(2, text).Bind(3, arrivalMs).Bind(4, lastProcess).Run();
        return database.LastRowId;
    }

    private static void BindText(SqliteStatement statement, int parameter, bool present, ByteString text)
    {
        if (present)
            statement.BindString(parameter, text.Span);
        else
            statement.BindNull(parameter);
    }

    private static void BindNumber(SqliteStatement statement, int parameter, bool present, long number)
    {
        if (present)
            statement.Bind(parameter, number);
        else
            statement.BindNull(parameter);
    }
}
