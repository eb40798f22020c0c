using Akka.Actor;
using Akka.TestKit.Xunit;
using Ogrt.Actors.Watch;

namespace Ogrt.Specs.Watch;

public sealed class ActorWatchSpec : TestKit
{
    private readonly ActorMetrics _metrics = new(new ActorSettings { Enabled = true, Interval = TimeSpan.FromMilliseconds(100) });

    protected override void AfterAll()
    {
        base.AfterAll();
        _metrics.Dispose();
    }

    private KindSample SampleOf(ActorKind kind) => _metrics.Sample.Single(s => s.Kind == kind);

    [Theory]
    [InlineData("user/ingest", ActorKind.Ingest)]
    [InlineData("user/ingest/tcp-1", ActorKind.Listener)]
    [InlineData("user/ingest/tcp-1/$a", ActorKind.Connection)]
    [InlineData("user/job-feed", ActorKind.Feed)]
    [InlineData("user/job-feed/StreamSupervisor-1/Flow-0-0", ActorKind.Feed)]
    [InlineData("user/StreamSupervisor-0/sink-es-0-0-x", ActorKind.Sink)]
    [InlineData("user/StreamSupervisor-0", ActorKind.Other)]
    [InlineData("user/sink-x", ActorKind.Other)]
    [InlineData("system/sharding/job", ActorKind.Region)]
    [InlineData("system/sharding/job/17", ActorKind.Shard)]
    [InlineData("system/sharding/job/17/default%2FJ", ActorKind.Job)]
    [InlineData("system/sharding/jobCoordinator/singleton/coordinator", ActorKind.Coordinator)]
    [InlineData("system/sharding/replicator", ActorKind.Other)]
    [InlineData("system/akka.persistence.snapshot-store.ogrt-files", ActorKind.Snapshots)]
    public void An_actors_kind_is_told_by_its_place(string path, ActorKind kind) =>
        Assert.Equal(kind, ActorKinds.Of(path.Split('/').Aggregate((ActorPath)new RootActorPath(Address.AllSystems), (at, name) => at / name)));

    [Fact]
    public async Task Handled_messages_and_their_time_are_counted_and_failures_restart()
    {
        IActorRef worker = Sys.ActorOf(Props.Create(() => new Worker(_metrics[ActorKind.Feed])), "job-feed");
        Assert.Equal("done", await worker.Ask<string>("work", TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken));
        worker.Tell(new InvalidOperationException("on purpose"));
        Assert.Equal("done", await worker.Ask<string>("work", TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken));
        await AwaitConditionAsync(() => Task.FromResult(_metrics.WorkOf(ActorKind.Feed) is { Handled: 3, Restarts: 1 }), cancellationToken: TestContext.Current.CancellationToken);
        Assert.True(_metrics.WorkOf(ActorKind.Feed).Time > TimeSpan.Zero);
    }

    [Fact]
    public async Task Counters_that_are_off_count_nothing()
    {
        using var off = new ActorMetrics(null);
        IActorRef worker = Sys.ActorOf(Props.Create(() => new Worker(off[ActorKind.Feed])));
        Assert.Equal("done", await worker.Ask<string>("work", TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken));
        Assert.Equal(0, off.WorkOf(ActorKind.Feed).Handled);
    }

    [Fact]
    public async Task A_stuck_actor_shows_by_its_mailbox_and_by_a_wait_that_grows()
    {
        _metrics.Watch(Sys);
        using var gate = new ManualResetEventSlim();
        IActorRef worker = Sys.ActorOf(Props.Create(() => new Worker(_metrics[ActorKind.Feed])), "job-feed");
        worker.Tell(gate);
        for (int i = 0; i < 5; i++) worker.Tell("work", ActorRefs.Nobody);
        await AwaitConditionAsync(() => Task.FromResult(SampleOf(ActorKind.Feed) is { Live: 1, Messages: >= 5, Deepest: >= 5 } && SampleOf(ActorKind.Feed).Wait > TimeSpan.FromMilliseconds(300)), TimeSpan.FromSeconds(20), cancellationToken: TestContext.Current.CancellationToken);
        TimeSpan wait = SampleOf(ActorKind.Feed).Wait;
        await AwaitConditionAsync(() => Task.FromResult(SampleOf(ActorKind.Feed).Wait > wait), TimeSpan.FromSeconds(20), cancellationToken: TestContext.Current.CancellationToken);
        gate.Set();
        await AwaitConditionAsync(() => Task.FromResult(SampleOf(ActorKind.Feed) is { Messages: 0 } && SampleOf(ActorKind.Feed).Wait < wait), TimeSpan.FromSeconds(20), cancellationToken: TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Messages_that_nobody_took_and_dead_letters_are_counted_by_whom_they_were_for()
    {
        _metrics.Watch(Sys);
        IActorRef worker = Sys.ActorOf(Props.Create(() => new Worker(_metrics[ActorKind.Feed])), "job-feed");
        // Not before the watch has subscribed.
        await AwaitConditionAsync(() => Task.FromResult(SampleOf(ActorKind.Feed).Live == 1), TimeSpan.FromSeconds(20), cancellationToken: TestContext.Current.CancellationToken);
        worker.Tell(42);
        await AwaitConditionAsync(() => Task.FromResult(_metrics[ActorKind.Feed].Unhandled == 1), TimeSpan.FromSeconds(20), cancellationToken: TestContext.Current.CancellationToken);
        await worker.GracefulStop(TimeSpan.FromSeconds(10));
        worker.Tell("too late");
        await AwaitConditionAsync(() => Task.FromResult(_metrics[ActorKind.Feed].DeadLetters == 1), TimeSpan.FromSeconds(20), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(0, _metrics[ActorKind.Job].DeadLetters);
    }

    [Fact]
    public void The_tree_counts_together_what_is_too_many()
    {
        for (int i = 0; i < ActorTree.MostChildren + 50; i++) Sys.ActorOf(Props.Create(() => new Worker(_metrics[ActorKind.Other])));
        ActorNode user = ActorTree.Describe(Sys).Children.Single(c => c.Name == "user");
        Assert.True(user.Actors > ActorTree.MostChildren + 50);
        Assert.Equal(ActorTree.MostChildren + 1, user.Children.Count);
        Assert.Equal(user.Actors - 1, user.Children.Sum(c => c.Actors));
    }

    private sealed class Worker(ActorCounters counters) : MeasuredActor(counters)
    {
        protected override void OnReceive(object message)
        {
            switch (message)
            {
                case string:
                    Sender.Tell("done");
                    break;
                case ManualResetEventSlim gate:
                    gate.Wait();
                    break;
                case Exception e:
                    throw e;
                default:
                    Unhandled(message);
                    break;
            }
        }
    }
}
