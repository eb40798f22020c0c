namespace Ogrt.Wire;

public ref partial struct ProcessEndView
{
    internal readonly FrameRoute Route() => new(
        FrameType.ProcessEnd, WithHeader(_jobId), WithHeader(_hostname), WithHeader(_uuid), _endTimeNs);

    private static WireSlice WithHeader(WireSlice slice) => new(slice.Offset + FrameHeader.Size, slice.Length);
}
