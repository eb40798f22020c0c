namespace Ogrt.Sinks.Splunk.Acknowledgements;

/// <summary>What is counted of a sink's acknowledgements. Safe for concurrent use.</summary>
internal sealed class AckCounts
{
    private readonly long[] _ended = new long[Enum.GetValues<AckOutcome>().Length];
    private long _waiting;

    /// <summary>Requests that wait.</summary>
    public long Waiting => Interlocked.Read(ref _waiting);

    /// <summary>Requests whose wait ended in a way.</summary>
    public long this[AckOutcome outcome] => Interlocked.Read(ref _ended[(int)outcome]);

    public void Waits(int more) => Interlocked.Add(ref _waiting, more);

    public void Ended(AckOutcome outcome) => Interlocked.Increment(ref _ended[(int)outcome]);
}
