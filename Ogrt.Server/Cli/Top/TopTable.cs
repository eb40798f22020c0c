namespace Ogrt.Server.Cli.Top;

/// <summary>What a screen shows: columns and rows.</summary>
/// <param name="Columns">The columns.</param>
/// <param name="Rows">The rows, a cell for each column.</param>
internal sealed record TopTable(IReadOnlyList<TopColumn> Columns, IReadOnlyList<TopCell[]> Rows)
{
    /// <summary>The rows that contain a text, in the order of a column.</summary>
    /// <param name="filter">Found anywhere in a row, whatever the case; empty for all.</param>
    /// <param name="sort">The column's index; -1 for the order that they came in.</param>
    /// <param name="descending">Largest first.</param>
    public TopTable Arranged(string filter, int sort, bool descending)
    {
        IEnumerable<TopCell[]> rows = filter.Length == 0 ? Rows : Rows.Where(row => row.Any(cell => cell.Text.Contains(filter, StringComparison.OrdinalIgnoreCase)));
        if (sort >= 0 && sort < Columns.Count)
        {
            // What is not known comes last either way; equal rows stay as they were, so that nothing jumps about.
            IOrderedEnumerable<TopCell[]> known = rows.OrderBy(row => Columns[sort].AlignRight && row[sort].Number is null);
            rows = Columns[sort].AlignRight
                ? descending ? known.ThenByDescending(row => row[sort].Number) : known.ThenBy(row => row[sort].Number)
                : descending ? known.ThenByDescending(row => row[sort].Text, StringComparer.OrdinalIgnoreCase) : known.ThenBy(row => row[sort].Text, StringComparer.OrdinalIgnoreCase);
        }
        else if (descending)
        {
            rows = rows.Reverse();
        }
        return this with { Rows = [.. rows] };
    }
}
