using Ogrt.Sinks;
using Ogrt.Sinks.Delivery;

namespace Ogrt.Server.Hosting;

/// <summary>A running sink as the control socket tells it, and as <c>ogrt-server sinks --json</c> prints it.</summary>
public sealed record SinkView
{
    /// <summary>The sink's name.</summary>
    public required string Name { get; init; }

    /// <summary>Its type.</summary>
    public required string Type { get; init; }

    /// <summary>What it is doing.</summary>
    public required SinkPhase Phase { get; init; }

    /// <summary>Why it waits, as a short word; null while it does not.</summary>
    public string? Reason { get; init; }

    /// <summary>Why it waits, in the target's words.</summary>
    public string? Detail { get; init; }

    /// <summary>When it came into this phase.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>Records in the journal that are not delivered.</summary>
    public required long LagRecords { get; init; }

    /// <summary>Their bytes in the journal.</summary>
    public required long LagBytes { get; init; }

    /// <summary>Age of the oldest of them in seconds.</summary>
    public required double LagSeconds { get; init; }

    /// <summary>Records read since the start.</summary>
    public required long Accepted { get; init; }

    /// <summary>Of these: taken by the target.</summary>
    public required long Delivered { get; init; }

    /// <summary>Known to the target before.</summary>
    public required long Duplicate { get; init; }

    /// <summary>Refused for good, and kept.</summary>
    public required long DeadLettered { get; init; }

    /// <summary>Not for this sink.</summary>
    public required long Skipped { get; init; }

    /// <summary>Given up because the journal was full.</summary>
    public required long Dropped { get; init; }

    /// <summary>None of these yet.</summary>
    public required long Pending { get; init; }

    /// <summary>Requests without an answer.</summary>
    public required long InFlightRequests { get; init; }

    /// <summary>Requests that are sent at the same time at most.</summary>
    public required int ConcurrencyLimit { get; init; }

    /// <summary>Dead letters that are kept.</summary>
    public required long DeadLetters { get; init; }

    /// <summary>Their bytes on disk.</summary>
    public required long DeadLetterBytes { get; init; }

    /// <summary>A sink as it is now.</summary>
    public static SinkView Of(SinkDelivery delivery)
    {
        ArgumentNullException.ThrowIfNull(delivery);
        SinkState state = delivery.State;
        SinkCounts counts = state.Counts;
        return new SinkView
        {
            Name = state.Name,
            Type = state.Type,
            Phase = state.Phase,
            Reason = state.Reason,
            Detail = state.Detail,
            Since = state.Since,
            LagRecords = state.LagRecords,
            LagBytes = state.LagBytes,
            LagSeconds = state.LagAge.TotalSeconds,
            Accepted = counts.Accepted,
            Delivered = counts.Delivered,
            Duplicate = counts.Duplicate,
            DeadLettered = counts.DeadLettered,
            Skipped = counts.Skipped,
            Dropped = counts.Dropped,
            Pending = counts.Pending,
            InFlightRequests = delivery.Metrics.InFlightRequests,
            ConcurrencyLimit = delivery.Metrics.ConcurrencyLimit,
            DeadLetters = delivery.DeadLetters.Count,
            DeadLetterBytes = delivery.DeadLetters.Bytes,
        };
    }
}
