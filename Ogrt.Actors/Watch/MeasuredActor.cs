using System.Diagnostics;
using Akka.Actor;

namespace Ogrt.Actors.Watch;

/// <summary>An actor that counts what it handles and how long that takes, together with all others of its kind.</summary>
public abstract class MeasuredActor : UntypedActor
{
    private readonly ActorCounters _counters;

    /// <summary>Makes the actor.</summary>
    /// <param name="counters">Those of its kind.</param>
    protected MeasuredActor(ActorCounters counters) => _counters = counters;

    /// <inheritdoc/>
    protected sealed override bool AroundReceive(Receive receive, object message)
    {
        if (!_counters.IsEnabled) return base.AroundReceive(receive, message);
        long started = Stopwatch.GetTimestamp();
        try
        {
            return base.AroundReceive(receive, message);
        }
        finally
        {
            _counters.Handled(Stopwatch.GetTimestamp() - started);
        }
    }

    /// <inheritdoc/>
    public sealed override void AroundPostRestart(Exception cause, object message)
    {
        _counters.Restarted();
        base.AroundPostRestart(cause, message);
    }
}
