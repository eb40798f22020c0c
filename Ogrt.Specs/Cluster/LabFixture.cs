using Ogrt.Specs.Cluster.Lab;

namespace Ogrt.Specs.Cluster;

/// <summary>Three servers that find each other by seeds, for all specs of a class.</summary>
public sealed class LabFixture : IAsyncLifetime
{
    /// <summary>Times that suit a spec: those of an operator are longer because servers are busy.</summary>
    public const string Quick = $$"""
        ogrt.cluster-node {
          stable-margin = 2 s
          probe-interval = 500 ms
        }
        ogrt.jobs {
          snapshot-interval = 500 ms
          record-delay = 200 ms
          record-interval = 1 s
          feed.resend-after = 4 s
        }
        ogrt.shutdown.flush-timeout = 2 s
        akka.cluster {
          failure-detector.acceptable-heartbeat-pause = 5 s
          split-brain-resolver.stable-after = 4 s
          sharding.retry-interval = 500 ms
        }
        {{LabOracle.CountOnly}}
        """;

    internal ClusterLab Lab { get; private set; } = null!;

    /// <summary>The next number that no load has sent.</summary>
    public int NextNumber { get; set; }

    public async ValueTask InitializeAsync()
    {
        Lab = await ClusterLab.CreateAsync(new LabOptions { Settings = Quick, KeepsJournals = true }, CancellationToken.None);
        await Lab.StartAsync(CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        if (Lab is not null)
            await Lab.DisposeAsync();
    }
}
