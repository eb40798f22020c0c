namespace Ogrt.Wire;

/// <summary>What a frame carries: the first four bytes of its header.</summary>
public enum FrameType : uint
{
    /// <summary>No frame: the value of a route that was not found.</summary>
    None = 0,

    /// <summary>A job has started (<c>JobStart</c>).</summary>
    JobStart = 10,

    /// <summary>A job has ended (<c>JobEnd</c>).</summary>
    JobEnd = 11,

    /// <summary>A program image has started (<c>ProcessInfo</c>).</summary>
    ProcessInfo = 12,

    /// <summary>A process has ended (<c>ProcessEnd</c>).</summary>
    ProcessEnd = 16,
}
