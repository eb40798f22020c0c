using System.Buffers.Text;

namespace Ogrt.Sinks.Elasticsearch;

/// <summary>Writes the two lines of an item of a bulk request around its document.</summary>
internal static class BulkLines
{
    /// <summary>Begins an item that makes a document; what follows is the document.</summary>
    public static void BeginCreate(BatchBuffer output, ReadOnlySpan<byte> index, UInt128? id)
    {
        output.Write("{\"create\":{\"_index\":\""u8);
        output.Write(index);
        WriteId(output, id);
        output.Write("\"}}\n"u8);
    }

    /// <summary>Begins an item that replaces an older version of a document; what follows is the document.</summary>
    public static void BeginVersion(BatchBuffer output, ReadOnlySpan<byte> index, UInt128 id, ulong version)
    {
        output.Write("{\"index\":{\"_index\":\""u8);
        output.Write(index);
        WriteId(output, id);
        // A version is a positive long (https://www.elastic.co/guide/en/elasticsearch/reference/current/docs-index_.html#index-versioning).
        output.Write("\",\"version\":"u8);
        Utf8Formatter.TryFormat(Math.Min(version, long.MaxValue), output.GetSpan(20), out int written);
        output.Advance(written);
        output.Write(",\"version_type\":\"external\"}}\n"u8);
    }

    /// <summary>Begins an item that adds fields to a document; what follows is an object of them, and <see cref="EndUpdate"/>.</summary>
    public static void BeginUpdate(BatchBuffer output, ReadOnlySpan<byte> index, UInt128 id)
    {
        output.Write("{\"update\":{\"_index\":\""u8);
        output.Write(index);
        WriteId(output, id);
        output.Write("\",\"retry_on_conflict\":5}}\n{\"doc\":"u8);
    }

    /// <summary>Ends the object of an update.</summary>
    public static void EndUpdate(BatchBuffer output) => output.Write(",\"doc_as_upsert\":true}"u8);

    /// <summary>The action of an item, by how its first line begins.</summary>
    public static BulkAction ActionOf(ReadOnlySpan<byte> item) => item.Length < 3 ? BulkAction.Create : item[2] switch
    {
        (byte)'i' => BulkAction.Index,
        (byte)'u' => BulkAction.Update,
        _ => BulkAction.Create,
    };

    private static void WriteId(BatchBuffer output, UInt128? id)
    {
        if (id is not { } value)
            return;
        output.Write("\",\"_id\":\""u8);
        EventId.Write(value, output.GetSpan(EventId.TextLength));
        output.Advance(EventId.TextLength);
    }
}
