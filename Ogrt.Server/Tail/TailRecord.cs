namespace Ogrt.Server.Tail;

/// <summary>A record as <c>ogrt-server tail</c> shows it. Texts are as they came: whoever prints them makes them safe.</summary>
public sealed record TailRecord
{
    /// <summary>When it arrived.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>start, end, job-start or job-end.</summary>
    public required string Kind { get; init; }

    /// <summary>The compute node.</summary>
    public string Host { get; init; } = "";

    /// <summary>The job; empty for none.</summary>
    public string Job { get; init; } = "";

    /// <summary>The user; empty when unknown.</summary>
    public string User { get; init; } = "";

    /// <summary>The process; null for what is not about one.</summary>
    public int? Pid { get; init; }

    /// <summary>Its parent; null when unknown.</summary>
    public int? ParentPid { get; init; }

    /// <summary>The executable; empty when unknown.</summary>
    public string Exe { get; init; } = "";

    /// <summary>The arguments joined by blanks, cut to <see cref="MostCommand"/> characters.</summary>
    public string Command { get; init; } = "";

    /// <summary>How it ended; null for what is no end, or when a signal ended it.</summary>
    public int? ExitCode { get; init; }

    /// <summary>The signal that ended it.</summary>
    public uint? ExitSignal { get; init; }

    /// <summary>Characters of a command line at most.</summary>
    public const int MostCommand = 4096;
}
