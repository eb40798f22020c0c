using System.Text;

namespace Ogrt.Server.Cli;

/// <summary>Rows with a heading, their columns aligned, or separated by tabs for a program.</summary>
public sealed class TextTable(params TextTable.Column[] columns)
{
    // One job with a name of 250 characters should not push the columns of all others off the screen.
    private const int MaxColumnWidth = 48;

    private readonly List<string[]> _rows = [];

    /// <summary>A column.</summary>
    /// <param name="Heading">What stands above it.</param>
    /// <param name="AlignRight">True for numbers.</param>
    public sealed record Column(string Heading, bool AlignRight = false);

    /// <summary>Adds a row of safe texts, one for each column.</summary>
    public void Add(params string[] cells) => _rows.Add(cells);

    /// <summary>Writes the rows with aligned columns, cells (but for the last) cut to a bearable width and rows to that of the screen.</summary>
    public void Write(Terminal terminal)
    {
        string mark = terminal.Unicode ? "…" : "+";
        List<string[]> rows = _rows.ConvertAll<string[]>(r => [.. r.Select((c, i) => i < columns.Length - 1 ? SafeText.Cut(c, MaxColumnWidth, mark) : c)]);
        int[] widths = columns.Select((c, i) => rows.Select(r => SafeText.Width(r[i])).Append(c.Heading.Length).Max()).ToArray();
        string heading = SafeText.Cut(Line(columns.Select(c => c.Heading).ToArray(), widths), terminal.Width, mark);
        terminal.Output.WriteLine(terminal.Paint(1, heading));
        foreach (string[] row in rows) terminal.Output.WriteLine(SafeText.Cut(Line(row, widths), terminal.Width, mark));
    }

    /// <summary>Writes the rows with a tab between two columns.</summary>
    public void WriteTabs(TextWriter output)
    {
        output.WriteLine(string.Join('\t', columns.Select(c => c.Heading)));
        foreach (string[] row in _rows) output.WriteLine(string.Join('\t', row));
    }

    private string Line(string[] cells, int[] widths)
    {
        var line = new StringBuilder();
        for (int i = 0; i < cells.Length; i++)
        {
            if (i > 0) line.Append("  ");
            int padding = widths[i] - SafeText.Width(cells[i]);
            if (columns[i].AlignRight) line.Append(' ', padding);
            line.Append(cells[i]);
            if (!columns[i].AlignRight && i < cells.Length - 1) line.Append(' ', padding);
        }
        return line.ToString();
    }
}
