using Akka.Actor;
using Akka.Configuration;
using Google.Protobuf;
using Ogrt.Actors.Cluster;
using Ogrt.Actors.Jobs;
using Ogrt.Journal;
using Ogrt.Wire;

namespace Ogrt.Specs.Jobs;

/// <summary>A server without its sockets and sinks: journal, actor system, jobs. Directories outlive it.</summary>
internal sealed class TestNode : IAsyncDisposable
{
    private const string Fast = """
        akka {
          loglevel = ERROR
          stdout-loglevel = ERROR
          log-dead-letters = off
          log-dead-letters-during-shutdown = off
          cluster {
            gossip-interval = 100 ms
            leader-actions-interval = 100 ms
            unreachable-nodes-reaper-interval = 100 ms
            periodic-tasks-initial-delay = 100 ms
            failure-detector.heartbeat-interval = 200 ms
            failure-detector.acceptable-heartbeat-pause = 5 s
            split-brain-resolver.stable-after = 2 s
            shutdown-after-unsuccessful-join-seed-nodes = off
            distributed-data.gossip-interval = 100 ms
            distributed-data.notify-subscribers-interval = 50 ms
            sharding {
              retry-interval = 200 ms
              waiting-for-state-timeout = 500 ms
              updating-state-timeout = 1 s
              coordinator-failure-backoff = 200 ms
              distributed-data.gossip-interval = 100 ms
            }
            singleton.hand-over-retry-interval = 200 ms
            singleton-proxy.singleton-identification-interval = 200 ms
          }
          coordinated-shutdown.run-by-actor-system-terminate = off
          coordinated-shutdown.terminate-actor-system = on
          coordinated-shutdown.exit-clr = off
          coordinated-shutdown.run-by-clr-shutdown-hook = off
        }
        ogrt.jobs {
          snapshot-interval = 100 ms
          record-delay = 50 ms
          record-interval = 200 ms
          feed.resend-after = 500 ms
          query-timeout = 10 s
        }
        """;

    private readonly JobShards _shards;

    private TestNode(ActorSystem system, SegmentedJournal journal, JobMetrics metrics, JobShards shards)
    {
        System = system;
        Journal = journal;
        Metrics = metrics;
        _shards = shards;
    }

    public ActorSystem System { get; }

    public SegmentedJournal Journal { get; }

    public JobMetrics Metrics { get; }

    public JobShards Shards => _shards;

    public Address Address => Akka.Cluster.Cluster.Get(System).SelfAddress;

    /// <summary>Starts a node over directories, which may be those of one that has died.</summary>
    public static async Task<TestNode> StartAsync(
        string journalDirectory, string snapshotDirectory, Address? join = null, string settings = "")
    {
        string own = $"ogrt.jobs.snapshots {{ directory = \"{snapshotDirectory}\", store = shared-directory }}";
        Config config = OgrtCluster.Config(
            ConfigurationFactory.ParseString(settings).WithFallback(ConfigurationFactory.ParseString(own))
                .WithFallback(ConfigurationFactory.ParseString(Fast)));
        SegmentedJournal journal = SegmentedJournal.Open(new JournalOptions
        {
            Directory = journalDirectory, SegmentSize = 1 << 20, MaxSize = 64 << 20, Sync = SyncPolicy.Never, MaxRecordSize = 1 << 20 - 1,
        });
        ActorSystem system = ActorSystem.Create(OgrtCluster.SystemName, config);
        if (join is null)
            await OgrtCluster.UpAsync(system, OgrtCluster.Start(system));
        else
            await Akka.Cluster.Cluster.Get(system).JoinAsync(join);
        var metrics = new JobMetrics();
        JobShards shards = await JobShards.StartAsync(system, journal, JobSettings.Create(config), metrics);
        return new TestNode(system, journal, metrics, shards);
    }

    public void Append(params IMessage[] messages)
    {
        JournalBatch batch = Journal.CreateBatch();
        foreach (IMessage message in messages)
            batch.Add(RecordKind.Frame, Frames.Start, default, Frames.Frame(message));
        Journal.Append(batch, CancellationToken.None);
    }

    /// <summary>Waits until every job has saved all that is in the journal now.</summary>
    public async Task DrainAsync()
    {
        long tail = Journal.TailOffset;
        await Condition.HoldsAsync(() => Journal.Cursors.Single(c => c.Name == "jobs").Committed >= tail);
    }

    /// <summary>Ends as a process does that is killed: nothing is saved, nobody is told.</summary>
    public async Task KillAsync()
    {
        await System.Terminate();
        Journal.Dispose();
        Metrics.Dispose();
    }

    /// <summary>Ends in order: the cluster is left, jobs are saved and handed over.</summary>
    public async Task StopAsync()
    {
        await CoordinatedShutdown.Get(System).Run(CoordinatedShutdown.ClrExitReason.Instance);
        Journal.Dispose();
        Metrics.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        if (!System.WhenTerminated.IsCompleted)
            await KillAsync();
    }
}
