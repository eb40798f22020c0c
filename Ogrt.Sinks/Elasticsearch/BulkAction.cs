namespace Ogrt.Sinks.Elasticsearch;

/// <summary>The action of an item of a bulk request.</summary>
internal enum BulkAction
{
    /// <summary>A new document: one that is there already answers 409.</summary>
    Create = 0,

    /// <summary>The newest version of a document: an older or equal one answers 409.</summary>
    Index,

    /// <summary>Fields of a document, which is made where it is not there: 409 says that another request was at it.</summary>
    Update,
}
