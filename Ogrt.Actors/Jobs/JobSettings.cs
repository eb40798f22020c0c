using Akka.Configuration;

namespace Ogrt.Actors.Jobs;

/// <summary>The block <c>ogrt.jobs</c>; reference.conf says what each key means.</summary>
public sealed record JobSettings
{
    /// <summary>Name of the cluster in the identity of its jobs: <c>ogrt.cluster</c>.</summary>
    public required string Cluster { get; init; }

    /// <summary>Number of shards; the same on all nodes, and for ever.</summary>
    public required int Shards { get; init; }

    /// <summary>How long changes of a job wait for a snapshot at most.</summary>
    public required TimeSpan SnapshotInterval { get; init; }

    /// <summary>How soon after its first change a job's first record is written.</summary>
    public required TimeSpan RecordDelay { get; init; }

    /// <summary>The shortest time between two records of a job that goes on changing.</summary>
    public required TimeSpan RecordInterval { get; init; }

    /// <summary>After this time without a frame a job is quiet.</summary>
    public required TimeSpan QuietAfter { get; init; }

    /// <summary>After this time without a frame a job has ended, also without a JobEnd.</summary>
    public required TimeSpan IdleTimeout { get; init; }

    /// <summary>How long an ended job stays in memory for what comes late.</summary>
    public required TimeSpan Linger { get; init; }

    /// <summary>What becomes of processes without a job id.</summary>
    public required WithoutJobId WithoutId { get; init; }

    /// <summary>Job ids that mean: none.</summary>
    public required IReadOnlyList<string> IdsThatMeanNone { get; init; }

    /// <summary>What a job's tree may hold.</summary>
    public required JobLimits Limits { get; init; }

    /// <summary>Bytes of frames that may be on their way to jobs.</summary>
    public required long FeedWindow { get; init; }

    /// <summary>Bytes of frames that may be on their way to jobs or not yet in a saved snapshot.</summary>
    public required long FeedUnsaved { get; init; }

    /// <summary>Bytes of frames in one message to a job. A single frame may be larger.</summary>
    public required int FeedBatchSize { get; init; }

    /// <summary>Bytes that the feed reads before it hands on what it has, when there is that much.</summary>
    public required int FeedReadSize { get; init; }

    /// <summary>How long frames gather after a read that left nothing, before the next read.</summary>
    public required TimeSpan FeedLinger { get; init; }

    /// <summary>Batches that have not been acknowledged for so long are sent again.</summary>
    public required TimeSpan ResendAfter { get; init; }

    /// <summary>How long a query waits for a job's answer.</summary>
    public required TimeSpan QueryTimeout { get; init; }

    /// <summary>Where snapshots are kept.</summary>
    public required SnapshotStoreKind SnapshotStore { get; init; }

    /// <summary>Directory of the snapshots; of no use with PostgreSQL.</summary>
    public required string SnapshotDirectory { get; init; }

    /// <summary>The database of the snapshots; null unless they are kept in one.</summary>
    public required PostgreSqlSettings? PostgreSql { get; init; }

    /// <summary>Whether a snapshot is on the disk, and not only in the system's memory, before frames are acknowledged.</summary>
    public required bool SnapshotSync { get; init; }

    /// <summary>How long a store of snapshots has for an answer.</summary>
    public required TimeSpan SnapshotAnswerTimeout { get; init; }

    /// <summary>Snapshots kept of each job.</summary>
    public required int SnapshotsKept { get; init; }

    /// <summary>Snapshots of jobs that have not changed for so long are deleted.</summary>
    public required TimeSpan SnapshotAge { get; init; }

