using System.IO.Hashing;
using Google.Protobuf;
using Ogrt.Wire;
using Ogrt.Wire.Protocol;

namespace Ogrt.Sinks.Local;

/// <summary>
/// The one writer of the store: a batch is one transaction, and each record in it may come again and again without changing
/// anything. Not thread-safe.
/// </summary>
internal sealed class StoreWriter : IDisposable
{
    private readonly SqliteDatabase _database;
    private readonly ClusterSeed _cluster;
    private readonly StoreTexts _texts;
    private readonly StoreLists _lists;
    private readonly StoreJobs _jobs;
    private readonly SqliteStatement _insertProcess;
    private readonly SqliteStatement _insertEnd;
    private readonly BatchBuffer _rest = new(4096);
    private long _lastProcess;
    private bool _broken;

    public StoreWriter(SqliteDatabase database, string cluster, IReadOnlyList<string> idsThatMeanNone, int cacheEntries)
    {
        _database = database;
        _cluster = new ClusterSeed(cluster);
        long seed = StoreMeta.Seed(database);
        _lastProcess = StoreMeta.LastProcess(database);
        _texts = new StoreTexts(database, seed, cacheEntries);
        _lists = new StoreLists(database, _texts, seed, cacheEntries);
        _jobs = new StoreJobs(database, cluster, idsThatMeanNone, seed, cacheEntries);
        _insertProcess = database.Prepare(
            """
            INSERT INTO process (id, event, job, arrival_ms, time_ns, host, user, executable, pid, start_ticks, layout,
                object_list, module_list, environment, rest)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)
            ON CONFLICT (event) DO NOTHING
            """);
        _insertEnd = database.Prepare(
            """
            INSERT INTO process_end (identity, end_ns, job, last_process, layout, message, arrival_ms)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
            ON CONFLICT (identity, end_ns) DO NOTHING
            """);
        Retention = new StoreRetention(database);
    }

    /// <summary>What deletes old rows.</summary>
    public StoreRetention Retention { get; }

    private long Generation => (_lastProcess + 1) >> StoreSchema.GenerationShift;

    /// <summary>Writes a batch; when it returns, it is committed.</summary>
    public void Write(SinkAttempt attempt)
    {
        Transact(() =>
        {
            for (int item = 0; item < attempt.Count; item++)
                WriteItem(attempt, item);
            _jobs.Flush();
        });
    }

    /// <summary>Does one step of retention; false when there is nothing left to do.</summary>
    public bool Retain(LocalStoreSettings settings, DateTimeOffset now)
    {
        bool more = false;
        bool deleted = false;
        Transact(() => more = Retention.Step(settings, now, _lastProcess, out deleted));
        // Ids in the caches may be of rows that are gone.
        if (deleted)
            Forget();
        Retention.Shrink(settings);
        return more;
    }

    public void Dispose() => _database.Dispose();

    /// <summary>Closes it and leaves the write-ahead log at its place alone: it may be another database's by now.</summary>
    public void DisposeWithoutLog()
    {
        _database.KeepLog();
        _database.Dispose();
    }

    private void Transact(Action body)
    {
        if (_broken)
        {
            // A transaction was undone: what the caches and counters say about its rows is not true.
            Forget();
            _lastProcess = StoreMeta.LastProcess(_database);
            _broken = false;
        }
        _broken = true;
        try
        {
            _database.Execute("BEGIN IMMEDIATE");
            body();
            _database.Execute("COMMIT");
            _broken = false;
        }
        finally
        {
            if (_broken)
                _database.Rollback();
        }
    }

    private void Forget()
    {
        _texts.Forget();
        _lists.Forget();
        _jobs.Forget();
    }

    private void WriteItem(SinkAttempt attempt, int item)
    {
        ref readonly SinkItem origin = ref attempt.Item(item);
        ReadOnlySpan<byte> bytes = attempt.Payload(item).Span;
        if (origin.Kind == RecordKind.JobRecord)
        {
            WriteJobRecord(attempt, item, bytes, ArrivalMs(origin));
            return;
        }
        WireLayout layout = RecordKind.LayoutOf(origin.Kind);
        if (bytes.Length < FrameHeader.Size)
        {
            attempt.Reject(item, WireErrors.Name(WireError.Truncated));
            return;
        }
        ReadOnlySpan<byte> payload = bytes[FrameHeader.Size..];
        WireError error = (FrameType)FrameHeader.Read(bytes).Type switch
        {
            FrameType.ProcessInfo => WriteProcess(attempt, item, payload, layout, ArrivalMs(origin)),
            FrameType.ProcessEnd => WriteEnd(attempt, item, payload, layout, ArrivalMs(origin)),
            FrameType.JobStart => WriteJobStart(attempt, item, payload, layout, ArrivalMs(origin)),
            FrameType.JobEnd => WriteJobEnd(attempt, item, payload, layout, ArrivalMs(origin)),
            _ => WireError.UnknownType,
        };
        if (error != WireError.None)
            attempt.Reject(item, WireErrors.Name(error));
    }

