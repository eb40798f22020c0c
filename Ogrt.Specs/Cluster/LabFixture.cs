using Ogrt.Specs.Cluster.Lab;

namespace Ogrt.Specs.Cluster;

/// <summary>Three servers that find each other by seeds, for all specs of a class.</summary>
public sealed class LabFixture : IAsyncLifetime
{
    internal ClusterLab Lab { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Lab = await ClusterLab.CreateAsync(new LabOptions { Settings = LabSettings.Quick }, CancellationToken.None);
        await Lab.StartAsync(CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        if (Lab is not null)
            await Lab.DisposeAsync();
    }
}
