using Akka.Actor;
using Akka.Configuration;
using Akka.Persistence;
using Google.Protobuf;
using Ogrt.Actors.Cluster;
using Ogrt.Actors.Jobs;
using Ogrt.Journal;
using Ogrt.Wire;
using Ogrt.Wire.Protocol;

namespace Ogrt.Specs.Jobs;

/// <summary>
/// Feed and jobs with a region between them that loses, repeats and reorders. The trees know one process at a time and
/// count the others, so that a frame that is applied twice shows as well as one that is missing.
/// </summary>
public sealed class FeedProtocolSpec : IDisposable
{
    private const int Jobs = 5;
    private const int Processes = 3000;

    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Every_frame_is_applied_exactly_once_whatever_the_way_does_to_messages(int seed)
    {
        Config config = OgrtCluster.Config(ConfigurationFactory.ParseString($$"""
            akka { loglevel = WARNING, stdout-loglevel = WARNING, log-dead-letters = off, log-dead-letters-during-shutdown = off }
            akka.coordinated-shutdown.run-by-clr-shutdown-hook = off
            ogrt.jobs {
              max-live = 1, max-ended = 0, snapshot-interval = 20 ms
              feed { resend-after = 100 ms, batch-size = 1 KiB, read-size = 8 KiB, window = 64 KiB, unsaved = 128 KiB }
              snapshots { directory = "{{_directory["snapshots"]}}", sync = off }
            }
            """));
        JobSettings settings = JobSettings.Create(config);
        using SegmentedJournal journal = SegmentedJournal.Open(new JournalOptions { Directory = _directory["journal"], Sync = SyncPolicy.Never });
        using var metrics = new JobMetrics();
        var random = new Random(seed);
        int written = 0;

        // The server dies and starts again, over the same directories.
        for (int life = 0; life < 3; life++)
        {
            ActorSystem system = ActorSystem.Create(OgrtCluster.SystemName, config);
            var context = new JobContext(settings, metrics, journal, Persistence.Instance.Apply(system).SnapshotStoreFor(""), JobClaims.Create(settings));
            IActorRef region = system.ActorOf(Props.Create(() => new LossyRegion(context, seed + life)));
            system.ActorOf(JobFeed.Props(journal, settings, metrics, region));
            for (int end = (life + 1) * Processes / 3; written < end;)
            {
                int count = Math.Min(random.Next(1, 60), end - written);
                JournalBatch batch = journal.CreateBatch();
                for (int i = 0; i < count; i++, written++)
                {
                    IMessage process = Frames.Process(written + 1, (ulong)written + 1, job: (written % Jobs).ToString());
                    batch.Add(RecordKind.Frame, 0, default, Frames.Frame(process));
                }
                journal.Append(batch, CancellationToken.None);
                await Task.Yield();
            }
            if (life == 2)
            {
                // Some of it must have gone wrong, or the spec shows nothing.
                await Condition.HoldsAsync(() => metrics.Refused > 0 && metrics.Resent > 0 && metrics.Skipped > 0);
                region.Tell(LossyRegion.Heal.Instance);
                await Condition.HoldsAsync(() => journal.Cursors.Single(c => c.Name == JobFeed.CursorName).Committed >= LastFrame(journal));
                for (int job = 0; job < Jobs; job++)
                {
                    JobReply reply = await region.Ask<JobReply>(new GetJob(JobName.EntityId("default", job.ToString())),
                        TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
                    Assert.Equal((ulong)(Processes / Jobs), JobRecord.Parser.ParseFrom(reply.Record.Span).ProcessCount);
                }
            }
            await system.Terminate();
        }
    }

    /// <summary>Where the last frame ends: job records are appended behind it all the time.</summary>
    private static long LastFrame(SegmentedJournal journal)
    {
        JournalReader reader = journal.OpenReader("look");
        long end = 0;
        while (reader.TryRead(out JournalRecord record))
            if (RecordKind.IsFrame(record.Kind))
                end = record.NextOffset;
        reader.Dispose();
        journal.RemoveReader("look");
        return end;
    }
}
