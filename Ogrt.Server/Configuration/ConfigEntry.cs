namespace Ogrt.Server.Configuration;

/// <summary>A leaf of the effective configuration.</summary>
/// <param name="Path">Its full path.</param>
/// <param name="Value">What was written, before substitution.</param>
/// <param name="Origin">Where: the place that won.</param>
public sealed record ConfigEntry(string Path, ConfigValue Value, ConfigOrigin Origin);
