namespace Ogrt.Wire;

/// <summary>Checks a frame as a whole and finds what routing needs, in one pass and without an allocation.</summary>
public static class FrameRouter
{
    /// <summary>The limit of a payload unless the configuration says otherwise, in bytes.</summary>
    public const int DefaultMaxFrameSize = 262_144;

    /// <summary>
    /// Checks header and payload, nested messages included: a frame that passes is read without an error by the view of
    /// its type.
    /// </summary>
    /// <param name="frame">Exactly one frame: a datagram, or what <see cref="FrameDecoder"/> has cut out of a stream.</param>
    /// <param name="layout">The layout of the listener that took the frame in.</param>
    /// <param name="maxFrameSize">The longest payload to accept, in bytes.</param>
    /// <param name="route">What was found; to be used only when there was no error.</param>
    /// <returns>The first error, or <see cref="WireError.None"/>.</returns>
    public static WireError TryRoute(
        ReadOnlySpan<byte> frame, WireLayout layout, int maxFrameSize, out FrameRoute route)
    {
        route = default;
        WireError error = CheckHeader(frame, layout, maxFrameSize, out FrameType type);
        if (error != WireError.None) return error;
        ReadOnlySpan<byte> payload = frame[FrameHeader.Size..];
        switch (type)
        {
            case FrameType.ProcessInfo:
                error = ProcessInfoView.TryParse(payload, layout, out ProcessInfoView process);
                if (error == WireError.None) route = process.Route();
                return error;
            case FrameType.ProcessEnd:
                error = ProcessEndView.TryParse(payload, layout, out ProcessEndView end);
                if (error == WireError.None) route = end.Route();
                return error;
            case FrameType.JobStart:
                error = JobStartView.TryParse(payload, layout, out JobStartView jobStart);
                if (error == WireError.None) route = OfJob(type, frame, jobStart.JobId, jobStart.StartTimeNs);
                return error;
            default:
                error = JobEndView.TryParse(payload, layout, out JobEndView jobEnd);
                if (error == WireError.None) route = OfJob(type, frame, jobEnd.JobId, jobEnd.EndTimeNs);
                return error;
        }
    }

    private static WireError CheckHeader(
        ReadOnlySpan<byte> frame, WireLayout layout, int maxFrameSize, out FrameType type)
    {
        type = FrameType.None;
        if (frame.Length < FrameHeader.Size) return WireError.Truncated;
        FrameHeader header = FrameHeader.Read(frame);
        type = (FrameType)header.Type;
        if (!header.IsKnownTypeOf(layout)) return WireError.UnknownType;
        if (header.Length > (uint)maxFrameSize) return WireError.TooLong;
        if (header.Length == 0) return WireError.Empty;
        uint received = (uint)(frame.Length - FrameHeader.Size);
        return received == header.Length ? WireError.None
            : received < header.Length ? WireError.Truncated : WireError.TrailingBytes;
    }

    private static FrameRoute OfJob(FrameType type, ReadOnlySpan<byte> frame, ReadOnlySpan<byte> jobId, long timeNs)
    {
        WireSlice slice = default;
        if (!jobId.IsEmpty)
        {
            frame.Overlaps(jobId, out int offset);
            slice = new WireSlice(offset, jobId.Length);
        }

        return new FrameRoute(type, slice, default, default, timeNs);
    }
}
