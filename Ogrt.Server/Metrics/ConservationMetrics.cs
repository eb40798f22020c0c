using System.Diagnostics.Metrics;
using Ogrt.Server.Hosting;
using Ogrt.Server.Overview;

namespace Ogrt.Server.Metrics;

/// <summary>The conservation of records where parts of different projects meet; each sink has that of its own.</summary>
public sealed class ConservationMetrics : IDisposable
{
    private readonly Meter _meter = new("Ogrt.Server");

    /// <summary>Registers the instrument.</summary>
    public ConservationMetrics(ServerParts parts) =>
        _meter.CreateObservableGauge("ogrt_journal_unaccounted_records", () => Unaccounted.OfJournal(parts), "{record}",
            "Records in the journal that neither listeners nor jobs have counted, or fewer than they have; anything but 0 is a mistake in the program.");

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();
}
