using Akka.Actor;
using Ogrt.Journal;
using static Ogrt.Actors.Ingest.IngestProtocol;

namespace Ogrt.Actors.Ingest;

/// <summary>Ingest as a server holds it: started, asked for its addresses, stopped.</summary>
public sealed class IngestHost
{
    private readonly Lock _lock = new();
    private Task<Drained>? _stop;

    private IngestHost(IActorRef actor, BoundEndpoints endPoints) => (Actor, EndPoints) = (actor, endPoints);

    /// <summary>The root actor.</summary>
    public IActorRef Actor { get; }

    /// <summary>What the listeners are bound to.</summary>
    public BoundEndpoints EndPoints { get; }

    /// <summary>Starts ingest and waits until every listener is bound.</summary>
    /// <param name="system">The actor system.</param>
    /// <param name="settings">What to listen on.</param>
    /// <param name="journal">Where frames go. It must stay open until <see cref="StopAsync"/> has ended.</param>
    /// <param name="metrics">Where everything is counted.</param>
    /// <param name="time">The clock of arrival times and timeouts; the system's when null.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <exception cref="IngestBindException">A listener cannot be bound; nothing is left running.</exception>
    public static async Task<IngestHost> StartAsync(
        ActorSystem system, IngestSettings settings, SegmentedJournal journal, IngestMetrics metrics, TimeProvider? time = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(system);
        IActorRef ingest = system.ActorOf(IngestActor.Props(settings, journal, metrics, time), "ingest");
        object answer = await ingest.Ask<object>(GetBoundEndpoints.Instance, cancellation);
        if (answer is BoundEndpoints endPoints) return new IngestHost(ingest, endPoints);
        Exception cause = ((Status.Failure)answer).Cause;
        await ingest.GracefulStop(TimeSpan.FromSeconds(10));
        throw new IngestBindException(cause.Message, cause);
    }

    /// <summary>Stops accepting, reads to the end what is there, and closes everything. It can be called again.</summary>
    /// <returns>How many connections had to be closed at the drain timeout.</returns>
    public Task<Drained> StopAsync()
    {
        lock (_lock) return _stop ??= StopOnceAsync();
    }

    private async Task<Drained> StopOnceAsync()
    {
        Drained drained = await Actor.Ask<Drained>(StopAccepting.Instance);
        await Actor.GracefulStop(TimeSpan.FromSeconds(10));
        return drained;
    }
}
