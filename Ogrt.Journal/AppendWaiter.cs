namespace Ogrt.Journal;

/// <summary>An append that waits: for room, or for the sync that covers it.</summary>
internal sealed class AppendWaiter(JournalBatch batch) : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)
{
    private CancellationTokenRegistration _cancellation;

    public JournalBatch Batch { get; } = batch;

    /// <summary>The offset behind the batch, once it is written; 0 before.</summary>
    public long End { get; set; }

    /// <summary>Calls <paramref name="cancel"/> when the token is cancelled; called outside the append lock.</summary>
    public void CancelWith(Action<AppendWaiter, CancellationToken> cancel, CancellationToken token)
    {
        if (!token.CanBeCanceled)
            return;
        _cancellation = token.UnsafeRegister((state, cancelled) => cancel((AppendWaiter)state!, cancelled), this);
        if (Task.IsCompleted)
            _cancellation.Unregister(); // Completed before there was a registration to take back.
    }

    /// <summary>Gives the batch back to its owner and completes the append.</summary>
    public void Complete(Exception? error = null)
    {
        Batch.EndAppend();
        _cancellation.Unregister();
        if (error is null)
            TrySetResult();
        else
            TrySetException(error);
    }

    /// <summary>Gives the batch back to its owner; nothing of it, or nothing confirmed, is in the journal.</summary>
    public void Cancel(CancellationToken token)
    {
        Batch.EndAppend();
        TrySetCanceled(token);
    }
}
