using BenchmarkDotNet.Attributes;
using Ogrt.Bench.Wire;
using Ogrt.Journal;

namespace Ogrt.Bench.Journal;

/// <summary>
/// Appending and reading frames of 2.1 KB, synced every 100 ms by the journal's own thread. Each iteration works on a journal
/// of its own and goes over several segments; the figures are for one record.
/// <para>Run with <c>dotnet run -c Release --project Ogrt.Bench -- --filter '*JournalBenchmarks*'</c>. The directory is that of
/// temporary files, or <c>OGRT_BENCH_DIRECTORY</c>.</para>
/// </summary>
[Config(typeof(ShortInProcessConfig))]
public class JournalBenchmarks
{
    private const int Records = 131072;
    private const int BatchSize = 32;
    private const int FrameSize = 2117;

    private readonly byte[] _frame = new byte[FrameSize];
    private readonly JournalBatch _batch = new();
    private string _directory = "";
    private SegmentedJournal _journal = null!;
    private JournalReader _reader = null!;

    [ParamsAllValues]
    public bool Preallocate { get; set; }

    [IterationSetup(Targets = [nameof(AppendOneByOne), nameof(AppendInBatches)])]
    public void Open()
    {
        new Random(1).NextBytes(_frame);
        var parent = Environment.GetEnvironmentVariable("OGRT_BENCH_DIRECTORY") ?? Path.GetTempPath();
        _directory = Directory.CreateDirectory(Path.Combine(parent, "ogrt-bench-" + Guid.NewGuid().ToString("N"))).FullName;
        _journal = SegmentedJournal.Open(new JournalOptions { Directory = _directory, Preallocate = Preallocate });
    }

    [IterationSetup(Target = nameof(Read))]
    public void OpenAndFill()
    {
        Open();
        AppendInBatches();
        _reader = _journal.OpenReader("bench");
    }

    [IterationCleanup(Targets = [nameof(AppendOneByOne), nameof(AppendInBatches), nameof(Read)])]
    public void Close()
    {
        _journal.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Benchmark(OperationsPerInvoke = Records)]
    public void AppendOneByOne()
    {
        for (var i = 0; i < Records; i++)
        {
            _batch.Clear();
            _batch.Add(1, i, default, _frame);
            _journal.Append(_batch, CancellationToken.None);
        }
    }

    [Benchmark(OperationsPerInvoke = Records)]
    public void AppendInBatches()
    {
        for (var i = 0; i < Records / BatchSize; i++)
        {
            _batch.Clear();
            for (var j = 0; j < BatchSize; j++)
                _batch.Add(1, j, default, _frame);
            _journal.Append(_batch, CancellationToken.None);
        }
    }

    [Benchmark(OperationsPerInvoke = Records)]
    public long Read()
    {
        var bytes = 0L;
        while (_reader.TryRead(out JournalRecord record))
            bytes += record.Payload.Length;
        return bytes;
    }

    /// <summary>Framing and checksum alone: the part of an append that is outside the lock.</summary>
    [Benchmark(OperationsPerInvoke = BatchSize)]
    public int FillBatch()
    {
        _batch.Clear();
        for (var j = 0; j < BatchSize; j++)
            _batch.Add(1, j, default, _frame);
        return _batch.Bytes;
    }
}
