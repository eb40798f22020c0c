using Akka.Configuration;
using BenchmarkDotNet.Attributes;
using Ogrt.Journal;
using Ogrt.Sinks;
using Ogrt.Sinks.Elasticsearch;
using Ogrt.Sinks.Http;
using Ogrt.Wire;

namespace Ogrt.Bench.Sinks;

/// <summary>
/// Processes (33 shared objects, 5 modules) written as items of a bulk request. The figures are for one process.
/// <para>Run with <c>dotnet run -c Release --project Ogrt.Bench -- --filter '*BulkEncoderBenchmarks*'</c>.</para>
/// </summary>
[Config(typeof(BacklogConfig))]
public class BulkEncoderBenchmarks
{
    private const int Processes = 20_000;

    private readonly BatchBuffer _output = new(8 << 20);
    private JournalRecord[] _records = [];
    private BulkEncoder _encoder = null!;

    [Params("beside", "merge")]
    public string Ends { get; set; } = "";

    [GlobalSetup]
    public void Make()
    {
        Config config = ConfigurationFactory.ParseString($"ogrt.sinks.es {{ type = elasticsearch, process-ends = {Ends} }}");
        SinkSettings settings = SinkSettings.Create(config.WithFallback(SinksReference.Config)).Single(s => s.Name == "es");
        _encoder = new BulkEncoder(ElasticsearchSettings.Create(settings), "bench");
        long now = (DateTime.UtcNow - DateTime.UnixEpoch).Ticks * 100;
        _records = [.. ManyProcesses.Frames(Processes).Select((f, n) => Record(f, n, now))];
    }

    [Benchmark(OperationsPerInvoke = Processes)]
    public int Encode()
    {
        int bytes = 0;
        foreach (JournalRecord record in _records)
        {
            if (_output.Length > 5_000_000)
                _output.Truncate(0);
            _encoder.Encode(record, _output);
            bytes += _output.Length;
        }
        return bytes;
    }

    /// <summary>The same, compressed as a sink with <c>compression = gzip</c> does it. These processes resemble each other as those
    /// of a parallel program do.</summary>
    [Benchmark(OperationsPerInvoke = Processes)]
    public async Task<long> EncodeAndCompress()
    {
        long bytes = 0;
        _output.Truncate(0);
        foreach (JournalRecord record in _records)
        {
            _encoder.Encode(record, _output);
            if (_output.Length <= 5_000_000)
                continue;
            bytes += await CompressAsync();
            _output.Truncate(0);
        }
        return bytes + await CompressAsync();
    }

    private async Task<long> CompressAsync()
    {
        await using var body = new RequestBody();
        body.Add(_output.Written);
        body.Compress();
        return body.Length;
    }

    private static JournalRecord Record(byte[] frame, int number, long arrival)
    {
        byte[] header = new byte[RecordHeader.Size];
        RecordHeader.WriteUnplaced(header, frame.Length, arrival, default, RecordKind.Frame);
        return new JournalRecord(number * 4096L, (number + 1) * 4096L, RecordHeader.Read(header), frame);
    }
}
