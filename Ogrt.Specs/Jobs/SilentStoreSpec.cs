using Akka.Actor;
using Akka.Persistence;
using Ogrt.Wire.Protocol;
using static Ogrt.Specs.Jobs.Frames;

namespace Ogrt.Specs.Jobs;

/// <summary>A store of snapshots that leaves some requests without any answer, as one whose actor fails does.</summary>
public sealed class SilentStoreSpec : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_save_and_a_load_that_are_never_answered_are_asked_for_again()
    {
        string settings = $$"""
            ogrt.jobs.snapshots.answer-timeout = 300 ms
            akka.persistence.snapshot-store.plugin = "akka.persistence.snapshot-store.silent"
            akka.persistence.snapshot-store.silent {
              class = "{{typeof(SilentStore).AssemblyQualifiedName}}"
              plugin-dispatcher = "akka.actor.default-dispatcher"
            }
            """;
        await using (TestNode node = await TestNode.StartAsync(_directory["journal"], _directory["snapshots"], settings: settings))
        {
            // The first load and the first save get no answer.
            node.Append(Process(1, 1));
            await node.DrainAsync();
            Assert.True(node.Metrics.SnapshotFailures >= 2, $"{node.Metrics.SnapshotFailures} failures");
            node.Append(Process(2, 2));
            await node.DrainAsync();
        }
        await using TestNode again = await TestNode.StartAsync(_directory["journal"], _directory["snapshots"]);
        JobRecord? record = await again.Shards.GetJobAsync("1", TestContext.Current.CancellationToken);
        Assert.Equal(2UL, record!.ProcessCount);
    }

    /// <summary>Passes everything on but the first load and the first save.</summary>
    private sealed class SilentStore : UntypedActor
    {
        private readonly IActorRef _store = Persistence.Instance.Apply(Context.System).SnapshotStoreFor("akka.persistence.snapshot-store.ogrt-files");
        private bool _saved, _loaded;

        protected override void OnReceive(object message)
        {
            bool isFirst = message switch
            {
                SaveSnapshot => !_saved && (_saved = true),
                LoadSnapshot => !_loaded && (_loaded = true),
                _ => false,
            };
            if (!isFirst)
                _store.Forward(message);
        }
    }
}
