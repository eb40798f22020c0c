namespace Ogrt.Actors.Ingest;

/// <summary>Where the cutting of a stream stopped.</summary>
/// <param name="Consumed">Bytes from the front that are done with.</param>
/// <param name="Needed">Bytes from there on that a buffer must hold for the next step.</param>
/// <param name="IsBroken">Whether no frame can be found any more; the connection is to be closed.</param>
internal readonly record struct StreamProgress(int Consumed, int Needed, bool IsBroken);
