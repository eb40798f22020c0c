namespace Ogrt.Journal;

/// <summary>What opening a journal found and how much it looked at.</summary>
public sealed class JournalRecoveryReport
{
    private readonly List<RecoveryWarning> _warnings = [];

    /// <summary>Everything that was not as a clean end leaves it.</summary>
    public IReadOnlyList<RecoveryWarning> Warnings => _warnings;

    /// <summary>Segment files that were there.</summary>
    public int Segments { get; internal set; }

    /// <summary>Segment files that were read; the others were only listed, so the time to open does not grow with the backlog.</summary>
    public int ScannedSegments { get; internal set; }

    /// <summary>Bytes of segments that were read.</summary>
    public long ScannedBytes { get; internal set; }

    /// <summary>Bytes cut off the end of the last segment.</summary>
    public long TornBytes { get; internal set; }

    internal void Add(RecoveryFinding finding, string message) => _warnings.Add(new RecoveryWarning(finding, message));
}
