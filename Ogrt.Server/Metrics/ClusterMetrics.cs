using System.Diagnostics.Metrics;
using Akka.Cluster;
using Ogrt.Server.Hosting;

namespace Ogrt.Server.Metrics;

/// <summary>The cluster as this node sees it.</summary>
public sealed class ClusterMetrics : IDisposable
{
    private readonly Meter _meter = new("Ogrt.Cluster");
    private readonly ServerParts _parts;

    /// <summary>Registers the instruments.</summary>
    public ClusterMetrics(ServerParts parts)
    {
        _parts = parts;
        _meter.CreateObservableGauge("ogrt_cluster_members", Members, "{member}", "Members of the cluster by status, as this node sees them.");
        _meter.CreateObservableGauge("ogrt_cluster_unreachable_members", () => (long)(State?.Unreachable.Count ?? 0), "{member}",
            "Members that this node does not reach.");
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    private ClusterEvent.CurrentClusterState? State => _parts.System is { WhenTerminated.IsCompleted: false } system ? Cluster.Get(system).State : null;

    private IEnumerable<Measurement<long>> Members() => (State?.Members ?? []).GroupBy(member => member.Status).Select(status =>
        new Measurement<long>(status.Count(), new KeyValuePair<string, object?>("status", status.Key.ToString().ToLowerInvariant())));
}
