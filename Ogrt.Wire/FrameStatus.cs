namespace Ogrt.Wire;

/// <summary>What <see cref="FrameDecoder.TryRead"/> found.</summary>
public enum FrameStatus : byte
{
    /// <summary>The bytes end before the next frame does.</summary>
    NeedMore = 0,

    /// <summary>A whole frame.</summary>
    Frame = 1,

    /// <summary>The stream is broken.</summary>
    Error = 2,
}
