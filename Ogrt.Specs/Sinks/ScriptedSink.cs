using System.Buffers.Binary;
using System.Collections.Concurrent;
using Ogrt.Journal;
using Ogrt.Sinks;

namespace Ogrt.Specs.Sinks;

/// <summary>
/// A target in memory that answers as a spec tells it to, and remembers what it was given. Records are numbers, and the
/// bytes of each follow from its number.
/// </summary>
internal sealed class ScriptedSink : ISink
{
    public const byte Kind = 7;

    public delegate ValueTask<SinkVerdict> Script(ScriptedSink sink, SinkAttempt attempt, CancellationToken cancellationToken);

    private readonly ConcurrentDictionary<int, int> _taken = new();
    private readonly ConcurrentQueue<string> _strange = new();
    private int _requests;

    public Script Answer { get; set; } = static (sink, attempt, _) => ValueTask.FromResult(sink.TakeAll(attempt));

    public Func<SinkVerdict> Open { get; set; } = static () => SinkVerdict.Delivered;

    /// <summary>How it opens where that takes a while; null for <see cref="Open"/>.</summary>
    public Func<CancellationToken, Task<SinkVerdict>>? OpenLater { get; set; }

    public Func<int, EncodeResult> Encoding { get; set; } = static _ => EncodeResult.Encoded();

    /// <summary>How often each number was taken.</summary>
    public IReadOnlyDictionary<int, int> Taken => _taken;

    /// <summary>What came that no spec had sent.</summary>
    public IReadOnlyCollection<string> Strange => _strange;

    public int Requests => Volatile.Read(ref _requests);

    public static byte[] Payload(int number)
    {
        byte[] payload = new byte[4 + number % 50];
        BinaryPrimitives.WriteInt32LittleEndian(payload, number);
        for (int n = 4; n < payload.Length; n++)
            payload[n] = (byte)(number * 7 + n);
        return payload;
    }

    public static int Number(ReadOnlySpan<byte> payload) => BinaryPrimitives.ReadInt32LittleEndian(payload);

    public SinkVerdict TakeAll(SinkAttempt attempt)
    {
        for (int item = 0; item < attempt.Count; item++)
            Take(attempt, item);
        return SinkVerdict.Delivered;
    }

    public int Take(SinkAttempt attempt, int item)
    {
        ReadOnlySpan<byte> payload = attempt.Payload(item).Span;
        int number = Number(payload);
        if (!payload.SequenceEqual(Payload(number)))
            _strange.Enqueue($"{number}: {Convert.ToHexString(payload)}");
        _taken.AddOrUpdate(number, 1, static (_, count) => count + 1);
        return number;
    }

    public ValueTask<SinkVerdict> OpenAsync(CancellationToken cancellationToken) =>
        OpenLater is { } later ? new ValueTask<SinkVerdict>(later(cancellationToken)) : ValueTask.FromResult(Open());

    public EncodeResult Encode(in JournalRecord record, BatchBuffer output) => record.Kind == Kind
        ? Encoding(Number(record.Payload.Span))
        : EncodeResult.Skipped;

    public ValueTask<SinkVerdict> SendAsync(SinkAttempt attempt, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _requests);
        return Answer(this, attempt, cancellationToken);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>Makes the sinks of type "scripted", by name, so that a sink outlives the server that delivers to it.</summary>
    internal sealed class Factory : ISinkFactory
    {
        private readonly ConcurrentDictionary<string, ScriptedSink> _sinks = new(StringComparer.Ordinal);

        public string Type => "scripted";

        public ScriptedSink this[string name] => _sinks.GetOrAdd(name, static _ => new ScriptedSink());

        public ISink Create(SinkSettings settings, SinkContext context) => this[settings.Name];
    }
}
