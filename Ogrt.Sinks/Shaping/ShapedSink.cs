using Ogrt.Journal;

namespace Ogrt.Sinks.Shaping;

/// <summary>A sink behind a filter and a choice of fields: it never sees what it is not to have, whatever its type.</summary>
internal sealed class ShapedSink(ISink sink, RecordFilter? filter, FrameRewriter? rewriter) : ISink
{
    /// <summary>The sink itself where its settings ask for neither.</summary>
    /// <exception cref="Akka.Configuration.ConfigurationException">The key for user names cannot be read.</exception>
    public static ISink Around(ISink sink, SinkSettings settings)
    {
        FieldSettings fields = settings.Fields;
        if (settings.Filter.IsEmpty && fields.IsEmpty)
            return sink;
        UserHash? hash = fields.Users == UserChoice.Hash
            ? UserHash.FromFile(fields.UserKeyFile, $"ogrt.sinks.{settings.Name}.fields.user-key-file")
            : null;
        return new ShapedSink(
            sink, settings.Filter.IsEmpty ? null : new RecordFilter(settings.Filter), fields.IsEmpty ? null : new FrameRewriter(fields, hash));
    }

    public ValueTask<SinkVerdict> OpenAsync(CancellationToken cancellationToken) => sink.OpenAsync(cancellationToken);

    public EncodeResult Encode(in JournalRecord record, BatchBuffer output)
    {
        if (filter is not null && !filter.Accepts(record))
            return EncodeResult.Skipped;
        if (rewriter is null)
            return sink.Encode(record, output);
        JournalRecord shaped = rewriter.Rewrite(record);
        int begin = output.Length;
        EncodeResult result = sink.Encode(shaped, output);
        // A sink that sends records as they are gets the rewritten one, not the original.
        if (result.Kind == EncodeKind.Encoded && output.Length == begin)
            output.Write(shaped.Payload.Span);
        return result;
    }

    public ValueTask<SinkVerdict> SendAsync(SinkAttempt attempt, CancellationToken cancellationToken) => sink.SendAsync(attempt, cancellationToken);

    public ValueTask DisposeAsync() => sink.DisposeAsync();
}
