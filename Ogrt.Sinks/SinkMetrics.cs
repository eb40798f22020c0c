using System.Collections.Concurrent;
using System.Diagnostics;
using Ogrt.Sinks.Delivery;

namespace Ogrt.Sinks;

/// <summary>
/// The counters of one sink. They are plain numbers; <see cref="SinkInstruments"/> shows them as the Meter "Ogrt.Sinks".
/// </summary>
public sealed class SinkMetrics
{
    // A sink's reasons come from a small set. Should a target invent words, they are counted as "other" beyond this many.
    private const int MaxLabels = 64;

    private readonly ConcurrentDictionary<string, StrongBox> _retries = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, StrongBox> _requests = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(int Status, string Reason), StrongBox> _itemFailures = new();

    private long _accepted;
    private long _delivered;
    private long _duplicate;
    private long _deadLettered;
    private long _skipped;
    private long _pending;
    private long _dropped;
    private int _concurrencyLimit;
    private long _undecodable;
    private long _restarts;
    private long _readErrors;
    private long _sentBytes;
    private long _inFlightRequests;
    private long _inFlightBytes;
    private long _answered;
    private long _requestTicks;
    private long _unanswered;
    private long _heard;

    /// <summary>Makes the counters of a sink.</summary>
    public SinkMetrics(string sink) => Sink = sink;

    /// <summary>The sink's name: the label of its series.</summary>
    public string Sink { get; }

    /// <summary>What became of the records read.</summary>
    public SinkCounts Counts => new(
        Read(ref _accepted), Read(ref _delivered), Read(ref _duplicate), Read(ref _deadLettered), Read(ref _skipped), Read(ref _pending),
        Read(ref _dropped));

    /// <summary>
    /// Records of which nothing says where they are: what <see cref="SinkCounts.Accepted"/> is more, or less, than all the others
    /// together. Anything but 0 is a mistake in this program.
    /// </summary>
    /// <remarks>The counts are read one after the other while they move; a difference that only comes from that is gone when they
    /// are read again.</remarks>
    public long Unaccounted
    {
        get
        {
            long least = long.MaxValue;
            for (int attempt = 0; attempt < 32 && least != 0; attempt++)
            {
                if (attempt > 0) Thread.SpinWait(1 << Math.Min(attempt, 12));
                SinkCounts counts = Counts;
                long difference = counts.Accepted - counts.Delivered - counts.Duplicate - counts.DeadLettered - counts.Skipped - counts.Dropped - counts.Pending;
                if (attempt == 0 || Math.Abs(difference) < Math.Abs(least)) least = difference;
            }
            return least;
        }
    }

    /// <summary>Records that could not be written in the target's form; they are among the dead letters.</summary>
    public long Undecodable => Read(ref _undecodable);

    /// <summary>How often the delivery started anew after an error of its own.</summary>
    public long Restarts => Read(ref _restarts);

    /// <summary>Reads of the journal that failed; each is repeated.</summary>
    public long ReadErrors => Read(ref _readErrors);

    /// <summary>Bytes handed to the target, repetitions included.</summary>
    public long SentBytes => Read(ref _sentBytes);

    /// <summary>Requests that have no answer yet.</summary>
    public long InFlightRequests => Read(ref _inFlightRequests);

    /// <summary>
    /// How long requests have been without an answer and nothing has been heard of the target; 0 while none is. Time that a
    /// sink waits behind an answer does not count.
    /// </summary>
    public TimeSpan Silence => Read(ref _unanswered) > 0 ? Stopwatch.GetElapsedTime(Read(ref _heard)) : TimeSpan.Zero;

    /// <summary>Bytes of those requests.</summary>
    public long InFlightBytes => Read(ref _inFlightBytes);

    /// <summary>Requests that have ended, whatever came of them.</summary>
    public long Answered => Read(ref _answered);

    /// <summary>How long these took together.</summary>
    public TimeSpan RequestTime => new(Read(ref _requestTicks));

    /// <summary>Requests that the target is thought to take well at the same time; 0 before the first.</summary>
    public int ConcurrencyLimit => Volatile.Read(ref _concurrencyLimit);

    /// <summary>Attempts that are to be repeated, and items in them, by reason.</summary>
    public IEnumerable<KeyValuePair<string, long>> Retries => _retries.Select(r => KeyValuePair.Create(r.Key, Read(ref r.Value.Value)));

