using Ogrt.Journal;

namespace Ogrt.Sinks.Null;

/// <summary>
/// The sink that takes everything and keeps nothing: what it costs is what the delivery costs, and with it alone a server
/// assembles trees and holds no records.
/// </summary>
internal sealed class NullSink : ISink
{
    public ValueTask<SinkVerdict> OpenAsync(CancellationToken cancellationToken) => ValueTask.FromResult(SinkVerdict.Delivered);

    public EncodeResult Encode(in JournalRecord record, BatchBuffer output) => EncodeResult.Encoded();

    public ValueTask<SinkVerdict> SendAsync(SinkAttempt attempt, CancellationToken cancellationToken) =>
        ValueTask.FromResult(SinkVerdict.Delivered);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
