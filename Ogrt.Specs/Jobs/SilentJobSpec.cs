using Akka.Actor;
using Akka.Configuration;
using Ogrt.Actors.Cluster;
using Ogrt.Actors.Jobs;
using Ogrt.Journal;
using Ogrt.Wire;

namespace Ogrt.Specs.Jobs;

/// <summary>A job whose node does not answer, beside one that does.</summary>
public sealed class SilentJobSpec : IDisposable
{
    private const int Frames = 400;
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_job_that_is_silent_holds_up_no_other_and_is_sent_everything_when_it_speaks()
    {
        Config config = OgrtCluster.Config(ConfigurationFactory.ParseString($$"""
            akka { loglevel = WARNING, stdout-loglevel = WARNING, log-dead-letters = off }
            akka.coordinated-shutdown.run-by-clr-shutdown-hook = off
            ogrt.jobs {
              snapshot-interval = 20 ms
              feed { resend-after = 100 ms, batch-size = 1 KiB, read-size = 4 KiB, window = 4 KiB, unsaved = 16 MiB }
              snapshots { directory = "{{_directory["snapshots"]}}", sync = off }
            }
            """));
        JobSettings settings = JobSettings.Create(config);
        using SegmentedJournal journal = SegmentedJournal.Open(new JournalOptions { Directory = _directory["journal"], Sync = SyncPolicy.Never });
        using var metrics = new JobMetrics();
        ActorSystem system = ActorSystem.Create(OgrtCluster.SystemName, config);
        var seen = new System.Collections.Concurrent.ConcurrentDictionary<string, int>();
        IActorRef region = system.ActorOf(Props.Create(() => new DeafRegion(seen)));
        system.ActorOf(JobFeed.Props(journal, settings, metrics, region));

        // Many times the window.
        for (int i = 0; i < Frames; i++)
        {
            JournalBatch batch = journal.CreateBatch();
            foreach (string job in (string[])["silent", "other"])
                batch.Add(RecordKind.Frame, 0, default, Jobs.Frames.Frame(Jobs.Frames.Process(i + 1, (ulong)i + 1, job: job)));
            journal.Append(batch, CancellationToken.None);
        }
        await Condition.HoldsAsync(() => seen.GetValueOrDefault("other") == Frames);
        Assert.Equal(0, seen.GetValueOrDefault("silent"));
        Assert.True(journal.Cursors.Single(c => c.Name == JobFeed.CursorName).Committed < journal.TailOffset / 2);

        region.Tell("speak");
        await Condition.HoldsAsync(() => seen.GetValueOrDefault("silent") == Frames);
        await Condition.HoldsAsync(() => journal.Cursors.Single(c => c.Name == JobFeed.CursorName).Committed == journal.TailOffset);
        Assert.Equal(Frames, seen["other"]);
        Assert.True(metrics.Resent > 0);
        await system.Terminate();
    }

    /// <summary>Two jobs that apply what is in order and save at once; one of them is deaf at first.</summary>
    private sealed class DeafRegion(System.Collections.Concurrent.ConcurrentDictionary<string, int> seen) : UntypedActor
    {
        private readonly Dictionary<string, long> _applied = [];
        private bool _speaks;

        protected override void OnReceive(object message)
        {
            if (message is string)
                _speaks = true;
            if (message is not JobFrames frames || (!_speaks && JobName.JobIdOf(frames.EntityId) == "silent"))
                return;
            long applied = _applied.GetValueOrDefault(frames.EntityId);
            if (frames.Previous > applied)
            {
                Sender.Tell(new JobFramesRefused(frames.EntityId, frames.Origin, applied));
                return;
            }
            ReadOnlySpan<byte> records = frames.Records.Span;
            while (JobFrameCodec.TryRead(ref records, out _, out long offset, out _))
                if (offset >= applied)
                    seen.AddOrUpdate(JobName.JobIdOf(frames.EntityId), 1, (_, count) => count + 1);
            _applied[frames.EntityId] = applied = Math.Max(applied, frames.Next);
            frames.Lease?.Release();
            Sender.Tell(new JobFramesSaved(frames.EntityId, frames.Origin, applied));
        }
    }
}
