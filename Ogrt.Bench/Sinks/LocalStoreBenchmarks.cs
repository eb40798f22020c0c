using BenchmarkDotNet.Attributes;
using Ogrt.Sinks;
using Ogrt.Sinks.Local;

namespace Ogrt.Bench.Sinks;

/// <summary>
/// Processes with 33 shared objects and 5 modules into the local store, transactions of 1000 or 5000, each synced to the
/// disk. The figures are for one process; the size of the store a process is printed behind each iteration.
/// <para>Run with <c>dotnet run -c Release --project Ogrt.Bench -- --filter '*LocalStoreBenchmarks*'</c>. The directory is that
/// of temporary files, or <c>OGRT_BENCH_DIRECTORY</c>.</para>
/// </summary>
[Config(typeof(BacklogConfig))]
public class LocalStoreBenchmarks
{
    private const int Processes = 100_000;

    private byte[][] _frames = [];
    private SinkAttempt[] _attempts = [];
    private string _directory = "";
    private StoreWriter _writer = null!;

    [Params(1000, 5000)]
    public int Batch { get; set; }

    [GlobalSetup]
    public void Make()
    {
        _frames = ManyProcesses.Frames(Processes);
        _attempts = ManyProcesses.Attempts(_frames, Batch);
    }

    [IterationSetup]
    public void Open()
    {
        string parent = Environment.GetEnvironmentVariable("OGRT_BENCH_DIRECTORY") ?? Path.GetTempPath();
        _directory = Directory.CreateDirectory(Path.Combine(parent, "ogrt-bench-" + Guid.NewGuid().ToString("N"))).FullName;
        LocalStoreSettings settings = LocalStoreSettings.Create(
            SinkSettings.Create(SinksReference.Config).Single(s => s.Name == "local"));
        _writer = new StoreWriter(
            StoreFile.Open(Path.Combine(_directory, "ogrt.db"), settings, out _), "bench", [], settings.CacheEntries);
    }

    [IterationCleanup]
    public void Close()
    {
        _writer.Dispose();
        long bytes = new FileInfo(Path.Combine(_directory, "ogrt.db")).Length;
        Console.WriteLine($"// {bytes / (double)Processes:F1} bytes of the store a process; a frame has {_frames.Average(f => f.Length):F0}");
        Directory.Delete(_directory, recursive: true);
    }

    [Benchmark(OperationsPerInvoke = Processes)]
    public void Insert()
    {
        foreach (SinkAttempt attempt in _attempts)
            _writer.Write(attempt);
    }
}