    /// <summary>Reads the settings.</summary>
    /// <param name="config">The whole configuration, with reference.conf behind it.</param>
    /// <exception cref="ConfigurationException">A value is impossible; the message names it.</exception>
    public static JobSettings Create(Config config)
    {
        ArgumentNullException.ThrowIfNull(config);
        Config jobs = config.GetConfig("ogrt.jobs")
            ?? throw new ConfigurationException("The block ogrt.jobs is missing.");
        string directory = jobs.GetString("snapshots.directory", "");
        SnapshotStoreKind store = jobs.GetString("snapshots.store") switch
        {
            "local" => SnapshotStoreKind.Local,
            "shared-directory" => SnapshotStoreKind.SharedDirectory,
            "postgresql" => SnapshotStoreKind.PostgreSql,
            string other => throw new ConfigurationException(
                $"ogrt.jobs.snapshots.store is '{other}'; it must be local, shared-directory or postgresql."),
        };
        var settings = new JobSettings
        {
            Cluster = config.GetString("ogrt.cluster", "default"),
            Shards = jobs.GetInt("shards"),
            SnapshotInterval = jobs.GetTimeSpan("snapshot-interval"),
            RecordDelay = jobs.GetTimeSpan("record-delay"),
            RecordInterval = jobs.GetTimeSpan("record-interval"),
            QuietAfter = jobs.GetTimeSpan("quiet-after"),
            IdleTimeout = jobs.GetTimeSpan("idle-timeout"),
            Linger = jobs.GetTimeSpan("linger"),
            WithoutId = jobs.GetString("without-id") switch
            {
                "pseudo" => WithoutJobId.Pseudo,
                "deliver-only" => WithoutJobId.DeliverOnly,
                string other => throw new ConfigurationException(
                    $"ogrt.jobs.without-id is '{other}'; it must be pseudo or deliver-only."),
            },
            IdsThatMeanNone = [.. jobs.GetStringList("ids-that-mean-none")],
            Limits = new JobLimits
            {
                MaxNodes = jobs.GetInt("max-nodes"),
                MaxLive = jobs.GetInt("max-live"),
                MaxEnded = jobs.GetInt("max-ended"),
                MaxTexts = jobs.GetInt("max-texts"),
                MaxTextBytes = jobs.GetByteSize("max-text-bytes") ?? 0,
                MaxHosts = jobs.GetInt("max-hosts"),
            },
            FeedWindow = jobs.GetByteSize("feed.window") ?? 0,
            FeedUnsaved = jobs.GetByteSize("feed.unsaved") ?? 0,
            FeedBatchSize = (int)(jobs.GetByteSize("feed.batch-size") ?? 0),
            FeedReadSize = (int)(jobs.GetByteSize("feed.read-size") ?? 0),
            FeedLinger = jobs.GetTimeSpan("feed.linger"),
            ResendAfter = jobs.GetTimeSpan("feed.resend-after"),
            QueryTimeout = jobs.GetTimeSpan("query-timeout"),
            SnapshotDirectory = directory.Length > 0
                ? directory
                : Path.Combine(config.GetString("ogrt.data-directory", "var"), "snapshots"),
            SnapshotStore = store,
            PostgreSql = store == SnapshotStoreKind.PostgreSql ? PostgreSqlSettings.Create(jobs.GetConfig("snapshots.postgresql")) : null,
            SnapshotSync = jobs.GetBoolean("snapshots.sync"),
            SnapshotAnswerTimeout = jobs.GetTimeSpan("snapshots.answer-timeout"),
            SnapshotsKept = jobs.GetInt("snapshots.keep"),
            SnapshotAge = jobs.GetTimeSpan("snapshots.max-age"),
        };
        settings.Validate();
        return settings;
    }

    private void Validate()
    {
        Check(Cluster.Length is > 0 and <= 128 && !Cluster.Contains('/'),
            "ogrt.cluster", "must be a name of at most 128 characters without a slash");
        Check(Shards is >= 1 and <= 10_000, "ogrt.jobs.shards", "must be between 1 and 10000");
        Check(SnapshotInterval > TimeSpan.Zero, "ogrt.jobs.snapshot-interval", "must be positive");
        Check(RecordDelay > TimeSpan.Zero, "ogrt.jobs.record-delay", "must be positive");
        Check(RecordInterval > TimeSpan.Zero, "ogrt.jobs.record-interval", "must be positive");
        Check(QuietAfter > TimeSpan.Zero, "ogrt.jobs.quiet-after", "must be positive");
        Check(IdleTimeout >= QuietAfter, "ogrt.jobs.idle-timeout", "must not be shorter than quiet-after");
        Check(Linger > TimeSpan.Zero, "ogrt.jobs.linger", "must be positive");
        Check(Limits.MaxNodes >= 1, "ogrt.jobs.max-nodes", "must be positive");
        Check(Limits.MaxLive >= 1, "ogrt.jobs.max-live", "must be positive");
        Check(Limits.MaxEnded >= 0, "ogrt.jobs.max-ended", "must not be negative");
        Check(Limits.MaxTexts >= 1, "ogrt.jobs.max-texts", "must be positive");
        Check(Limits.MaxTextBytes >= 4096, "ogrt.jobs.max-text-bytes", "must be at least 4096");
        Check(Limits.MaxHosts >= 1, "ogrt.jobs.max-hosts", "must be positive");
        Check(FeedBatchSize is >= 1024 and <= 1 << 20, "ogrt.jobs.feed.batch-size", "must be between 1 KiB and 1 MiB");
        Check(FeedReadSize >= FeedBatchSize, "ogrt.jobs.feed.read-size", "must not be smaller than batch-size");
        Check(FeedLinger >= TimeSpan.Zero && FeedLinger <= TimeSpan.FromSeconds(10), "ogrt.jobs.feed.linger", "must be between 0 and 10 s");
        Check(FeedWindow >= FeedReadSize, "ogrt.jobs.feed.window", "must not be smaller than read-size");
        Check(FeedUnsaved >= FeedWindow, "ogrt.jobs.feed.unsaved", "must not be smaller than window");
        Check(ResendAfter > SnapshotInterval, "ogrt.jobs.feed.resend-after", "must be longer than snapshot-interval");
        Check(QueryTimeout > TimeSpan.Zero, "ogrt.jobs.query-timeout", "must be positive");
        Check(SnapshotAnswerTimeout > TimeSpan.Zero, "ogrt.jobs.snapshots.answer-timeout", "must be positive");
        Check(PostgreSql is null || SnapshotAnswerTimeout > 2 * PostgreSql.Timeout,
            "ogrt.jobs.snapshots.answer-timeout", "must be longer than twice postgresql.timeout");
        Check(SnapshotsKept >= 1, "ogrt.jobs.snapshots.keep", "must be positive");
    }

    private static void Check(bool holds, string key, string rule)
    {
        if (!holds)
            throw new ConfigurationException($"{key} {rule}.");
    }
}
