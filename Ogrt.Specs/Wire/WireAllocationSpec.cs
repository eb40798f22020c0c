using System.Buffers;
using Ogrt.Wire;

namespace Ogrt.Specs.Wire;

public class WireAllocationSpec
{
    private static readonly byte[] End = WireGen.Frame(16, [.. WireGen.Bytes(305, "J"u8), .. WireGen.Varint(301, 7), .. WireGen.Varint(340, 5)]);

    private static readonly byte[] JobEnds = WireGen.Frame(11,
        [.. WireGen.Bytes(200, "J"u8), .. WireGen.Varint(320, 5), .. WireGen.Bytes(321, "u"u8), .. WireGen.Varint(340, 6), .. WireGen.Bytes(342, "FAILED"u8)]);

    private static readonly byte[] JobStarts = WireGen.Frame(10, [.. WireGen.Bytes(100, "J"u8), .. WireGen.Bytes(327, "n[1-4]"u8), .. WireGen.Varint(328, 4)]);

    private static readonly byte[] Groups = WireGen.Frame(
        12, [.. Enumerable.Repeat((byte)0x0b, 50), .. Enumerable.Repeat((byte)0x0c, 50), .. WireGen.Bytes(305, [0xff])]);

    // What was read goes somewhere, so that reading it cannot be left out.
    private long _length;

    [Fact]
    public void Checking_and_routing_allocate_nothing() => AssertNoAllocation(() =>
    {
        foreach (byte[] frame in (ReadOnlySpan<byte[]>)[RecordedFrames.Mpi, RecordedFrames.Shell, End, JobStarts, JobEnds, Groups])
        {
            FrameRouter.TryRoute(frame, WireLayout.Current, 262_144, out _);
            FrameRouter.TryRoute(frame, WireLayout.V03, 262_144, out _);
            FrameRouter.TryRoute(frame.AsSpan(0, frame.Length - 3), WireLayout.Current, 262_144, out _);
        }
    });

    [Fact]
    public void Reading_every_field_allocates_nothing() => AssertNoAllocation(() =>
    {
        ProcessInfoView.TryParse(RecordedFrames.Mpi.AsSpan(8), WireLayout.Current, out ProcessInfoView view);
        int length = view.Binpath.Length + view.Cmdline.Length + (int)view.SharedObjectsHash() + (int)view.LoadedModulesHash();
        foreach (SharedObjectView item in view.SharedObjects) length += item.Path.Length;
        foreach (ModuleView item in view.LoadedModules) length += item.Name.Length;
        foreach (ReadOnlySpan<byte> item in view.Arguments) length += item.Length;
        _length += length;
    });

    [Fact]
    public void Writing_JSON_allocates_nothing_once_the_buffer_is_large_enough()
    {
        var output = new ArrayBufferWriter<byte>(64 * 1024);
        AssertNoAllocation(() => Write(output, default));
    }

    [Fact]
    public void Writing_JSON_from_the_cache_allocates_nothing()
    {
        var output = new ArrayBufferWriter<byte>(64 * 1024);
        var options = new ProcessJsonOptions(JsonTimeUnit.Milliseconds, new JsonFragmentCache());
        AssertNoAllocation(() => Write(output, options));
        Assert.InRange(options.Cache!.Count, 2, 3);
    }

    private static void Write(ArrayBufferWriter<byte> output, ProcessJsonOptions options)
    {
        output.ResetWrittenCount();
        ProcessInfoView.TryParse(RecordedFrames.Mpi.AsSpan(8), WireLayout.Current, out ProcessInfoView view);
        ProcessJson.Write(output, view, options);
        ProcessInfoView.TryParse(RecordedFrames.Shell.AsSpan(8), WireLayout.Current, out view);
        ProcessJson.Write(output, view, options);
        ProcessEndView.TryParse(End.AsSpan(8), WireLayout.Current, out ProcessEndView end);
        ProcessEndJson.Write(output, end, options);
        JobStartView.TryParse(JobStarts.AsSpan(8), WireLayout.Current, out JobStartView jobStart);
        JobJson.WriteStart(output, jobStart, options);
        JobEndView.TryParse(JobEnds.AsSpan(8), WireLayout.Current, out JobEndView jobEnd);
        JobJson.WriteEnd(output, jobEnd, options);
    }

    private static void AssertNoAllocation(Action action)
    {
        // The first calls load types and fill the cache.
        for (int i = 0; i < 3; i++) action();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1_000; i++) action();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
