using System.Net;
using Akka.Actor;
using Akka.Event;

namespace Ogrt.Actors.Ingest;

/// <summary>Messages between <see cref="IngestActor"/> and its listeners.</summary>
internal static class ListenerProtocol
{
    /// <summary>The listener is bound and receives.</summary>
    /// <param name="Listener">The listener's name.</param>
    /// <param name="EndPoint">Where.</param>
    public sealed record Bound(string Listener, IPEndPoint EndPoint) : INoSerializationVerificationNeeded;

    /// <summary>The listener could not be bound, and stops.</summary>
    /// <param name="Listener">The listener's name.</param>
    /// <param name="Cause">Why.</param>
    public sealed record NotBound(string Listener, IngestBindException Cause) : INoSerializationVerificationNeeded;

    /// <summary>The listener has been stopped in order and has nothing left.</summary>
    /// <param name="Listener">The listener's name.</param>
    /// <param name="Aborted">Connections that were closed because the drain timeout had passed.</param>
    public sealed record Stopped(string Listener, int Aborted) : INoSerializationVerificationNeeded;

    /// <summary>Asks a listener to stop in order.</summary>
    public sealed class Stop : INoSerializationVerificationNeeded, IDeadLetterSuppression
    {
        private Stop()
        {
        }

        public static Stop Instance { get; } = new();
    }
}
