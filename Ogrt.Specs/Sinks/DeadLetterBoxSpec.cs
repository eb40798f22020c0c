using System.Collections.Concurrent;
using Akka.Event;
using Ogrt.Journal;
using Ogrt.Sinks;
using Ogrt.Sinks.DeadLetters;
using Ogrt.Sinks.Delivery;

namespace Ogrt.Specs.Sinks;

public sealed class DeadLetterBoxSpec
{
    [Fact]
    public async Task A_place_that_cannot_be_used_is_told_once_however_often_it_is_tried()
    {
        using var directory = new TempDirectory();
        Directory.CreateDirectory(Path.GetDirectoryName(directory.File("x"))!);
        string place = directory.File("taken");
        await File.WriteAllTextAsync(place, "no directory", TestContext.Current.CancellationToken);
        (SinkServer server, ScriptedSink.Factory _) = ScriptedServer.Create();
        await using SinkServer running = server;
        var changes = new ConcurrentQueue<SinkPhase>();
        var status = new SinkStatus((phase, _, _) => changes.Enqueue(phase));
        using var store = new DeadLetterStore(place, DeadLetterStore.LeastSize, JournalOptions.DefaultMaxRecordSize);
        var metrics = new SinkMetrics("one");
        var box = new DeadLetterBox(store, server.Settings.Single(s => s.Name == "one"), metrics, status, Logging.GetLogger(server.System, "box"), TestContext.Current.CancellationToken);
        Task keeping = box.KeepAsync(default, new byte[] { 1 }, new Refusal("mapping", null, 400), 1).AsTask();
        // The wait after a failure is at most 4 ms, so that this is many tries.
        await SinkServer.UntilAsync(() => changes.Contains(SinkPhase.Paused));
        long begin = Environment.TickCount64;
        await SinkServer.UntilAsync(() => Environment.TickCount64 - begin > 100);
        Assert.Equal([SinkPhase.Paused], changes);
        Assert.Equal(0, metrics.Counts.DeadLettered);
        File.Delete(place);
        await keeping;
        Assert.Equal([SinkPhase.Paused, SinkPhase.Running], changes);
        Assert.Equal((1, 1), (metrics.Counts.DeadLettered, store.Count));
    }
}
