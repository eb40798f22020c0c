using System.Runtime.CompilerServices;

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
        return type switch
        {
            FrameType.ProcessInfo => RouteProcess(frame, layout, out route),
            FrameType.ProcessEnd => RouteEnd(frame, layout, out route),
            FrameType.JobStart => RouteJobStart(frame, layout, out route),
            _ => RouteJobEnd(frame, layout, out route),
        };
    }

    // One method for each type: the views are large, and a method clears all of its locals when it is entered.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WireError RouteProcess(ReadOnlySpan<byte> frame, WireLayout layout, out FrameRoute route)
    {
        WireError error = ProcessInfoView.TryParse(frame[FrameHeader.Size..], layout, out ProcessInfoView process);
        route = error == WireError.None ? process.Route() : default;
        return error;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WireError RouteEnd(ReadOnlySpan<byte> frame, WireLayout layout, out FrameRoute route)
    {
        WireError error = ProcessEndView.TryParse(frame[FrameHeader.Size..], layout, out ProcessEndView end);
        route = error == WireError.None ? end.Route() : default;
        return error;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WireError RouteJobStart(ReadOnlySpan<byte> frame, WireLayout layout, out FrameRoute route)
    {
        WireError error = JobStartView.TryParse(frame[FrameHeader.Size..], layout, out JobStartView start);
        route = error == WireError.None
            ? OfJob(FrameType.JobStart, frame, start.JobId, start.StartTimeNs)
            : default;
        return error;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WireError RouteJobEnd(ReadOnlySpan<byte> frame, WireLayout layout, out FrameRoute route)
    {
        WireError error = JobEndView.TryParse(frame[FrameHeader.Size..], layout, out JobEndView end);
        route = error == WireError.None ? OfJob(FrameType.JobEnd, frame, end.JobId, end.EndTimeNs) : default;
        return error;
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
