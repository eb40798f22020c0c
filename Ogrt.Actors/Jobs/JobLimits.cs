namespace Ogrt.Actors.Jobs;

/// <summary>What a job's tree may hold at most. What passes a limit is counted, never kept and never refused.</summary>
public sealed record JobLimits
{
    /// <summary>The limits of a job without a setting of its own.</summary>
    public static readonly JobLimits Default = new();

    /// <summary>Collapsed nodes in memory, and nodes in a job record. Further kinds of processes go to `other` nodes.</summary>
    public int MaxNodes { get; init; } = 10_000;

    /// <summary>Processes without an end that are known one by one. Past it the oldest without children is only counted.</summary>
    public int MaxLive { get; init; } = 65_536;

    /// <summary>
    /// Ended processes that are known one by one: as long as one is, its repetition is noticed and its late children find it.
    /// </summary>
    public int MaxEnded { get; init; } = 16_384;

    /// <summary>Distinct strings (paths, modules, signatures), and entries of each table that is made of them.</summary>
    public int MaxTexts { get; init; } = 65_536;

    /// <summary>Bytes of all distinct strings together.</summary>
    public long MaxTextBytes { get; init; } = 16 << 20;

    /// <summary>Host names kept of a job; further hosts are counted.</summary>
    public int MaxHosts { get; init; } = 1024;
}
