using Akka.Actor;
using Akka.Configuration;
using Microsoft.Extensions.Logging;
using Ogrt.Actors.Cluster;
using Ogrt.Actors.Cluster.Formation;
using Ogrt.Actors.Ingest;
using Ogrt.Actors.Jobs;
using Ogrt.Actors.Watch;
using Ogrt.Journal;
using Ogrt.Server.Configuration;
using Ogrt.Server.Logging;
using Ogrt.Server.Metrics;
using Ogrt.Sinks;
using Ogrt.Sinks.Delivery;
using Ogrt.Wire.Protocol;

namespace Ogrt.Server.Hosting;

/// <summary>
/// The parts of a server and the order of their lives. Start: journal, cluster, jobs, sinks, and the listeners last, so that
/// no frame is taken before it can be kept and assembled. Stop, by Akka's coordinated shutdown: listeners, job feed, jobs,
/// sinks, journal.
/// </summary>
public sealed partial class ServerParts : IAsyncDisposable
{
    private static readonly TimeSpan BindTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(5);

    private readonly LoadedConfig _config;
    private readonly RuntimeSettings _settings;
    private readonly ILoggerFactory _loggers;
    private readonly ILogger _log;
    private readonly ActorMetrics _actorMetrics;
    private readonly IngestMetrics _ingestMetrics;
    private readonly JobMetrics _jobMetrics;
    private readonly ProcessMetrics _processMetrics = new();
    private readonly ConservationMetrics _conservation;
    private readonly ClusterMetrics _clusterMetrics;
    private JournalMetrics? _journalMetrics;
    private SegmentedJournal? _journal;
    private ClusterNode? _node;
    private ActorSystem? _system;
    private JobShards? _jobs;
    private SinkHost? _sinks;
    private IActorRef? _ingest;
    private IngestProtocol.BoundEndpoints? _bound;
    private volatile ServerPhase _phase = ServerPhase.Starting;

    /// <summary>Makes the parts' owner; nothing is started.</summary>
    public ServerParts(LoadedConfig config, RuntimeSettings settings, ILoggerFactory loggers)
    {
        _config = config;
        _settings = settings;
        _loggers = loggers;
        _log = loggers.CreateLogger("ogrt-server");
        _actorMetrics = new ActorMetrics(settings.Actors);
        _ingestMetrics = new IngestMetrics(_actorMetrics);
        _jobMetrics = new JobMetrics(_actorMetrics);
        _conservation = new ConservationMetrics(this);
        _clusterMetrics = new ClusterMetrics(this);
        // Sinks are streams, not actors of ours: what they work on are requests.
        _actorMetrics.Take(ActorKind.Sink, () => new ActorWork(
            Sinks.Sum(s => s.Metrics.Answered), new TimeSpan(Sinks.Sum(s => s.Metrics.RequestTime.Ticks)), Sinks.Sum(s => s.Metrics.Restarts)));
    }

    /// <summary>Where the server is in its life.</summary>
    public ServerPhase Phase => _phase;

    /// <summary>Completes when the actor system has ended, also when the cluster has put this node out.</summary>
    public Task Ended => _system?.WhenTerminated ?? Task.CompletedTask;

    internal ClusterNode? Node => _node;

    /// <summary>The running sinks.</summary>
    public IReadOnlyList<SinkDelivery> Sinks => _sinks?.Deliveries ?? [];

    internal RuntimeSettings Settings => _settings;

    internal string ClusterName => _settings.Server.Cluster;

    internal ActorMetrics ActorMetrics => _actorMetrics;

    internal IngestMetrics IngestMetrics => _ingestMetrics;

    internal JobMetrics JobMetrics => _jobMetrics;

    internal SegmentedJournal? Journal => _journal;

    internal ActorSystem? System => _system;

    internal JobShards? Jobs => _jobs;

    internal bool IsListening => _bound is not null && _phase == ServerPhase.Running;

