namespace Ogrt.Sinks;

/// <summary>A record that could not be written in the target's form.</summary>
/// <param name="Item">Its origin.</param>
/// <param name="Reason">A short, snake_case word.</param>
internal readonly record struct RefusedRecord(SinkItem Item, string Reason);
