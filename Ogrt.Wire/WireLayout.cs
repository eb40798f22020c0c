namespace Ogrt.Wire;

/// <summary>
/// Which numbering of fields the payload of a frame follows. It belongs to the listener that took the frame in: the bytes
/// of one layout parse without an error under another and then mean something else, so it is never guessed.
/// </summary>
public enum WireLayout : byte
{
    /// <summary>OGRT 0.4 to 0.5 and this project.</summary>
    Current = 0,

    /// <summary>OGRT 0.3: environment 308, arguments 309, shared objects 310; no command line, no modules.</summary>
    V03 = 1,

    /// <summary>OGRT's unreleased branch <c>next</c>: a UUID names the process, times are in milliseconds.</summary>
    Next = 2,
}
