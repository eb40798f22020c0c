namespace Ogrt.Sinks.Delivery;

/// <summary>Room for one request.</summary>
/// <param name="Bytes">Its size in the target's form.</param>
/// <param name="UsedUp">Whether no further request had room when it was given.</param>
internal readonly record struct SendSlot(long Bytes, bool UsedUp);
