namespace Ogrt.Sinks.Elasticsearch;

/// <summary>
/// What the errors of Elasticsearch and OpenSearch mean for a document. The status alone does not tell: 400 is a document
/// that does not fit its mapping as well as a cluster that has no room for another shard, 403 an index that is read-only.
/// </summary>
internal static class BulkErrors
{
    /// <summary>What becomes of an item.</summary>
    /// <param name="action">What was asked for.</param>
    /// <param name="status">The item's status, not 2xx.</param>
    /// <param name="type">The type of its error.</param>
    /// <param name="reason">The error in the server's words.</param>
    public static BulkItemFate FateOf(BulkAction action, int status, string type, string reason) => status switch
    {
        // Of an update it says that others were quicker, of the other two that the document is there.
        409 when action == BulkAction.Update => BulkItemFate.Retry,
        409 => BulkItemFate.Duplicate,
        408 or 429 or >= 500 => BulkItemFate.Retry,
        400 when IsForAWhile(type) => BulkItemFate.Retry,
        400 when IsConfiguration(type, reason) => BulkItemFate.Pause,
        // 403 is a user without the right or an index that is blocked, 404 an index that may not be made.
        401 or 403 or 404 => BulkItemFate.Pause,
        < 400 => BulkItemFate.Retry,
        _ => BulkItemFate.Reject,
    };

    /// <summary>
    /// Whether a 400 is about the cluster, an index or our settings and not about a document: to make dead letters of these
    /// would make one of every record.
    /// </summary>
    public static bool IsConfiguration(string type, string reason) => type switch
    {
        "validation_exception" => true, // this action would add [2] total shards, but this cluster currently has [1000]/[1000]
        "invalid_index_name_exception" or "index_closed_exception" or "invalid_alias_name_exception" or "index_template_missing_exception" => true,
        "illegal_argument_exception" or "illegal_state_exception" or "action_request_validation_exception" => IsAboutTheTarget(reason),
        _ => false,
    };

    /// <summary>The type as a metric's label: one of a known set, because a server may say anything.</summary>
    public static string LabelOf(string type) => type switch
    {
        "version_conflict_engine_exception" or "mapper_parsing_exception" or "document_parsing_exception" or
        "strict_dynamic_mapping_exception" or "illegal_argument_exception" or "illegal_state_exception" or
        "x_content_parse_exception" or "parsing_exception" or "parse_exception" or "validation_exception" or
        "action_request_validation_exception" or "es_rejected_execution_exception" or "rejected_execution_exception" or
        "circuit_breaking_exception" or "cluster_block_exception" or "index_closed_exception" or "index_not_found_exception" or
        "invalid_index_name_exception" or "security_exception" or "unavailable_shards_exception" or "process_cluster_event_timeout_exception" or
        "timeout_exception" or "no_shard_available_action_exception" or "node_closed_exception" or "shard_not_found_exception" or
        "primary_missing_action_exception" or "mapping_exception" or "document_missing_exception" or "resource_already_exists_exception" => type,
        "" => "unknown",
        _ => "other",
    };

    // Two requests that make the same index, or a new index that is not everywhere yet.
    private static bool IsForAWhile(string type) => type is "resource_already_exists_exception" or "process_cluster_event_timeout_exception";

    private static bool IsAboutTheTarget(string reason)
    {
        foreach (string words in (ReadOnlySpan<string>)
        [
            "pipeline with id", // [x] does not exist
            "no write index is defined for alias",
            "only write ops with an op_type of create are allowed in data streams",
            "explicit index in bulk is not allowed",
            "maximum normal shards open",
            "total shards",
            "unrecognized parameter",
            "no permissions for",
        ])
        {
            if (reason.Contains(words, StringComparison.Ordinal))
                return true;
        }
        return false;
    }
}
