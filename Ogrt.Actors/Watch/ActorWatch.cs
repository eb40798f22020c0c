using System.Diagnostics;
using Akka.Actor;
using Akka.Event;

namespace Ogrt.Actors.Watch;

/// <summary>
/// Looks at all mailboxes from time to time, asks one actor of each kind how long a message waits for its turn there, and counts
/// dead letters and messages that nobody handles.
/// </summary>
/// <remarks>
/// The question is Akka's <see cref="Identify"/>, which every actor answers when its turn comes, whatever it is doing. It goes to
/// the actor with the fullest mailbox; where all are empty, to any. Its answer that has not come yet tells the most: the time since
/// it was asked is how long the actor has been stuck.
/// </remarks>
internal sealed class ActorWatch : UntypedActor, IWithTimers
{
    private readonly ActorMetrics _metrics;
    private readonly TimeSpan _interval;
    private readonly Probe?[] _probes = new Probe?[ActorKinds.All.Count];
    private readonly TimeSpan[] _waits = new TimeSpan[ActorKinds.All.Count];
    private long _looked;

    public ActorWatch(ActorMetrics metrics, TimeSpan interval) => (_metrics, _interval) = (metrics, interval);

    /// <summary>Set by Akka.</summary>
    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        Context.System.EventStream.Subscribe(Self, typeof(DeadLetter));
        Context.System.EventStream.Subscribe(Self, typeof(UnhandledMessage));
        Timers.StartPeriodicTimer(Look.Instance, Look.Instance, TimeSpan.Zero, _interval);
    }

    protected override void PostStop() => Context.System.EventStream.Unsubscribe(Self);

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Look:
                OnLook();
                break;
            case LookNow now:
                // Several who ask at the same time share what one look has found.
                if (Stopwatch.GetElapsedTime(_looked) > now.OldestAllowed) OnLook();
                Sender.Tell(_metrics.Sample);
                break;
            case ActorIdentity { MessageId: Probe probe }:
                OnAnswer(probe);
                break;
            case DeadLetter letter:
                _metrics[ActorKinds.Of(letter.Recipient.Path)].WasDeadLetter();
                break;
            case UnhandledMessage unhandled:
                _metrics[ActorKinds.Of(unhandled.Recipient.Path)].WasUnhandled();
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void OnLook()
    {
        int kinds = ActorKinds.All.Count;
        int[] live = new int[kinds];
        long[] messages = new long[kinds], deepest = new long[kinds];
        var fullest = new IActorRef?[kinds];
        ActorTree.Visit(Context.System, (actor, waiting) =>
        {
            int kind = (int)ActorKinds.Of(actor.Path);
            live[kind]++;
            messages[kind] += waiting;
            // Of several with nothing to do, any: it is not the same one each time, because children have no order.
            if (fullest[kind] is not null && waiting <= deepest[kind] && (waiting > 0 || Random.Shared.Next(live[kind]) > 0)) return;
            fullest[kind] = actor;
            deepest[kind] = Math.Max(deepest[kind], waiting);
        });
        for (int kind = 0; kind < kinds; kind++)
        {
            if (live[kind] == 0) _waits[kind] = TimeSpan.Zero;
            // Akka's own are not asked: nobody could do anything about them.
            if (kind != (int)ActorKind.Other && fullest[kind] is { } actor) Ask((ActorKind)kind, actor);
        }
        _looked = Stopwatch.GetTimestamp();
        _metrics.Sample = [.. ActorKinds.All.Select(kind =>
            new KindSample(kind, live[(int)kind], messages[(int)kind], deepest[(int)kind], WaitOf((int)kind)))];
    }

    private void Ask(ActorKind kind, IActorRef actor)
    {
        // One question at a time: an actor that is stuck is not to be buried under them.
        if (_probes[(int)kind] is not null) return;
        var probe = new Probe(kind, Stopwatch.GetTimestamp());
        _probes[(int)kind] = probe;
        actor.Tell(new Identify(probe), Self);
    }

    private void OnAnswer(Probe probe)
    {
        int kind = (int)probe.Kind;
        if (_probes[kind] != probe) return;
        _probes[kind] = null;
        _waits[kind] = Stopwatch.GetElapsedTime(probe.Sent);
        _metrics.Sample = [.. _metrics.Sample.Select(sample => sample.Kind == probe.Kind ? sample with { Wait = _waits[kind] } : sample)];
    }

    private TimeSpan WaitOf(int kind)
    {
        TimeSpan sofar = _probes[kind] is { } probe ? Stopwatch.GetElapsedTime(probe.Sent) : TimeSpan.Zero;
        return sofar > _waits[kind] ? sofar : _waits[kind];
    }

    private sealed class Look : INoSerializationVerificationNeeded, IDeadLetterSuppression
    {
        public static readonly Look Instance = new();
    }

    /// <summary>Asks for a sample that is not older than so much; answered by a list of <see cref="KindSample"/>.</summary>
    internal sealed record LookNow(TimeSpan OldestAllowed) : INoSerializationVerificationNeeded, IDeadLetterSuppression;

    private sealed record Probe(ActorKind Kind, long Sent);
}
