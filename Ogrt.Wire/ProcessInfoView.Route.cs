namespace Ogrt.Wire;

public ref partial struct ProcessInfoView
{
    internal readonly FrameRoute Route() => new(
        FrameType.ProcessInfo, WithHeader(_jobId), WithHeader(_hostname), WithHeader(_uuid), TimeNs);

    private static WireSlice WithHeader(WireSlice slice) => new(slice.Offset + FrameHeader.Size, slice.Length);
}
