namespace Ogrt.Sinks;

/// <summary>What <see cref="ISink.Encode"/> made of a record.</summary>
public readonly record struct EncodeResult
{
    private EncodeResult(EncodeKind kind, string? reason, UInt128 eventId)
    {
        Kind = kind;
        Reason = reason;
        EventId = eventId;
    }

    /// <summary>What is to be done with the record.</summary>
    public EncodeKind Kind { get; }

    /// <summary>Why a record was refused: a short, snake_case word, also a metric's label. Null otherwise.</summary>
    public string? Reason { get; }

    /// <summary>The record's deterministic id (see <see cref="Sinks.EventId"/>), 0 where the sink needs none.</summary>
    public UInt128 EventId { get; }

    /// <summary>The record is not for this sink; the cursor passes it.</summary>
    public static EncodeResult Skipped => new(EncodeKind.Skipped, null, default);

    /// <summary>The record is to be sent.</summary>
    public static EncodeResult Encoded(UInt128 eventId = default) => new(EncodeKind.Encoded, null, eventId);

    /// <summary>The record cannot be written in the target's form: it goes to the dead letters.</summary>
    public static EncodeResult Refused(string reason) => new(EncodeKind.Refused, reason, default);
}
