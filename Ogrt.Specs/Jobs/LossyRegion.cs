using Akka.Actor;
using Ogrt.Actors.Jobs;

namespace Ogrt.Specs.Jobs;

/// <summary>
/// Takes the place of the shard region and treats messages worse than any network: it drops, repeats and holds them back,
/// in both directions, and now and then kills a job without a word.
/// </summary>
internal sealed class LossyRegion(JobContext context, int seed) : UntypedActor
{
    private readonly Random _random = new(seed);
    private readonly List<Action> _held = [];
    private IActorRef? _feed;
    private bool _healed;
    private int _generation;

    public sealed class Heal
    {
        public static readonly Heal Instance = new();
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Heal:
                _healed = true;
                _held.ForEach(send => send());
                _held.Clear();
                break;
            case JobFramesSaved or JobFramesApplied or JobFramesRefused:
                Deliver(() => _feed!.Tell(message, Self));
                break;
            case GetJob get:
                Entity(get.EntityId).Forward(get);
                break;
            case IJobMessage toJob:
                _feed = Sender;
                if (!_healed && _random.Next(40) == 0)
                    Context.Stop(Entity(toJob.EntityId));
                // As on a network, each delivery has bytes of its own.
                if (toJob is JobFrames frames)
                    toJob = frames with { Records = frames.Records.ToArray(), Lease = null };
                Deliver(() => Entity(toJob.EntityId).Tell(toJob, Self));
                break;
        }
    }

    private void Deliver(Action send)
    {
        if (_healed)
        {
            send();
            return;
        }
        switch (_random.Next(10))
        {
            case 0 or 1:
                break;
            case 2 or 3:
                send();
                send();
                break;
            case 4 or 5:
                _held.Add(send);
                break;
            default:
                send();
                break;
        }
        if (_held.Count > 0 && _random.Next(3) == 0)
        {
            int which = _random.Next(_held.Count);
            _held[which]();
            _held.RemoveAt(which);
        }
    }

    private readonly Dictionary<string, IActorRef> _entities = [];

    private IActorRef Entity(string entityId)
    {
        if (_entities.TryGetValue(entityId, out IActorRef? entity))
            return entity;
        entity = Context.ActorOf(JobActor.Props(entityId, context), $"e{_generation++}");
        Context.WatchWith(entity, new Gone(entityId));
        return _entities[entityId] = entity;
    }

    protected override void Unhandled(object message)
    {
    }

    protected override bool AroundReceive(Receive receive, object message)
    {
        if (message is not Gone gone)
            return base.AroundReceive(receive, message);
        _entities.Remove(gone.EntityId);
        return true;
    }

    private sealed record Gone(string EntityId) : INoSerializationVerificationNeeded;
}
