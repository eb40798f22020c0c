namespace Ogrt.Sinks.Splunk.Acknowledgements;

/// <summary>A request that was taken and is not acknowledged.</summary>
/// <param name="id">Its number in its channel.</param>
/// <param name="since">When it was taken, in ticks of the clock's timestamp.</param>
internal sealed class PendingAck(long id, long since)
{
    private readonly TaskCompletionSource<AckOutcome> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public long Id { get; } = id;

    public long Since { get; } = since;

    /// <summary>
    /// Requests whose answers must be there before the collector's word counts; null while it has not been given. See
    /// <see cref="AckChannel"/>.
    /// </summary>
    public HashSet<AckPost>? Behind { get; set; }

    /// <summary>Ends with what became of it.</summary>
    public Task<AckOutcome> Outcome => _outcome.Task;

    public void Complete(AckOutcome outcome) => _outcome.TrySetResult(outcome);
}
