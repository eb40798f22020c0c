namespace Ogrt.Journal;

/// <summary>A damaged place.</summary>
/// <param name="Offset">Where it begins.</param>
/// <param name="Bytes">How many bytes are skipped.</param>
/// <param name="Records">How many records are missing there, as far as their sequence tells.</param>
public sealed record JournalDamage(long Offset, long Bytes, long Records);
