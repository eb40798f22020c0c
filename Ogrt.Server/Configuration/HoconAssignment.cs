namespace Ogrt.Server.Configuration;

/// <summary>One key that a file gives a value to.</summary>
/// <param name="Path">The full path, its segments joined by dots; a segment that has a dot itself is in quotes.</param>
/// <param name="Value">What is written behind it.</param>
/// <param name="File">The file that it stands in, as it was named.</param>
/// <param name="Line">The key's line, counted from 1.</param>
/// <param name="Comment">The comment above it or behind it, without its marks; empty without one.</param>
public sealed record HoconAssignment(string Path, ConfigValue Value, string File, int Line, string Comment);
