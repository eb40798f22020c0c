using Akka;
using Akka.Actor;
using Akka.Cluster.Sharding;
using Akka.Event;
using Akka.Persistence;
using Ogrt.Actors.Cluster;
using Ogrt.Journal;
using Ogrt.Wire;
using Ogrt.Wire.Protocol;

namespace Ogrt.Actors.Jobs;

/// <summary>The jobs of this node and the way to all jobs of the cluster: shard region and feed.</summary>
public sealed class JobShards
{
    /// <summary>Name of the entity type in the cluster.</summary>
    public const string TypeName = "job";

    private static readonly TimeSpan FeedTimeout = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan FeedTimeoutWhenPutOut = TimeSpan.FromMilliseconds(100);

    private readonly IActorRef _region;
    private readonly IActorRef _feed;
    private readonly IActorRef _waker;
    private readonly JobSettings _settings;
    private readonly Lazy<Task> _stop;

    private JobShards(IActorRef region, IActorRef feed, IActorRef waker, JobSettings settings, ActorSystem system, ILoggingAdapter log)
    {
        _region = region;
        _feed = feed;
        _waker = waker;
        _settings = settings;
        _stop = new Lazy<Task>(() => StopFeedAsync(system, log));
    }

    /// <summary>Starts the shard region and the feed.</summary>
    /// <param name="system">An actor system with the configuration that <see cref="Cluster.OgrtCluster.Config"/> makes.</param>
    /// <param name="journal">The node's journal: frames come from it, job records go to it.</param>
    /// <param name="settings">The block <c>ogrt.jobs</c>.</param>
    /// <param name="metrics">Where the jobs count.</param>
    public static async Task<JobShards> StartAsync(
        ActorSystem system, SegmentedJournal journal, JobSettings settings, JobMetrics metrics)
    {
        ArgumentNullException.ThrowIfNull(system);
        ArgumentNullException.ThrowIfNull(journal);
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(metrics);
        ILoggingAdapter log = Logging.GetLogger(system, typeof(JobShards));
        IActorRef store = Persistence.Instance.Apply(system).SnapshotStoreFor("");
        IJobClaims claims = JobClaims.Create(settings);
        var context = new JobContext(settings, metrics, journal, store, claims);
        var extractor = new JobMessageExtractor(settings.Shards);
        // A node that only takes in knows the way to the jobs and has none.
        bool hostsJobs = Akka.Cluster.Cluster.Get(system).SelfRoles.Contains(ClusterSettings.JobsRole);
        IActorRef region = hostsJobs
            ? await ClusterSharding.Get(system).StartAsync(
                TypeName,
                entityId => JobActor.Props(entityId, context),
                ClusterShardingSettings.Create(system).WithRole(ClusterSettings.JobsRole),
                extractor,
                new JobAllocationStrategy(),
                JobStop.Instance).ConfigureAwait(false)
            : await ClusterSharding.Get(system).StartProxyAsync(TypeName, ClusterSettings.JobsRole, extractor).ConfigureAwait(false);
        IActorRef feed = system.ActorOf(JobFeed.Props(journal, settings, metrics, region), "job-feed");
        // From here on the feed's cursor holds what is appended.
        await feed.Ask<ActorIdentity>(new Identify(null), FeedTimeout).ConfigureAwait(false);

        IActorRef waker = hostsJobs ? system.ActorOf(JobWaker.Props(claims, region, settings.SnapshotAge), "job-waker") : ActorRefs.Nobody;
        var shards = new JobShards(region, feed, waker, settings, system, log);
        _ = system.WhenTerminated.ContinueWith(_ => claims.DisposeAsync().AsTask(), TaskScheduler.Default);
        CoordinatedShutdown.Get(system).AddTask(
            CoordinatedShutdown.PhaseBeforeClusterShutdown, "stop-job-feed", async () =>
            {
                await shards.StopAsync().ConfigureAwait(false);
                return Done.Instance;
            });
        return shards;
    }

    /// <summary>A job as it is now, from wherever in the cluster it lives; null when nobody knows it.</summary>
    /// <param name="jobId">The job id as clients send it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="TimeoutException">The job did not answer within <c>query-timeout</c>.</exception>
    public async Task<JobRecord?> GetJobAsync(string jobId, CancellationToken cancellationToken = default)
    {
        string entityId = JobName.EntityId(_settings.Cluster, jobId);
        try
        {
            JobReply reply = await _region.Ask<JobReply>(new GetJob(entityId), _settings.QueryTimeout, cancellationToken)
                .ConfigureAwait(false);
            return reply.Record.IsEmpty ? null : JobRecord.Parser.ParseFrom(reply.Record.Span);
        }
        catch (AskTimeoutException e)
        {
            throw new TimeoutException($"Job '{jobId}' did not answer within {_settings.QueryTimeout.TotalSeconds:0.#} s.", e);
        }
    }

    /// <summary>How many shards and jobs each node of the cluster has, by its address.</summary>
    /// <param name="timeout">How long the nodes have to answer.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Empty when they did not answer in time.</returns>
    public async Task<IReadOnlyDictionary<Address, (int Shards, int Jobs)>> CountShardsAsync(TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        try
        {
            ClusterShardingStats stats = await _region.Ask<ClusterShardingStats>(new GetClusterShardingStats(timeout), timeout, cancellationToken)
                .ConfigureAwait(false);
            return stats.Regions.ToDictionary(region => region.Key, region => (region.Value.Stats.Count, region.Value.Stats.Values.Sum()));
        }
        catch (AskTimeoutException)
        {
            return new Dictionary<Address, (int, int)>();
        }
    }

    /// <summary>
    /// Stops the feed when the jobs have saved what it sent, or after a while: what is unacknowledged then comes again at
    /// the next start. The jobs themselves stop with the shard region, in the actor system's coordinated shutdown.
    /// </summary>
    public Task StopAsync() => _stop.Value;

    private async Task StopFeedAsync(ActorSystem system, ILoggingAdapter log)
    {
        // No job begins here any more.
        system.Stop(_waker);
        // Who was put out of the cluster reaches no job on another node, and is the sooner back the sooner it ends.
        bool putOut = CoordinatedShutdown.Get(system).ShutdownReason is CoordinatedShutdown.ClusterDowningReason;
        try
        {
            await _feed.Ask<Done>(JobFeed.StopFeed.Instance, putOut ? FeedTimeoutWhenPutOut : FeedTimeout).ConfigureAwait(false);
        }
        catch (AskTimeoutException)
        {
            log.Warning("Not all frames were acknowledged by their jobs in time; they come again at the next start");
            await _feed.GracefulStop(TimeSpan.FromSeconds(5)).ConfigureAwait(false);
        }
    }
}
