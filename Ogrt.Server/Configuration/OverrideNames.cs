namespace Ogrt.Server.Configuration;

/// <summary>
/// The names of the variables that override keys: <c>ogrt.journal.max-size</c> is <c>OGRT__JOURNAL__MAX_SIZE</c>. Two
/// underscores part the segments, one stands for a hyphen. The names are derived from the keys, never the other way round:
/// so no guess is needed, and a variable that no key gives its name to is a mistake.
/// </summary>
public static class OverrideNames
{
    /// <summary>What every name begins with.</summary>
    public const string Prefix = "OGRT__";

    /// <summary>The root of all keys that can be overridden.</summary>
    public const string Root = "ogrt.";

    /// <summary>The variable that overrides a key.</summary>
    /// <param name="path">The key's full path.</param>
    public static string Variable(string path) =>
        path.Replace(".", "__", StringComparison.Ordinal).Replace('-', '_').ToUpperInvariant();
}
