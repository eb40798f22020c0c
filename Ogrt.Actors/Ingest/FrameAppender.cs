using System.Diagnostics;
using Ogrt.Actors.Watch;
using Ogrt.Journal;

namespace Ogrt.Actors.Ingest;

/// <summary>Appends batches and counts what has arrived in the journal. Waiting here is the backpressure of ingest.</summary>
internal sealed class FrameAppender(SegmentedJournal journal, ListenerMetrics metrics, ActorMetrics actors)
{
    /// <summary>Appends and empties a batch; completes at once while the journal has room.</summary>
    /// <exception cref="OperationCanceledException">The listener gave up while the journal was full; the frames are counted
    /// as lost.</exception>
    public ValueTask AppendAsync(FrameBatch batch, CancellationToken cancellation)
    {
        if (batch.Count == 0) return ValueTask.CompletedTask;
        long started = Stopwatch.GetTimestamp();
        ValueTask append;
        try
        {
            append = journal.AppendAsync(batch.Records, cancellation);
        }
        catch (OperationCanceledException)
        {
            metrics.Reject(Rejection.LostAtStop, batch.Count);
            throw;
        }

        if (!append.IsCompletedSuccessfully) return WaitAsync(append, batch, started);
        append.GetAwaiter().GetResult();
        Appended(batch, started, ActorKind.Connection);
        return ValueTask.CompletedTask;
    }

    /// <summary>The same for a thread of its own.</summary>
    /// <exception cref="OperationCanceledException">As above.</exception>
    public void Append(FrameBatch batch, CancellationToken cancellation)
    {
        if (batch.Count == 0) return;
        long started = Stopwatch.GetTimestamp();
        try
        {
            journal.Append(batch.Records, cancellation);
        }
        catch (OperationCanceledException)
        {
            metrics.Reject(Rejection.LostAtStop, batch.Count);
            throw;
        }

        Appended(batch, started, ActorKind.Listener);
    }

    private async ValueTask WaitAsync(ValueTask append, FrameBatch batch, long started)
    {
        try
        {
            await append;
        }
        catch (OperationCanceledException)
        {
            metrics.Reject(Rejection.LostAtStop, batch.Count);
            throw;
        }

        Appended(batch, started, ActorKind.Connection);
    }

    // What a listener or a connection works on are batches of frames; its mailbox sees only when it begins and ends.
    private void Appended(FrameBatch batch, long started, ActorKind kind)
    {
        metrics.Appended(batch.Count, batch.FrameBytes);
        long ended = Stopwatch.GetTimestamp();
        actors[kind].Handled(ended - started);
        metrics.WaitedForJournal(Stopwatch.GetElapsedTime(started, ended));
        batch.Clear();
    }
}
