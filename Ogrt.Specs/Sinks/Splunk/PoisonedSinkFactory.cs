using Ogrt.Journal;
using Ogrt.Sinks;
using Ogrt.Sinks.Splunk;

namespace Ogrt.Specs.Sinks.Splunk;

/// <summary>Makes sinks of this type that write some records as something else, which the encoder itself never does.</summary>
/// <param name="isPoison">Which records, by their bytes.</param>
/// <param name="instead">What they write.</param>
internal sealed class PoisonedSinkFactory(Func<ReadOnlyMemory<byte>, bool> isPoison, byte[] instead) : ISinkFactory
{
    public string Type => SplunkSinkFactory.TypeName;

    public ISink Create(SinkSettings settings, SinkContext context) =>
        new Poisoned(new SplunkSinkFactory().Create(settings, context), isPoison, instead);

    private sealed class Poisoned(ISink inner, Func<ReadOnlyMemory<byte>, bool> isPoison, byte[] instead) : ISink
    {
        public ValueTask<SinkVerdict> OpenAsync(CancellationToken cancellationToken) => inner.OpenAsync(cancellationToken);

        public EncodeResult Encode(in JournalRecord record, BatchBuffer output)
        {
            if (!isPoison(record.Payload))
                return inner.Encode(record, output);
            output.Write(instead);
            return EncodeResult.Encoded();
        }

        public ValueTask<SinkVerdict> SendAsync(SinkAttempt attempt, CancellationToken cancellationToken) => inner.SendAsync(attempt, cancellationToken);

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
