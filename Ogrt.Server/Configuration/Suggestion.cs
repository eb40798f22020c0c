namespace Ogrt.Server.Configuration;

/// <summary>Finds what was probably meant by a name that does not exist.</summary>
public static class Suggestion
{
    /// <summary>The candidate that is nearest to a name, or null when none is near.</summary>
    /// <param name="name">What was written.</param>
    /// <param name="candidates">What exists.</param>
    public static string? For(string name, IEnumerable<string> candidates)
    {
        string? best = null;
        int bestDistance = Math.Max(2, name.Length / 4) + 1;
        foreach (string candidate in candidates)
        {
            int distance = Distance(name, candidate, bestDistance);
            if (distance < bestDistance) (best, bestDistance) = (candidate, distance);
        }
        return best;
    }

    /// <summary>A clause that names the suggestion, beginning with a blank; empty when there is none.</summary>
    public static string Clause(string name, IEnumerable<string> candidates) =>
        For(name, candidates) is { } suggestion ? $" Did you mean '{suggestion}'?" : "";

    // Edits (insert, delete, replace, swap neighbours) from one text to the other; anything above the limit is the limit.
    private static int Distance(string from, string to, int limit)
    {
        if (Math.Abs(from.Length - to.Length) >= limit) return limit;
        var rows = new int[3][];
        for (int i = 0; i < 3; i++) rows[i] = new int[to.Length + 1];
        for (int j = 0; j <= to.Length; j++) rows[0][j] = j;
        for (int i = 1; i <= from.Length; i++)
        {
            int[] row = rows[i % 3], above = rows[(i + 2) % 3], twoAbove = rows[(i + 1) % 3];
            row[0] = i;
            for (int j = 1; j <= to.Length; j++)
            {
                int cost = from[i - 1] == to[j - 1] ? 0 : 1;
                row[j] = Math.Min(Math.Min(row[j - 1], above[j]) + 1, above[j - 1] + cost);
                if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1])
                    row[j] = Math.Min(row[j], twoAbove[j - 2] + 1);
            }
        }
        return rows[from.Length % 3][to.Length];
    }
}
