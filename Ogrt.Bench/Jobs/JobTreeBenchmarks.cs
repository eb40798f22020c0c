using BenchmarkDotNet.Attributes;
using Google.Protobuf;
using Ogrt.Actors.Jobs;
using Ogrt.Bench.Wire;
using Ogrt.Wire;
using Ogrt.Wire.Protocol;

namespace Ogrt.Bench.Jobs;

/// <summary>What a frame costs from the journal's record to the tree. Trees are full: each new process collapses an old one.</summary>
[Config(typeof(ShortInProcessConfig))]
public class JobTreeBenchmarks
{
    private const int FramesPerBatch = 31;

    private static readonly JobSettings Settings = JobSettings.Create(Actors.Cluster.OgrtCluster.Reference());

    private readonly JobRouter _router = new(Settings);
    private JobTree _tree = null!;
    private Job _job = null!;
    private PatchedFrame _frame = null!;

    [Params("frame-mpi", "frame-shell")]
    public string Frame { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        _frame = new PatchedFrame(Frame);
        _tree = new JobTree(JobLimits.Default);
        _job = new Job(JobLimits.Default);
        for (int i = 0; i < JobLimits.Default.MaxLive + 1000; i++)
        {
            NewProcess();
            _job.Apply(_frame.Bytes, WireLayout.Current, 1, out _);
        }
    }

    [Benchmark(Description = "read and apply a new process")]
    public TreeChange NewProcess()
    {
        _frame.Next();
        return Apply();
    }

    [Benchmark(Description = "read and apply a repeated process")]
    public TreeChange Repeated() => Apply();

    [Benchmark(Description = "route, batch, and apply a new process", OperationsPerInvoke = FramesPerBatch)]
    public int Batched()
    {
        JobBatch batch = null!;
        for (int i = 0; i < FramesPerBatch; i++)
        {
            _frame.Next();
            batch = _router.Route(_frame.Bytes, RecordKind.Frame, 0, out _)!;
            batch.Add(RecordKind.Frame, i, i + 1, _frame.Bytes);
        }
        ReadOnlySpan<byte> records = batch.Take(Guid.Empty).Records.Span;
        int applied = 0;
        while (JobFrameCodec.TryRead(ref records, out byte kind, out _, out ReadOnlySpan<byte> frame))
            if (_job.Apply(frame, RecordKind.LayoutOf(kind), 1, out _) == FrameOutcome.Applied)
                applied++;
        return applied;
    }

    [Benchmark(Description = "snapshot of a full tree, as bytes")]
    public int Snapshot() => _tree.Save().ToByteArray().Length;

    [Benchmark(Description = "record of a full tree, as bytes")]
    public int Record()
    {
        var record = new JobRecord();
        _tree.WriteTo(record, JobLimits.Default.MaxNodes);
        return record.ToByteArray().Length;
    }

    private TreeChange Apply()
    {
        ProcessInfoView.TryParse(_frame.Payload, WireLayout.Current, out ProcessInfoView view);
        return _tree.Apply(view);
    }
}