    /// <summary>Starts every part, in order. When one cannot start, those before it have to be stopped by <see cref="StopAsync"/>.</summary>
    public async Task StartAsync(CancellationToken cancel)
    {
        _journal = SegmentedJournal.Open(_settings.Journal);
        _journalMetrics = new JournalMetrics(_journal);
        JournalStatistics statistics = _journal.Statistics;
        LogJournal(_settings.Journal.Directory, statistics.Size, statistics.Segments, _settings.Journal.MaxSize);
        foreach (RecoveryWarning warning in _journal.RecoveryReport.Warnings) LogRecovery(warning.Message);

        if (_settings.Node.HostsJobs && await JobClaims.AgreeAsync(_settings.Jobs, cancel).ConfigureAwait(false) is { } unreachable) LogStoreUnreachable(unreachable);
        _system = OgrtCluster.CreateSystem(SystemConfig());
        AddStopTasks(_system);
        _actorMetrics.Watch(_system);
        _node = OgrtCluster.Start(_system);
        await OgrtCluster.UpAsync(_system, _node, cancel).ConfigureAwait(false);
        string address = Akka.Cluster.Cluster.Get(_system).SelfAddress.ToString();
        string strategy = SplitBrainStrategy.Of(_settings.Node);
        LogCluster(_settings.Server.Cluster, address, _settings.Node.ExpectedNodes, strategy);

        _jobs = await JobShards.StartAsync(_system, _journal, _settings.Jobs, _jobMetrics).ConfigureAwait(false);
        LogJobs(_settings.Jobs.Shards, _settings.Jobs.PostgreSql?.Name ?? _settings.Jobs.SnapshotDirectory);

        var context = new SinkContext(_settings.Server.Cluster, _settings.Server.DataDirectory, Akka.Event.Logging.GetLogger(_system, "Sinks"));
        _sinks = await SinkHost.StartAsync(_system, _journal, _settings.Sinks, context).ConfigureAwait(false);
        // Whoever takes a sink out of the configuration has to decide about its backlog: nothing is thrown away unasked.
        foreach (JournalCursor cursor in _journal.Cursors.Where(c => !c.IsOpen)) LogStrayCursor(cursor.Name, cursor.LagBytes);

        _ingest = _system.ActorOf(IngestActor.Props(_settings.Ingest, _journal, _ingestMetrics), "ingest");
        _bound = await _ingest.Ask<IngestProtocol.BoundEndpoints>(IngestProtocol.GetBoundEndpoints.Instance, BindTimeout, cancel).ConfigureAwait(false);
        _phase = ServerPhase.Running;
    }

    /// <summary>Stops what has been started, in order.</summary>
    public async Task StopAsync()
    {
        _phase = ServerPhase.Stopping;
        if (_system is not null) await CoordinatedShutdown.Get(_system).Run(StopReason.Instance).ConfigureAwait(false);
        if (_journal is null) return;
        long remaining = _journal.Cursors.Count == 0 ? 0 : _journal.Cursors.Max(c => c.LagRecords);
        await _journal.DisposeAsync().ConfigureAwait(false);
        string delivered = Delivered();
        LogStopped(_ingestMetrics.FramesTotal, _ingestMetrics.RejectedTotal, delivered, remaining);
    }

    /// <summary>A live job, or null when nobody knows it.</summary>
    /// <exception cref="TimeoutException">It did not answer in time.</exception>
    public Task<JobRecord?> GetJobAsync(string jobId, CancellationToken cancel) =>
        _jobs is { } jobs && _phase == ServerPhase.Running ? jobs.GetJobAsync(jobId, cancel) : Task.FromResult<JobRecord?>(null);

