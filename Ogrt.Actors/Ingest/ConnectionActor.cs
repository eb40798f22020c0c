using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Event;
using Ogrt.Actors.Watch;

namespace Ogrt.Actors.Ingest;

/// <summary>
/// Owns a connection: starts its reader, stops when that ends, and closes it when it is stopped itself. Bytes never pass through
/// its mailbox. When the reader fails it fails, which its parent answers by stopping it alone.
/// </summary>
internal sealed class ConnectionActor(Connection connection)
    : MeasuredActor(connection.Actors[ActorKind.Connection])
{
    /// <summary>The props for all connections of a listener. Each new actor takes one of the waiting connections: which one does
    /// not matter, and so the props can be made once.</summary>
    public static Props PropsFor(ConcurrentQueue<Connection> waiting) => Props.CreateBy(new Producer(waiting));

    protected override void PreStart() => _ = RunAsync(connection, Self);

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Ended:
                Context.Stop(Self);
                break;
            case Failed failed:
                throw new InvalidOperationException("The reader of a connection has failed.", failed.Cause);
            default:
                Unhandled(message);
                break;
        }
    }

    protected override void PostStop()
    {
        // Does nothing when the reader has ended; else this has failed, or its listener has.
        connection.Abort(Rejection.Failure);
        Context.Parent.Tell(new Closed(connection));
    }

    private static async Task RunAsync(Connection connection, IActorRef self)
    {
        try
        {
            await connection.RunAsync();
            self.Tell(Ended.Instance);
        }
        catch (Exception e)
        {
            self.Tell(new Failed(e));
        }
    }

    /// <summary>Tells the listener that a connection has been closed.</summary>
    /// <param name="Connection">The connection.</param>
    public sealed record Closed(Connection Connection) : INoSerializationVerificationNeeded, IDeadLetterSuppression;

    private sealed class Ended : INoSerializationVerificationNeeded, IDeadLetterSuppression
    {
        private Ended()
        {
        }

        public static Ended Instance { get; } = new();
    }

    private sealed record Failed(Exception Cause) : INoSerializationVerificationNeeded, IDeadLetterSuppression;

    private sealed class Producer(ConcurrentQueue<Connection> waiting) : IIndirectActorProducer
    {
        public Type ActorType => typeof(ConnectionActor);

        public ActorBase Produce() => waiting.TryDequeue(out Connection? connection)
            ? new ConnectionActor(connection)
            : throw new InvalidOperationException("There is no connection for this actor.");

        public void Release(ActorBase actor)
        {
        }
    }
}
