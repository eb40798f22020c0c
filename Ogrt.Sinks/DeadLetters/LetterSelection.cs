using System.Globalization;

namespace Ogrt.Sinks.DeadLetters;

/// <summary>Which dead letters of a sink are meant. What is not said does not restrict.</summary>
public sealed record LetterSelection
{
    /// <summary>Ranges of numbers, first and last; empty for all.</summary>
    public IReadOnlyList<(long First, long Last)> Numbers { get; init; } = [];

    /// <summary>The reason, as in <see cref="DeadLetter.Reason"/>; null for any.</summary>
    public string? Reason { get; init; }

    /// <summary>Refused at this time or later, in nanoseconds since 1970; null for any.</summary>
    public long? RefusedFromNs { get; init; }

    /// <summary>Refused before this time; null for any.</summary>
    public long? RefusedBeforeNs { get; init; }

    /// <summary>Whether the selection names nothing and so means every letter.</summary>
    public bool IsEverything => Numbers.Count == 0 && Reason is null && RefusedFromNs is null && RefusedBeforeNs is null;

    /// <summary>Whether a letter is meant.</summary>
    public bool Includes(KeptLetter letter)
    {
        ArgumentNullException.ThrowIfNull(letter);
        return IncludesNumber(letter.Number)
            && (Reason is null || letter.Letter.Reason == Reason)
            && (RefusedFromNs is null || letter.Letter.RefusedUnixNs >= RefusedFromNs)
            && (RefusedBeforeNs is null || letter.Letter.RefusedUnixNs < RefusedBeforeNs);
    }

    /// <summary>Reads numbers and ranges such as <c>3,7-12</c>.</summary>
    /// <returns>False when the text is none of these.</returns>
    public static bool TryParseNumbers(string text, out IReadOnlyList<(long First, long Last)> numbers)
    {
        ArgumentNullException.ThrowIfNull(text);
        var ranges = new List<(long, long)>();
        numbers = ranges;
        foreach (string part in text.Split(','))
        {
            int dash = part.IndexOf('-', StringComparison.Ordinal);
            string first = dash < 0 ? part : part[..dash], last = dash < 0 ? part : part[(dash + 1)..];
            if (!long.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out long from)
                || !long.TryParse(last, NumberStyles.None, CultureInfo.InvariantCulture, out long to)
                || to < from)
            {
                return false;
            }
            ranges.Add((from, to));
        }
        return true;
    }

    private bool IncludesNumber(long number)
    {
        if (Numbers.Count == 0)
            return true;
        foreach ((long first, long last) in Numbers)
        {
            if (first <= number && number <= last)
                return true;
        }
        return false;
    }
}
