namespace Ogrt.Sinks;

/// <summary>What became of one item in one attempt.</summary>
public enum SinkOutcome : byte
{
    /// <summary>The target has not said; treated as <see cref="Retry"/>.</summary>
    Unknown = 0,

    /// <summary>The target took it.</summary>
    Delivered,

    /// <summary>The target had it already.</summary>
    Duplicate,

    /// <summary>The target did not take it now and may later.</summary>
    Retry,

    /// <summary>Nothing was wrong with it; the request failed because of another item. Sent again at once when the attempt settled something.</summary>
    Resend,

    /// <summary>The target will never take it: it becomes a dead letter.</summary>
    Rejected,
}
