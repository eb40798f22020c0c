using Akka;
using Akka.Actor;
using Akka.Cluster;
using Akka.Cluster.Sharding;
using Akka.Event;
using Akka.Persistence;
using Ogrt.Journal;
using Ogrt.Wire;
using Ogrt.Wire.Protocol;
using ClusterSettings = Ogrt.Actors.Cluster.ClusterSettings;

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
    private readonly ActorSystem _system;
    private readonly Lazy<Task> _stop;

    private JobShards(IActorRef region, IActorRef feed, IActorRef waker, JobSettings settings, ActorSystem system, ILoggingAdapter log)
    {
        _region = region;
        _feed = feed;
        _waker = waker;
        (_settings, _system) = (settings, system);
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
        ClusterSharding sharding = ClusterSharding.Get(system);
        ClusterShardingSettings shardSettings = ClusterShardingSettings.Create(system).WithRole(ClusterSettings.JobsRole);
        IActorRef region = hostsJobs
            ? await sharding.StartAsync(
                TypeName,
                entityId => JobActor.Props(entityId, context),
                shardSettings,
                extractor,
                sharding.DefaultShardAllocationStrategy(shardSettings),
                JobStop.Instance).ConfigureAwait(false)
            : await sharding.StartProxyAsync(TypeName, ClusterSettings.JobsRole, extractor).ConfigureAwait(false);
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

    /// <summary>How many shards and jobs each node of the cluster has, by its address. Each is asked by itself, so that one that does not
    /// answer hides nobody else's numbers; those that are known to be unreachable are not asked.</summary>
    /// <param name="timeout">How long the nodes have to answer.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Those that have answered in time.</returns>
    public async Task<IReadOnlyDictionary<Address, (int Shards, int Jobs)>> CountShardsAsync(TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        ClusterEvent.CurrentClusterState state = Akka.Cluster.Cluster.Get(_system).State;
        (Address Node, ShardRegionStats? Stats)[] answers = await Task.WhenAll(state.Members
            .Where(m => m.HasRole(ClusterSettings.JobsRole) && m.Status is MemberStatus.Up or MemberStatus.Leaving && !state.Unreachable.Contains(m))
            .Select(async m => (m.Address, await AskAsync(m.Address).ConfigureAwait(false)))).ConfigureAwait(false);
        return answers.Where(a => a.Stats is not null).ToDictionary(a => a.Node, a => (a.Stats!.Stats.Count, a.Stats.Stats.Values.Sum()));

        async Task<ShardRegionStats?> AskAsync(Address node)
        {
            try
            {
                // The same path on each node that hosts jobs.
                ActorSelection region = _system.ActorSelection(new RootActorPath(node) / "system" / "sharding" / TypeName);
                return await region.Ask<ShardRegionStats>(GetShardRegionStats.Instance, timeout, cancellationToken).ConfigureAwait(false);
            }
            catch (AskTimeoutException)
            {
                return null;
            }
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
