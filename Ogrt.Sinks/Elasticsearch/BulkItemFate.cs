namespace Ogrt.Sinks.Elasticsearch;

/// <summary>What becomes of an item that a server did not take.</summary>
internal enum BulkItemFate
{
    /// <summary>The document is there already, or a newer version of it.</summary>
    Duplicate = 0,

    /// <summary>The server has too much to do, or a part of it is missing.</summary>
    Retry,

    /// <summary>Nothing is wrong with the document: a configuration has to change.</summary>
    Pause,

    /// <summary>It will never be taken.</summary>
    Reject,
}
