namespace Ogrt.Server.Configuration;

/// <summary>
/// A place in the configuration where the operator names blocks of one kind: listeners, sinks. What a block does not say
/// comes from the defaults of its sort, then from those of all sorts; these also say which keys a block may have.
/// </summary>
/// <param name="Prefix">The path of the place.</param>
/// <param name="SortKey">The key in a block that tells its sort.</param>
/// <param name="SortDefaults">The path below which each sort has its defaults.</param>
/// <param name="CommonDefaults">The path of the defaults of all sorts; null where there are none.</param>
/// <param name="What">What a block is called in a message.</param>
public sealed record NamedBlocks(string Prefix, string SortKey, string SortDefaults, string? CommonDefaults, string What)
{
    /// <summary>Every such place.</summary>
    public static IReadOnlyList<NamedBlocks> All { get; } =
    [
        new("ogrt.ingest.listeners", "transport", "ogrt.ingest.listener-defaults", null, "listener"),
        new("ogrt.sinks", "type", "ogrt.sink-types", "ogrt.sink-defaults", "sink"),
    ];

    /// <summary>Splits the path of a key in a block.</summary>
    /// <param name="path">A full path.</param>
    /// <param name="name">The block's name.</param>
    /// <param name="key">The key within it; empty when the path is the block's own.</param>
    /// <returns>Whether the path is in a block of this place.</returns>
    public bool TrySplit(string path, out string name, out string key)
    {
        name = key = "";
        if (!path.StartsWith(Prefix + ".", StringComparison.Ordinal)) return false;
        string rest = path[(Prefix.Length + 1)..];
        int dot = rest.IndexOf('.', StringComparison.Ordinal);
        name = dot < 0 ? rest : rest[..dot];
        key = dot < 0 ? "" : rest[(dot + 1)..];
        return true;
    }

    /// <summary>The path of the key that tells a block's sort.</summary>
    public string SortPath(string name) => $"{Prefix}.{name}.{SortKey}";
}
