using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Akka.Event;
using Ogrt.Journal;
using Ogrt.Sinks;
using Ogrt.Sinks.DeadLetters;
using Ogrt.Sinks.Delivery;

namespace Ogrt.Specs.Sinks;

public sealed partial class DeadLetterBoxSpec
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
        var box = new DeadLetterBox(server.Journal, store, server.Settings.Single(s => s.Name == "one"), metrics, status, Logging.GetLogger(server.System, "box"), TestContext.Current.CancellationToken);
        server.AppendNumbers(0, 1);
        SinkItem item = new() { Offset = JournalInspector.Dump(server.JournalDirectory).First().Offset };
        Task keeping = box.KeepAsync(item, new Refusal("mapping", null, 400), 1).AsTask();
        await SinkServer.UntilAsync(() => changes.Contains(SinkPhase.Paused));
        // Each try says in which words it failed, and other words are taken over silently: so there was another try.
        string? first = status.Current.Detail;
        string locked = directory.File("locked");
        using (SegmentedJournal.Open(DeadLetterStore.Options(locked, DeadLetterStore.LeastSize, JournalOptions.DefaultMaxRecordSize)))
        {
            File.CreateSymbolicLink(directory.File("link"), locked);
            // In one step, so that the place is never free: File.Move does not know links to directories.
            Assert.Equal(0, Rename(directory.File("link"), place));
            await SinkServer.UntilAsync(() => status.Current.Detail != first);
            Assert.Equal([SinkPhase.Paused], changes);
            Assert.Equal(0, metrics.Counts.DeadLettered);
        }
        await keeping;
        Assert.Equal([SinkPhase.Paused, SinkPhase.Running], changes);
        Assert.Equal((1, 1), (metrics.Counts.DeadLettered, store.Count));
    }
    [LibraryImport("libc", EntryPoint = "rename", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Rename(string from, string to);
}