    /// <summary>How each part is.</summary>
    /// <remarks>
    /// Ready means: frames can be taken. A sink that waits for its target is told but does not make the server unready: the
    /// journal keeps its records, and a balancer that sent clients elsewhere would help nobody.
    /// </remarks>
    public IReadOnlyDictionary<string, PartState> States()
    {
        var parts = new SortedDictionary<string, PartState>(StringComparer.Ordinal)
        {
            ["server"] = new PartState(Word(_phase.ToString()), _phase == ServerPhase.Running),
            ["journal"] = JournalState(),
            ["cluster"] = ClusterState(),
            ["jobs"] = _jobs is null ? NotStarted() : new PartState("ok", true),
            ["listeners"] = _bound is null
                ? NotStarted()
                : new PartState("ok", true, string.Join(", ", _bound.ByListener.OrderBy(b => b.Key, StringComparer.Ordinal).Select(b => $"{b.Key} {b.Value}"))),
        };
        foreach (SinkState sink in _sinks?.States ?? [])
        {
            string lag = FormattableString.Invariant($"{sink.LagRecords} records behind");
            parts["sink " + sink.Name] = new PartState(Word(sink.Phase.ToString()), true, sink.Detail is null ? lag : $"{lag}; {sink.Reason}: {sink.Detail}");
        }
        return parts;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _journalMetrics?.Dispose();
        _ingestMetrics.Dispose();
        _jobMetrics.Dispose();
        _processMetrics.Dispose();
        _actorMetrics.Dispose();
        _conservation.Dispose();
        _clusterMetrics.Dispose();
        if (_journal is not null) await _journal.DisposeAsync().ConfigureAwait(false);
    }

    private Config SystemConfig()
    {
        // A phase that is cut off loses nothing (its work comes again at the next start), but it should not be cut off.
        TimeSpan sinkStop = _settings.Sinks.Where(s => s.Enabled).Select(s => s.StopTimeout).DefaultIfEmpty().Max();
        string phases = FormattableString.Invariant($$"""
            akka.coordinated-shutdown {
              run-by-clr-shutdown-hook = off
              exit-clr = off
              phases {
                before-service-unbind.timeout = {{(int)(_settings.Server.UnreadyTime + Slack).TotalMilliseconds}} ms
                service-unbind.timeout = {{(int)(_settings.Ingest.DrainTimeout + Slack).TotalMilliseconds}} ms
                before-actor-system-terminate.timeout = {{(int)(_settings.Server.FlushTimeout + sinkStop + Slack).TotalMilliseconds}} ms
              }
            }
            akka.log-config-on-start = off
            """);
        string logging = AkkaLogBridge.Configure(_loggers, _settings.Server.LogLevel);
        // The operator's own settings for Akka go before these.
        return _config.Operators("akka")
            .WithFallback(ConfigurationFactory.ParseString(phases))
            .WithFallback(ConfigurationFactory.ParseString(logging))
            .WithFallback(OgrtCluster.Config(_config.Values));
    }

    private void AddStopTasks(ActorSystem system)
    {
        CoordinatedShutdown shutdown = CoordinatedShutdown.Get(system);
        // The cluster can begin a stop as well: whatever asks for readiness should know before the listeners close.
        shutdown.AddTask(CoordinatedShutdown.PhaseBeforeServiceUnbind, "say-unready", async () =>
        {
            bool tookFrames = _phase == ServerPhase.Running || _bound is not null;
            _phase = ServerPhase.Stopping;
            if (tookFrames && _settings.Server.UnreadyTime > TimeSpan.Zero)
            {
                LogUnready(_settings.Server.UnreadyTime);
                await Task.Delay(_settings.Server.UnreadyTime).ConfigureAwait(false);
            }
            return Akka.Done.Instance;
        });
        shutdown.AddTask(CoordinatedShutdown.PhaseServiceUnbind, "stop-listeners", async () =>
        {
            if (_ingest is not null)
            {
                IngestProtocol.Drained drained = await _ingest.Ask<IngestProtocol.Drained>(
                    IngestProtocol.StopAccepting.Instance, _settings.Ingest.DrainTimeout + Slack).ConfigureAwait(false);
                LogDrained(drained.AbortedConnections);
            }
            return Akka.Done.Instance;
        });
        // After the jobs have stopped: their last records are in the journal by then and are delivered too.
        shutdown.AddTask(CoordinatedShutdown.PhaseBeforeActorSystemTerminate, "flush-sinks", async () =>
        {
            if (_sinks is not null) await FlushSinksAsync(_sinks).ConfigureAwait(false);
            return Akka.Done.Instance;
        });
    }

