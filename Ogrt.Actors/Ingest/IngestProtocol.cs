using System.Net;
using Akka.Actor;
using Akka.Event;

namespace Ogrt.Actors.Ingest;

/// <summary>The messages of the root actor of ingest.</summary>
public static class IngestProtocol
{
    /// <summary>Asks for the bound addresses. The answer is a <see cref="BoundEndpoints"/> once every listener is bound, or a
    /// <see cref="Status.Failure"/> with the reason when the start has failed.</summary>
    public sealed class GetBoundEndpoints
    {
        private GetBoundEndpoints()
        {
        }

        /// <summary>The message.</summary>
        public static GetBoundEndpoints Instance { get; } = new();
    }

    /// <summary>The addresses that the listeners are bound to, by the listener's name.</summary>
    /// <param name="ByListener">Address and port of each listener, with the port that the system chose for 0.</param>
    public sealed record BoundEndpoints(IReadOnlyDictionary<string, IPEndPoint> ByListener);

    /// <summary>Stops accepting, reads to the end what is there, and closes. The answer is <see cref="Drained"/>.</summary>
    public sealed class StopAccepting : IDeadLetterSuppression
    {
        private StopAccepting()
        {
        }

        /// <summary>The message.</summary>
        public static StopAccepting Instance { get; } = new();
    }

    /// <summary>Every listener is closed, and all that was read is in the journal.</summary>
    /// <param name="AbortedConnections">Connections that had to be closed because the drain timeout had passed.</param>
    public sealed record Drained(int AbortedConnections);
}
