namespace Ogrt.Wire;

/// <summary>What routing needs of a frame, as positions within the frame (header included), so that no string is made.</summary>
/// <param name="Type">What the frame carries.</param>
/// <param name="JobId">The job id; empty when absent.</param>
/// <param name="Hostname">The host name; empty when absent and in frames of jobs.</param>
/// <param name="Uuid">The name of the process in the layout <see cref="WireLayout.Next"/>; else empty.</param>
/// <param name="TimeNs">The start or end that the frame tells of, in nanoseconds since 1970; 0 when absent.</param>
public readonly record struct FrameRoute(
    FrameType Type, WireSlice JobId, WireSlice Hostname, WireSlice Uuid, long TimeNs);