    private async Task FlushSinksAsync(SinkHost sinks)
    {
        long deadline = Environment.TickCount64 + (long)_settings.Server.FlushTimeout.TotalMilliseconds;
        // A sink whose target is away, or swallows what it is sent, would only use up the time.
        while (Environment.TickCount64 < deadline
            && sinks.Deliveries.Any(d => d.LagRecords > 0 && d.Phase is SinkPhase.Running or SinkPhase.Starting && !d.IsSilent))
            await Task.Delay(TimeSpan.FromMilliseconds(50)).ConfigureAwait(false);
        await sinks.StopAsync().ConfigureAwait(false);
    }

    private string Delivered() => _sinks is null
        ? "nothing"
        : string.Join(", ", _sinks.States.Select(s => FormattableString.Invariant($"{s.Counts.Delivered} to {s.Name}")).DefaultIfEmpty("nothing"));

    private PartState JournalState()
    {
        if (_journal is null) return NotStarted();
        JournalStatistics statistics = _journal.Statistics;
        if (statistics.DiskFullSince is { } diskFull) return new PartState("disk-full", false, $"since {diskFull:u}: {statistics.LastError}");
        if (statistics.FullSince is { } full) return new PartState("full", false, $"since {full:u}: the slowest reader holds it back");
        if (statistics.SyncFailingSince is { } failing) return new PartState("sync-failing", false, $"since {failing:u}: {statistics.LastError}");
        return new PartState("ok", true, FormattableString.Invariant($"{statistics.Size} of {statistics.MaxSize} bytes"));
    }

    private PartState ClusterState()
    {
        if (_node?.WaitsFor is { Length: > 0 } what) return new PartState("forming", false, $"waiting for {what}");
        if (_system is null || _jobs is null) return NotStarted();
        Akka.Cluster.MemberStatus status = Akka.Cluster.Cluster.Get(_system).SelfMember.Status;
        return new PartState(Word(status.ToString()), status == Akka.Cluster.MemberStatus.Up);
    }

    private static PartState NotStarted() => new("starting", false);

    private static string Word(string name) =>
        string.Concat(name.Select((c, i) => (char.IsUpper(c) && i > 0 ? "-" : "") + char.ToLowerInvariant(c)));

    private sealed class StopReason : CoordinatedShutdown.Reason
    {
        public static readonly StopReason Instance = new();

        public override int ExitCode => 0;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Journal {Directory}: {Bytes} bytes in {Segments} segments, limit {Limit} bytes")]
    private partial void LogJournal(string directory, long bytes, int segments, long limit);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Journal: {Finding}")]
    private partial void LogRecovery(string finding);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Reader {Name} is not in use any more, and the journal keeps {Bytes} bytes for it: enable its sink, or stop the server and run 'ogrt-server journal forget {Name}'")]
    private partial void LogStrayCursor(string name, long bytes);

    [LoggerMessage(Level = LogLevel.Information, Message = "Cluster {Name}: node {Address} is up, {Expected} nodes expected, {Strategy}")]
    private partial void LogCluster(string name, string address, int expected, string strategy);

    [LoggerMessage(Level = LogLevel.Information, Message = "Not ready any more; the listeners close in {Delay} (ogrt.shutdown.unready-time)")]
    private partial void LogUnready(TimeSpan delay);

    [LoggerMessage(Level = LogLevel.Information, Message = "Jobs: {Shards} shards, snapshots in {Directory}")]
    private partial void LogJobs(int shards, string directory);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Snapshots of jobs can neither be loaded nor saved at present, and are waited for; frames are taken in meanwhile. {Reason}")]
    private partial void LogStoreUnreachable(string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "The listeners are closed, {Aborted} connections were cut off")]
    private partial void LogDrained(int aborted);

    [LoggerMessage(Level = LogLevel.Information, Message = "Stopped: {Accepted} frames accepted, {Rejected} rejected; records delivered: {Delivered}; {Remaining} records remain for the next start")]
    private partial void LogStopped(long accepted, long rejected, string delivered, long remaining);
}
