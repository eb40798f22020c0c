namespace Ogrt.Sinks;

/// <summary>The three things that encoding can come to.</summary>
public enum EncodeKind : byte
{
    /// <summary>The record is not for this sink.</summary>
    Skipped = 0,

    /// <summary>The record is in the batch.</summary>
    Encoded,

    /// <summary>The record cannot be written; it becomes a dead letter.</summary>
    Refused,
}
