using Akka.Actor;
using Akka.Configuration;
using Ogrt.Journal;
using Ogrt.Sinks.DeadLetters;
using Ogrt.Sinks.Delivery;
using Ogrt.Sinks.Shaping;

namespace Ogrt.Sinks;

/// <summary>All sinks of a server: starts those that are enabled, tells how they are, and stops them together.</summary>
public sealed class SinkHost : IAsyncDisposable
{
    private readonly List<SinkDelivery> _deliveries;

    private SinkHost(List<SinkDelivery> deliveries) => _deliveries = deliveries;

    /// <summary>The running sinks.</summary>
    public IReadOnlyList<SinkDelivery> Deliveries => _deliveries;

    /// <summary>How each of them is.</summary>
    public IReadOnlyList<SinkState> States => [.. _deliveries.Select(d => d.State)];

    /// <summary>
    /// Starts the enabled sinks. Returns when each has its cursor in the journal; a target that is not there holds up
    /// nobody. The journal's cursors of sinks that are not configured any more are left as they are.
    /// </summary>
    /// <exception cref="ConfigurationException">A type is unknown, or a setting is wrong. No sink is started then.</exception>
    public static Task<SinkHost> StartAsync(
        ActorSystem system,
        SegmentedJournal journal,
        IReadOnlyList<SinkSettings> sinks,
        SinkContext context,
        SinkFactories? factories = null)
    {
        ArgumentNullException.ThrowIfNull(sinks);
        ArgumentNullException.ThrowIfNull(context);
        factories ??= SinkFactories.Default;
        // All are made before the first is started: a wrong setting shows before anything is written.
        var made = sinks.Where(s => s.Enabled).Select(s => (Settings: s, Sink: ShapedSink.Around(factories.Create(s, context), s))).ToList();
        var deliveries = new List<SinkDelivery>(made.Count);
        foreach ((SinkSettings settings, ISink sink) in made)
        {
            var deadLetters = new DeadLetterStore(
                context.PathOf(settings.DeadLetterDirectory), settings.DeadLetterMaxSize, JournalOptions.DefaultMaxRecordSize);
            deliveries.Add(SinkDelivery.Start(system, journal, sink, settings, deadLetters));
        }
        return Task.FromResult(new SinkHost(deliveries));
    }

    /// <summary>Stops all sinks, each within its own stop time-out, and closes their targets.</summary>
    public Task StopAsync() => Task.WhenAll(_deliveries.Select(d => d.DisposeAsync().AsTask()));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await StopAsync().ConfigureAwait(false);
}
