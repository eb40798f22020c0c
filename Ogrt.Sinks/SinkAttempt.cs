using Ogrt.Sinks.Delivery;

namespace Ogrt.Sinks;

/// <summary>
/// The items of a batch that are to be sent now, numbered from 0: all of them at first, later those that are left, or a
/// half of them. The sink sets each item's outcome when it answers <see cref="SinkVerdict.PerItem"/>.
/// </summary>
public sealed class SinkAttempt
{
    private readonly int[]? _indexes;
    private readonly SinkOutcome[] _outcomes;
    private Refusal[]? _refusals;
    private TimeSpan? _answerTook;

    internal SinkAttempt(SinkBatch batch, int[]? indexes, int number)
    {
        Batch = batch;
        _indexes = indexes;
        Number = number;
        _outcomes = new SinkOutcome[indexes?.Length ?? batch.Count];
    }

    /// <summary>The batch that the items are of.</summary>
    public SinkBatch Batch { get; }

    /// <summary>Items in this attempt.</summary>
    public int Count => _outcomes.Length;

    /// <summary>How often these items have been sent, this attempt included.</summary>
    public int Number { get; internal set; }

    /// <summary>
    /// How long the target took to answer, where the sink goes on waiting behind the answer: what the pace of sending follows.
    /// Null when it is as long as the attempt took.
    /// </summary>
    public TimeSpan? AnswerTook
    {
        get => _answerTook;
        set
        {
            bool first = _answerTook is null && value is not null;
            _answerTook = value;
            if (first)
                Answered?.Invoke();
        }
    }

    /// <summary>Called when the target has answered and the sink goes on waiting.</summary>
    internal Action? Answered { get; set; }

    /// <summary>An item's index in the batch.</summary>
    public int IndexOf(int item) => _indexes is null ? item : _indexes[item];

    /// <summary>An item's origin.</summary>
    public ref readonly SinkItem Item(int item) => ref Batch[IndexOf(item)];

    /// <summary>An item in the target's form.</summary>
    public ReadOnlyMemory<byte> Payload(int item) => Batch.Encoded(IndexOf(item));

    /// <summary>The whole attempt as one piece of memory, where its items lie one behind the other.</summary>
    public bool TryGetWhole(out ReadOnlyMemory<byte> bytes)
    {
        int last = Count - 1;
        // Indexes grow strictly, so the range is gapless exactly when it is as long as the count.
        if (last < 0 || IndexOf(last) - IndexOf(0) != last)
        {
            bytes = default;
            return false;
        }
        bytes = Batch.EncodedRange(IndexOf(0), IndexOf(last));
        return true;
    }

    /// <summary>Sets an item's outcome. For <see cref="SinkOutcome.Rejected"/> use <see cref="Reject"/>.</summary>
    public void Set(int item, SinkOutcome outcome) => _outcomes[item] = outcome;

    /// <summary>Says that an item will never be taken, with the target's status and words.</summary>
    /// <param name="item">The item's number in this attempt.</param>
    /// <param name="reason">A short, snake_case word: a metric's label.</param>
    /// <param name="detail">The target's words; kept with the dead letter.</param>
    /// <param name="status">The target's status, 0 where there is none.</param>
    public void Reject(int item, string reason, string? detail = null, int status = 0)
    {
        _outcomes[item] = SinkOutcome.Rejected;
        _refusals ??= new Refusal[Count];
        _refusals[item] = new Refusal(reason, detail, status);
    }

    /// <summary>Says why an item is to be tried again.</summary>
    public void Retry(int item, string reason, int status = 0)
    {
        _outcomes[item] = SinkOutcome.Retry;
        _refusals ??= new Refusal[Count];
        _refusals[item] = new Refusal(reason, null, status);
    }

    /// <summary>What is known of an item that may be why the target does not answer.</summary>
    internal Suspicion Suspicion { get; set; }

    internal SinkOutcome Outcome(int item) => _outcomes[item];

    internal Refusal RefusalOf(int item) => _refusals is null ? default : _refusals[item];

    /// <summary>Forgets the outcomes before the same items are sent again.</summary>
    internal void Reset()
    {
        _answerTook = null;
        Array.Clear(_outcomes);
        if (_refusals is not null)
            Array.Clear(_refusals);
    }
}
