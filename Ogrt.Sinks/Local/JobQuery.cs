using System.Text;
using Ogrt.Wire.Protocol;

namespace Ogrt.Sinks.Local;

/// <summary>The query behind the list of jobs.</summary>
internal sealed class JobQuery(SqliteDatabase database)
{
    private const string Columns =
        """
        SELECT j.id, j.cluster, j.job_id, j.ended, j.failed, j.first_ns, j.last_ns, j.start_ns, j.end_ns,
            r.incarnation, r.state, r.user, r.hosts, r.processes, r.live, r.failed, r.first_ns, r.last_ns, r.start_ns, r.end_ns,
            r.account, r.partition, r.name, r.nodes, r.outcome, r.exit_code, r.exit_signal
        FROM job j LEFT JOIN job_record r ON r.job = j.id
        """;

    private readonly List<string> _conditions = [];
    private readonly List<Action<SqliteStatement, int>> _binders = [];

    public IReadOnlyList<JobSummary> List(JobFilter filter)
    {
        AddConditions(filter);
        var sql = new StringBuilder(Columns);
        if (_conditions.Count > 0)
            sql.Append("\nWHERE ").AppendJoin("\n    AND ", _conditions);
        sql.Append("\nORDER BY j.last_ns DESC, j.id DESC, r.incarnation DESC LIMIT ").Append(Math.Max(filter.Limit, 0));
        using SqliteStatement query = database.Prepare(sql.ToString());
        for (int n = 0; n < _binders.Count; n++)
            _binders[n](query, n + 1);
        using SqliteStatement counts = database.Prepare(
            """
            SELECT (SELECT count(*) FROM job_use WHERE job = ?1 AND kind = 1),
                (SELECT count(*) FROM (SELECT DISTINCT host, pid, start_ticks FROM process WHERE job = ?1))
            """);
        using SqliteStatement user = database.Prepare(
            "SELECT t.value FROM job_use u JOIN text t ON t.id = u.item WHERE u.job = ?1 AND u.kind = 2 ORDER BY t.id LIMIT 1");
        var jobs = new List<JobSummary>();
        while (query.Step())
            jobs.Add(query.IsNull(9) ? FromProcesses(query, counts, user) : FromRecord(query));
        return jobs;
    }

    private void AddConditions(JobFilter filter)
    {
        if (filter.Cluster is { } cluster)
            Add("j.cluster = ?{0}", (s, n) => s.Bind(n, cluster));
        if (filter.JobId is { } jobId)
            Add(Matches("j.job_id", jobId), (s, n) => s.Bind(n, jobId));
        if (filter.User is { } user)
            Add(UsesText(2, user), (s, n) => s.Bind(n, user));
        if (filter.Account is { } account)
            Add(Matches("r.account", account), (s, n) => s.Bind(n, account));
        if (filter.Partition is { } partition)
            Add(Matches("r.partition", partition), (s, n) => s.Bind(n, partition));
        if (filter.Name is { } name)
            Add(Matches("r.name", name), (s, n) => s.Bind(n, name));
        if (filter.Host is { } host)
            Add(UsesText(1, host), (s, n) => s.Bind(n, host));
        if (filter.Executable is { } executable)
            Add(UsesText(3, executable), (s, n) => s.Bind(n, executable));
        if (filter.Library is { } library)
            Add(UsesObject(library), (s, n) => s.Bind(n, library));
        if (filter.Module is { } module)
            Add(UsesModule(module), (s, n) => s.Bind(n, module));
        if (filter.State is { } state)
        {
            Add($"coalesce(r.state, CASE WHEN j.end_ns IS NOT NULL THEN {(int)JobState.JobEnded} ELSE 0 END) = ?{{0}}",
                (s, n) => s.Bind(n, (long)state));
        }
        if (filter.Since is { } since)
            Add("coalesce(r.last_ns, j.last_ns) >= ?{0}", (s, n) => s.Bind(n, Nanoseconds(since)));
        if (filter.Until is { } until)
            Add("coalesce(r.first_ns, j.first_ns) <= ?{0}", (s, n) => s.Bind(n, Nanoseconds(until)));
    }

    private void Add(string condition, Action<SqliteStatement, int> bind)
    {
        _binders.Add(bind);
        _conditions.Add(condition.Replace("{0}", _binders.Count.ToString(System.Globalization.CultureInfo.InvariantCulture),
            StringComparison.Ordinal));
    }

    private static string UsesText(int kind, string pattern) =>
        $"EXISTS (SELECT 1 FROM job_use u JOIN text t ON t.id = u.item WHERE u.job = j.id AND u.kind = {kind} AND {Matches("t.value", pattern)})";

    // The other way round: the texts that match, the lists that have them, and the jobs that use these lists. A library is
    // in few lists, and lists are fewer than jobs.
    private static string UsesObject(string pattern) =>
        $"""
        j.id IN (SELECT u.job FROM text t
            JOIN object o ON o.path = t.id
            JOIN object_list_item i ON i.object = o.id
            JOIN job_use u ON u.kind = 4 AND u.item = i.list
            WHERE {Matches("t.value", pattern)})
        """;

    private static string UsesModule(string pattern) =>
        $"""
        j.id IN (SELECT u.job FROM text t
            JOIN module_list_item i ON i.name = t.id
            JOIN job_use u ON u.kind = 5 AND u.item = i.list
            WHERE {Matches("t.value", pattern)})
        """;

    // Values that are not UTF-8 are blobs, which neither GLOB nor instr would compare with a text.
    private static string Matches(string column, string pattern) => pattern.AsSpan().ContainsAny("*?[")
        ? $"CAST({column} AS TEXT) GLOB ?{{0}}"
        : $"instr(CAST({column} AS TEXT), ?{{0}}) > 0";

    private static JobSummary FromRecord(SqliteStatement row) => new(
        row.Text(1)!, row.Text(2)!, (uint)row.Int64(9), (JobState)row.Int64(10), row.Text(11), row.Int64(12), row.Int64(13),
        row.Int64(14), row.Int64(15), Number(row, 16), Number(row, 17), Number(row, 18), Number(row, 19), Scheduler(row));

    private static SchedulerSummary? Scheduler(SqliteStatement row)
    {
        var job = new SchedulerSummary(
            row.Text(20), row.Text(21), row.Text(22), row.Text(23), row.Text(24), (int?)Number(row, 25), (uint?)Number(row, 26));
        return job == new SchedulerSummary(null, null, null, null, null, null, null) ? null : job;
    }

    private static JobSummary FromProcesses(SqliteStatement row, SqliteStatement counts, SqliteStatement user)
    {
        long job = row.Int64(0);
        counts.Bind(1, job).Step();
        long hosts = counts.Int64(0);
        long processes = counts.Int64(1);
        counts.Reset();
        string? name = user.Bind(1, job).Step() ? user.Text(0) : null;
        user.Reset();
        return new JobSummary(
            row.Text(1)!, row.Text(2)!, 0, row.IsNull(8) ? JobState.Unknown : JobState.JobEnded, name, hosts, processes,
            Math.Max(processes - row.Int64(3), 0), row.Int64(4), Number(row, 5), Number(row, 6), Number(row, 7), Number(row, 8));
    }

    private static long? Number(SqliteStatement row, int column) => row.IsNull(column) ? null : row.Int64(column);

    private static long Nanoseconds(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks * 100;
}
