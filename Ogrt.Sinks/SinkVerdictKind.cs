namespace Ogrt.Sinks;

/// <summary>What an attempt came to as a whole.</summary>
public enum SinkVerdictKind : byte
{
    /// <summary>Every item was delivered.</summary>
    Delivered = 0,

    /// <summary>Each item has its own outcome, set on the attempt.</summary>
    PerItem,

    /// <summary>The request failed in a way that may pass: all of it is sent again after a back-off.</summary>
    Retry,

    /// <summary>
    /// The request was refused for its size or for an item that the target does not name: it is halved until it passes or
    /// one item is left, which becomes a dead letter.
    /// </summary>
    Split,

    /// <summary>The target refuses because of its or our configuration: nothing is wrong with the items, the sink waits and says why.</summary>
    Pause,
}
