using Ogrt.Wire;

namespace Ogrt.Sinks.Local;

/// <summary>A process image of the store.</summary>
/// <param name="Frame">
/// A frame with every field that its client sent. Strings that the store keeps once, and lists, stand at its end, so that
/// it is equal in meaning to what came and not byte by byte.
/// </param>
/// <param name="End">The end of the process, null while none has come. Images of one process have the same end.</param>
/// <param name="Arrival">When the frame arrived.</param>
public sealed record StoredProcess(StoredFrame Frame, StoredFrame? End, DateTimeOffset Arrival);