    private WireError WriteProcess(SinkAttempt attempt, int item, ReadOnlySpan<byte> payload, WireLayout layout, long arrivalMs)
    {
        WireError error = ProcessInfoView.TryParse(payload, layout, out ProcessInfoView process);
        if (error != WireError.None)
            return error;
        long generation = Generation;
        long id = _lastProcess + 1;
        long timeNs = process.TimeNs != 0 ? process.TimeNs : arrivalMs * 1_000_000;
        JobChange job = JobOf(process.JobId, process.Hostname, timeNs, arrivalMs);
        long host = process.HasHostname ? _texts.IdOf(process.Hostname, generation) : 0;
        long user = process.HasUsername ? _texts.IdOf(process.Username, generation) : 0;
        long executable = process.HasBinpath ? _texts.IdOf(process.Binpath, generation) : 0;
        long objects = _lists.Objects(process, generation);
        long modules = _lists.Modules(process, generation);
        long environment = _lists.Environment(process, generation);
        _rest.Clear(1 << 20);
        ProcessRest.Write(_rest, process, payload, layout);

        Span<byte> eventId = stackalloc byte[16];
        EventId.WriteBytes(EventId.OfProcess(_cluster, process, payload), eventId);
        _insertProcess.Bind(1, id).BindBlob(2, eventId).Bind(3, job.Id).Bind(4, arrivalMs).Bind(5, timeNs)
            .BindId(6, host).BindId(7, user).BindId(8, executable)
            .Bind(9, process.Pid).Bind(10, (long)process.StartTicks).Bind(11, (long)layout)
            .BindId(12, objects).BindId(13, modules).BindId(14, environment)
            .BindBlob(15, _rest.Slice(0, _rest.Length).Span).Run();
        if (_database.Changes == 0)
        {
            attempt.Set(item, SinkOutcome.Duplicate);
            return WireError.None;
        }
        _lastProcess = id;
        job.LastProcess = id;
        job.Images++;
        job.Seen(timeNs);
        _jobs.Use(job.Id, StoreUse.Host, host);
        _jobs.Use(job.Id, StoreUse.User, user);
        _jobs.Use(job.Id, StoreUse.Executable, executable);
        _jobs.Use(job.Id, StoreUse.ObjectList, objects);
        _jobs.Use(job.Id, StoreUse.ModuleList, modules);
        attempt.Set(item, SinkOutcome.Delivered);
        return WireError.None;
    }

    private WireError WriteEnd(SinkAttempt attempt, int item, ReadOnlySpan<byte> payload, WireLayout layout, long arrivalMs)
    {
        WireError error = ProcessEndView.TryParse(payload, layout, out ProcessEndView end);
        if (error != WireError.None)
            return error;
        long endNs = end.HasEndTimeNs ? end.EndTimeNs : arrivalMs * 1_000_000;
        Span<byte> identity = stackalloc byte[ProcessIdentity.Size];
        if (!ProcessIdentity.TryWrite(end, identity))
            XxHash128.Hash(payload, identity, seed: 2);
        JobChange job = JobOf(end.JobId, end.Hostname, endNs, arrivalMs);
        _insertEnd.BindBlob(1, identity).Bind(2, end.EndTimeNs).Bind(3, job.Id).Bind(4, _lastProcess).Bind(5, (long)layout)
            .BindBlob(6, payload).Bind(7, arrivalMs).Run();
        if (_database.Changes == 0)
        {
            attempt.Set(item, SinkOutcome.Duplicate);
            return WireError.None;
        }
        job.Ended++;
        if (end.ExitCode != 0 || end.ExitSignal != 0)
            job.Failed++;
        job.Seen(endNs);
        attempt.Set(item, SinkOutcome.Delivered);
        return WireError.None;
    }

    private WireError WriteJobStart(SinkAttempt attempt, int item, ReadOnlySpan<byte> payload, WireLayout layout, long arrivalMs)
    {
        WireError error = JobStartView.TryParse(payload, layout, out JobStartView start);
        if (error != WireError.None)
            return error;
        if (_jobs.IsJob(start.JobId))
            _jobs.Of(start.JobId, arrivalMs, _lastProcess).StartNs = start.HasStartTime ? start.StartTimeNs : null;
        attempt.Set(item, SinkOutcome.Delivered);
        return WireError.None;
    }

    private WireError WriteJobEnd(SinkAttempt attempt, int item, ReadOnlySpan<byte> payload, WireLayout layout, long arrivalMs)
    {
        WireError error = JobEndView.TryParse(payload, layout, out JobEndView end);
        if (error != WireError.None)
            return error;
        if (_jobs.IsJob(end.JobId))
            _jobs.Of(end.JobId, arrivalMs, _lastProcess).EndNs = end.HasEndTime ? end.EndTimeNs : null;
        attempt.Set(item, SinkOutcome.Delivered);
        return WireError.None;
    }

    private void WriteJobRecord(SinkAttempt attempt, int item, ReadOnlySpan<byte> bytes, long arrivalMs)
    {
        JobRecord record;
        try
        {
            record = JobRecord.Parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException e)
        {
            attempt.Reject(item, "bad_job_record", e.Message);
            return;
        }
        bool newer = _jobs.Record(record, bytes, arrivalMs, _lastProcess);
        attempt.Set(item, newer ? SinkOutcome.Delivered : SinkOutcome.Duplicate);
    }

    private JobChange JobOf(ReadOnlySpan<byte> jobId, ReadOnlySpan<byte> host, long timeNs, long arrivalMs) =>
        _jobs.IsJob(jobId)
            ? _jobs.Of(jobId, arrivalMs, _lastProcess)
            : _jobs.OfNone(host, timeNs, arrivalMs, _lastProcess);

    private static long ArrivalMs(in SinkItem item) => item.ArrivalUnixNs / 1_000_000;
}