    /// <summary>Requests by how they ended: ok, or the reason.</summary>
    public IEnumerable<KeyValuePair<string, long>> Requests => _requests.Select(r => KeyValuePair.Create(r.Key, Read(ref r.Value.Value)));

    /// <summary>Items that the target did not take, by status and reason.</summary>
    public IEnumerable<KeyValuePair<(int Status, string Reason), long>> ItemFailures =>
        _itemFailures.Select(r => KeyValuePair.Create(r.Key, Read(ref r.Value.Value)));

    internal void Taken(in Intake intake)
    {
        Interlocked.Add(ref _accepted, intake.Accepted);
        Interlocked.Add(ref _pending, intake.Pending);
        Interlocked.Add(ref _skipped, intake.Skipped);
    }

    internal void AddPending(int count) => Interlocked.Add(ref _pending, count);

    internal void Undecoded() => Interlocked.Increment(ref _undecodable);

    /// <summary>The delivery starts anew: what was pending is read again and counted then.</summary>
    internal void Restarted()
    {
        Interlocked.Increment(ref _restarts);
        Unread();
    }

    /// <summary>What was pending is read again, or given up, and counted then.</summary>
    internal void Unread() => Interlocked.Add(ref _accepted, -Interlocked.Exchange(ref _pending, 0));

    /// <summary>Records are given up unread because the journal is full.</summary>
    internal void Drop(long count)
    {
        Interlocked.Add(ref _accepted, count);
        Interlocked.Add(ref _dropped, count);
    }

    internal void LimitIs(int limit) => Volatile.Write(ref _concurrencyLimit, limit);

    internal void ReadFailed() => Interlocked.Increment(ref _readErrors);

    internal void Settle(long delivered, long duplicate, long deadLettered)
    {
        Interlocked.Add(ref _delivered, delivered);
        Interlocked.Add(ref _duplicate, duplicate);
        Interlocked.Add(ref _deadLettered, deadLettered);
    }

    internal void RequestStarted(long bytes)
    {
        Asked();
        Interlocked.Increment(ref _inFlightRequests);
        Interlocked.Add(ref _inFlightBytes, bytes);
        Interlocked.Add(ref _sentBytes, bytes);
    }

    /// <summary>The target is asked for something, and <see cref="RequestAnswered"/> follows.</summary>
    internal void Asked()
    {
        if (Interlocked.Increment(ref _unanswered) == 1)
            Interlocked.Exchange(ref _heard, Stopwatch.GetTimestamp());
    }

    /// <summary>The target has answered, or is not waited for any longer. Of a request: at once before <see cref="RequestEnded"/>, or long before it.</summary>
    internal void RequestAnswered()
    {
        Interlocked.Exchange(ref _heard, Stopwatch.GetTimestamp());
        Interlocked.Decrement(ref _unanswered);
    }

    internal void RequestEnded(long bytes, string code, TimeSpan duration)
    {
        Interlocked.Decrement(ref _inFlightRequests);
        Interlocked.Add(ref _inFlightBytes, -bytes);
        Count(_requests, code);
        Interlocked.Increment(ref _answered);
        Interlocked.Add(ref _requestTicks, duration.Ticks);
        SinkInstruments.RequestSeconds.Record(duration.TotalSeconds, new KeyValuePair<string, object?>("sink", Sink));
    }

    internal void Retried(string reason) => Count(_retries, reason);

    internal void ItemFailed(int status, string reason)
    {
        (int, string) key = (status, reason);
        if (!_itemFailures.ContainsKey(key) && _itemFailures.Count >= MaxLabels)
            key = (0, "other");
        Interlocked.Increment(ref _itemFailures.GetOrAdd(key, static _ => new StrongBox()).Value);
    }

    private static void Count(ConcurrentDictionary<string, StrongBox> counters, string label)
    {
        if (!counters.ContainsKey(label) && counters.Count >= MaxLabels)
            label = "other";
        Interlocked.Increment(ref counters.GetOrAdd(label, static _ => new StrongBox()).Value);
    }

    private static long Read(ref long counter) => Interlocked.Read(ref counter);

    private sealed class StrongBox
    {
        public long Value;
    }
}
