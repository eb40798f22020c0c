using System.Text;

namespace Ogrt.Specs.Soak;

/// <summary>What a run came to.</summary>
internal sealed class SoakReport
{
    private readonly SortedDictionary<string, (int Count, double Seconds)> _faults = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, (long Delivered, long Duplicates, long DeadLetters)> _sinks = new(StringComparer.Ordinal);

    /// <summary>What does not hold; empty when all is well.</summary>
    public List<string> Violations { get; } = [];

    /// <summary>Frames that were sent.</summary>
    public long Sent { get; set; }

    /// <summary>Of these, those that the journal has.</summary>
    public long Confirmed { get; set; }

    /// <summary>Of these, those whose sender saw them read.</summary>
    public long SeenRead { get; set; }

    /// <summary>Job records that the journal has.</summary>
    public long JobRecords { get; set; }

    /// <summary>Times that the metrics were held against each other.</summary>
    public int QuietPoints { get; set; }

    /// <summary>How many faults were made.</summary>
    public int Faults => _faults.Values.Sum(f => f.Count);

    /// <summary>Counts a fault.</summary>
    public void Add(string fault, TimeSpan took)
    {
        (int count, double seconds) = _faults.GetValueOrDefault(fault);
        _faults[fault] = (count + 1, seconds + took.TotalSeconds);
    }

    /// <summary>Counts what a target has.</summary>
    public void Add(string sink, long delivered, long duplicates, long deadLetters)
    {
        (long d, long two, long dead) = _sinks.GetValueOrDefault(sink);
        _sinks[sink] = (d + delivered, two + duplicates, dead + deadLetters);
    }

    /// <summary>Adds another run's.</summary>
    public void Add(SoakReport other)
    {
        Violations.AddRange(other.Violations);
        (Sent, Confirmed, SeenRead, JobRecords, QuietPoints) =
            (Sent + other.Sent, Confirmed + other.Confirmed, SeenRead + other.SeenRead, JobRecords + other.JobRecords, QuietPoints + other.QuietPoints);
        foreach ((string fault, (int count, double seconds)) in other._faults)
            _faults[fault] = (_faults.GetValueOrDefault(fault).Count + count, _faults.GetValueOrDefault(fault).Seconds + seconds);
        foreach ((string sink, (long delivered, long duplicates, long dead)) in other._sinks)
            Add(sink, delivered, duplicates, dead);
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.AppendLine(FormattableString.Invariant(
            $"{Sent} frames sent, {SeenRead} seen read, {Confirmed} confirmed by the journal, {JobRecords} job records; metrics conserved at {QuietPoints} quiet points"));
        text.AppendLine($"{"sink",-8}{"delivered",12}{"again",10}{"dead letters",14}");
        foreach ((string sink, (long delivered, long duplicates, long dead)) in _sinks)
            text.AppendLine(FormattableString.Invariant($"{sink,-8}{delivered,12}{duplicates,10}{dead,14}"));
        text.AppendLine($"{"fault",-22}{"times",7}{"seconds",10}{"each",8}");
        foreach ((string fault, (int count, double seconds)) in _faults)
            text.AppendLine(FormattableString.Invariant($"{fault,-22}{count,7}{seconds,10:F1}{seconds / count,8:F1}"));
        text.Append(Violations.Count == 0 ? "Nothing is lost, nothing is altered, nothing is there that was not sent." : $"{Violations.Count} violations:");
        foreach (string violation in Violations)
            text.AppendLine().Append("  ").Append(violation);
        return text.ToString();
    }
}
