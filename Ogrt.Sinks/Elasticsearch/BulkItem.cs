namespace Ogrt.Sinks.Elasticsearch;

/// <summary>What an answer says of one item. Texts are as they stand in the JSON, with escapes.</summary>
internal ref struct BulkItem
{
    /// <summary>The status; 0 where there is none.</summary>
    public int Status { get; set; }

    /// <summary>The type of the error; empty without one.</summary>
    public ReadOnlySpan<byte> ErrorType { get; set; }

    /// <summary>The error in the server's words.</summary>
    public ReadOnlySpan<byte> ErrorReason { get; set; }

    /// <summary>Whether the document was taken by a failure store, which is not where it belongs.</summary>
    public bool IsInFailureStore { get; set; }

    /// <summary>Whether the server has the document.</summary>
    public readonly bool IsTaken => Status is >= 200 and < 300;
}
