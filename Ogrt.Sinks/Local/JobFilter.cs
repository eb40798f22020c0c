using Ogrt.Wire.Protocol;

namespace Ogrt.Sinks.Local;

/// <summary>
/// Which jobs to list; what is null does not matter. Patterns with *, ? or [ are globs over the whole string, others are
/// found anywhere in it; upper and lower case differ.
/// </summary>
public sealed record JobFilter
{
    /// <summary>The cluster's name.</summary>
    public string? Cluster { get; init; }

    /// <summary>A pattern of the job's id.</summary>
    public string? JobId { get; init; }

    /// <summary>A pattern of a user of the job.</summary>
    public string? User { get; init; }

    /// <summary>A pattern of the account that is charged for the job.</summary>
    public string? Account { get; init; }

    /// <summary>A pattern of the job's partition or queue.</summary>
    public string? Partition { get; init; }

    /// <summary>A pattern of the name that the user gave the job.</summary>
    public string? Name { get; init; }

    /// <summary>A pattern of a host of the job.</summary>
    public string? Host { get; init; }

    /// <summary>The state.</summary>
    public JobState? State { get; init; }

    /// <summary>Jobs with a sign of life at or after this time.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Jobs with a sign of life at or before this time.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>A pattern of the path of an executable of the job.</summary>
    public string? Executable { get; init; }

    /// <summary>A pattern of the path of a shared object that a process of the job had loaded.</summary>
    public string? Library { get; init; }

    /// <summary>A pattern of the name of an environment module of the job.</summary>
    public string? Module { get; init; }

    /// <summary>How many jobs at most, the newest first.</summary>
    public int Limit { get; init; } = int.MaxValue;
}
