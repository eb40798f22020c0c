namespace Ogrt.Sinks.Local;

/// <summary>Whether a transaction is on disk when it counts as delivered.</summary>
public enum StoreSync
{
    /// <summary>It is.</summary>
    Full = 0,

    /// <summary>A power failure can undo the last ones; the death of the process cannot.</summary>
    Normal,
}
