using Akka.Event;
using Akka.Actor;

namespace Ogrt.Actors.Ingest;

/// <summary>Runs the loop of a listener on a thread of its own, so that waiting there takes no thread from the pool.</summary>
internal static class ListenerThread
{
    /// <summary>Starts a thread.</summary>
    /// <param name="name">Its name, as debuggers and the kernel show it.</param>
    /// <param name="run">The loop.</param>
    /// <param name="ended">Called on the thread at its end, with what the loop has thrown. Giving up a wait is not an error.</param>
    public static void Start(string name, Action run, Action<Exception?> ended)
    {
        var thread = new Thread(() => ended(Run(run))) { Name = name, IsBackground = true };
        thread.Start();
    }

    private static Exception? Run(Action run)
    {
        try
        {
            run();
            return null;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
        catch (Exception e)
        {
            return e;
        }
    }

    /// <summary>Tells the listener that its thread has ended.</summary>
    /// <param name="Cause">Why, when it was not asked to.</param>
    public sealed record Ended(Exception? Cause) : INoSerializationVerificationNeeded, IDeadLetterSuppression;
}
