using Akka.Actor;
using Akka.Configuration;
using Akka.Event;
using BenchmarkDotNet.Attributes;
using Ogrt.Journal;
using Ogrt.Sinks;
using Ogrt.Wire;

namespace Ogrt.Bench.Sinks;

/// <summary>
/// A backlog of 100,000 processes (33 shared objects, 5 modules) from the journal through the delivery into a sink, until its
/// cursor is at the end. The figures are for one process. The other end of json-tcp reads and drops in the same process.
/// <para>Run with <c>dotnet run -c Release --project Ogrt.Bench -- --filter '*SinkDeliveryBenchmarks*'</c>.</para>
/// </summary>
[Config(typeof(BacklogConfig))]
public class SinkDeliveryBenchmarks
{
    private const int Processes = 100_000;

    private byte[][] _frames = [];
    private ActorSystem _system = null!;
    private string _directory = "";
    private SegmentedJournal _journal = null!;
    private IReadOnlyList<SinkSettings> _settings = [];
    private TcpDrain _end = null!;

    [Params("local", "json-file", "json-tcp", "null")]
    public string Sink { get; set; } = "";

    [GlobalSetup]
    public void Make()
    {
        _frames = ManyProcesses.Frames(Processes);
        _system = ActorSystem.Create("bench", "akka.loglevel = ERROR");
        _end = new TcpDrain();
    }

    [GlobalCleanup]
    public void Terminate()
    {
        _end.Dispose();
        _system.Terminate().Wait();
    }

    [IterationSetup]
    public void Fill()
    {
        string parent = Environment.GetEnvironmentVariable("OGRT_BENCH_DIRECTORY") ?? Path.GetTempPath();
        _directory = Directory.CreateDirectory(Path.Combine(parent, "ogrt-bench-" + Guid.NewGuid().ToString("N"))).FullName;
        _journal = SegmentedJournal.Open(new JournalOptions { Directory = Path.Combine(_directory, "journal") });
        long now = (DateTime.UtcNow - DateTime.UnixEpoch).Ticks * 100;
        foreach (byte[][] chunk in _frames.Chunk(1000))
        {
            var batch = new JournalBatch();
            foreach (byte[] frame in chunk)
                batch.Add(RecordKind.Frame, now, default, frame);
            _journal.Append(batch, CancellationToken.None);
        }
        string endpoints = Sink == "json-tcp" ? $", endpoints = [\"127.0.0.1:{_end.Port}\"]" : "";
        Config config = ConfigurationFactory.ParseString(
            $"ogrt.sinks {{ local.enabled = off, bench {{ type = \"{Sink}\", enabled = on, batch-linger = 20 ms{endpoints} }} }}");
        _settings = SinkSettings.Create(config.WithFallback(SinksReference.Config));
    }

    [IterationCleanup]
    public void Delete()
    {
        _journal.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Benchmark(OperationsPerInvoke = Processes)]
    public async Task Deliver()
    {
        var context = new SinkContext("bench", Path.Combine(_directory, "data"), Logging.GetLogger(_system, "bench"));
        await using SinkHost host = await SinkHost.StartAsync(_system, _journal, _settings, context);
        while (host.States[0].LagRecords > 0)
            await Task.Delay(1);
    }
}
