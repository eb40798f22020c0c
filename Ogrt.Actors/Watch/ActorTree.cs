using Akka.Actor;

namespace Ogrt.Actors.Watch;

/// <summary>
/// The actors of a system, read from outside of them: nothing is asked of an actor, and none waits. What starts or stops meanwhile
/// may be in it or not.
/// </summary>
public static class ActorTree
{
    /// <summary>Children of one actor that are told one by one; those of the same kind behind them are only counted.</summary>
    public const int MostChildren = 200;

    /// <summary>Calls a function for each actor below the two guardians.</summary>
    /// <param name="system">The system.</param>
    /// <param name="visit">Takes the actor and the messages in its mailbox.</param>
    public static void Visit(ActorSystem system, Action<ActorRefWithCell, int> visit)
    {
        ArgumentNullException.ThrowIfNull(visit);
        var open = new Stack<ActorRefWithCell>(Guardians(system));
        while (open.TryPop(out ActorRefWithCell? actor))
        {
            visit(actor, actor.Underlying.NumberOfMessages);
            foreach (IActorRef child in actor.Children)
                if (child is ActorRefWithCell known) open.Push(known);
        }
    }

    /// <summary>The tree itself, with the children that are too many counted together.</summary>
    public static ActorNode Describe(ActorSystem system)
    {
        List<ActorNode> roots = [.. Guardians(system).Select(Describe)];
        return new ActorNode("/", "other", 1, roots.Sum(r => r.Actors) + 1, 0, roots.Sum(r => r.AllMessages), roots);
    }

    private static IEnumerable<ActorRefWithCell> Guardians(ActorSystem system)
    {
        IActorRefProvider provider = ((ExtendedActorSystem)system).Provider;
        return new IActorRef[] { provider.Guardian, provider.SystemGuardian }.OfType<ActorRefWithCell>();
    }

    private static ActorNode Describe(ActorRefWithCell actor)
    {
        List<ActorNode> children = [.. actor.Children.OfType<ActorRefWithCell>().Select(Describe)];
        int messages = actor.Underlying.NumberOfMessages;
        long actors = children.Sum(c => c.Actors) + 1;
        long allMessages = children.Sum(c => c.AllMessages) + messages;
        if (children.Count > MostChildren)
        {
            // The fullest mailboxes are what somebody looks for.
            children.Sort((a, b) => b.AllMessages.CompareTo(a.AllMessages));
            List<ActorNode> rest = children[MostChildren..];
            children.RemoveRange(MostChildren, rest.Count);
            children.AddRange(rest.GroupBy(c => c.Kind).Select(g => new ActorNode(
                "…", g.Key, g.Count(), g.Sum(c => c.Actors), g.Sum(c => c.Messages), g.Sum(c => c.AllMessages), [])));
        }
        return new ActorNode(actor.Path.Name, ActorKinds.Label(ActorKinds.Of(actor.Path)), 1, actors, messages, allMessages, children);
    }
}
