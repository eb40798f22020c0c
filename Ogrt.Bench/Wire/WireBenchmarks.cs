using System.Buffers;
using System.Text.Json;
using BenchmarkDotNet.Attributes;
using Google.Protobuf;
using Ogrt.Wire;
using Ogrt.Wire.Protocol;

namespace Ogrt.Bench.Wire;

/// <summary>Reading a frame and writing its JSON: what the server does to each frame that it takes in.</summary>
[Config(typeof(ShortInProcessConfig))]
public class WireBenchmarks
{
    private readonly ArrayBufferWriter<byte> _output = new(64 * 1024);
    private readonly JsonFragmentCache _cache = new();
    private Utf8JsonWriter _writer = null!;
    private byte[] _frame = [];

    [Params("frame-mpi", "frame-shell")]
    public string Frame { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        _frame = RecordedFrames.Read(Frame);
        _writer = new Utf8JsonWriter(_output, new JsonWriterOptions
        {
            SkipValidation = true,
            Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        });
    }

    [Benchmark(Description = "check and route")]
    public WireError Route() => FrameRouter.TryRoute(_frame, WireLayout.Current, 262_144, out _);

    [Benchmark(Description = "read as a view")]
    public int View()
    {
        ProcessInfoView.TryParse(_frame.AsSpan(FrameHeader.Size), WireLayout.Current, out ProcessInfoView view);
        return view.Pid;
    }

    [Benchmark(Description = "read as a Google.Protobuf message")]
    public ProcessInfo Message() =>
        ProcessInfo.Parser.ParseFrom(_frame, FrameHeader.Size, _frame.Length - FrameHeader.Size);

    [Benchmark(Description = "hash of the shared objects")]
    public ulong Hash()
    {
        ProcessInfoView.TryParse(_frame.AsSpan(FrameHeader.Size), WireLayout.Current, out ProcessInfoView view);
        return view.SharedObjectsHash();
    }

    [Benchmark(Description = "view and JSON")]
    public int Json() => Write(default);

    [Benchmark(Description = "view and JSON, repeated fields from the cache")]
    public int CachedJson() => Write(new ProcessJsonOptions(JsonTimeUnit.Milliseconds, _cache));

    [Benchmark(Description = "view and JSON by Utf8JsonWriter")]
    public int WriterJson()
    {
        _output.ResetWrittenCount();
        ProcessInfoView.TryParse(_frame.AsSpan(FrameHeader.Size), WireLayout.Current, out ProcessInfoView view);
        WriterProcessJson.Write(_writer, view);
        return _output.WrittenCount;
    }

    [Benchmark(Description = "message and JSON by JsonFormatter")]
    public string FormatterJson() => JsonFormatter.Default.Format(Message());

    private int Write(ProcessJsonOptions options)
    {
        _output.ResetWrittenCount();
        ProcessInfoView.TryParse(_frame.AsSpan(FrameHeader.Size), WireLayout.Current, out ProcessInfoView view);
        ProcessJson.Write(_output, view, options);
        return _output.WrittenCount;
    }
}
