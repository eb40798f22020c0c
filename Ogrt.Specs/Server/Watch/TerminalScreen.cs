using System.Globalization;
using System.Text;

namespace Ogrt.Specs.Server.Watch;

/// <summary>
/// What a terminal shows of what it is sent: as much of ECMA-48 and xterm as <c>ogrt-server top</c> uses. Anything else that a terminal might
/// act on is kept in <see cref="Strangers"/>.
/// </summary>
internal sealed class TerminalScreen
{
    private readonly Dictionary<int, char[]> _rows = [];
    private int _row;
    private int _column;

    /// <summary>Whether the alternate screen is shown.</summary>
    public bool IsAlternate { get; private set; }

    /// <summary>Whether the cursor is hidden.</summary>
    public bool CursorHidden { get; private set; }

    /// <summary>Sequences and control characters that are none of those that a screen consists of.</summary>
    public List<string> Strangers { get; } = [];

    /// <summary>Codes of colours that were used, 31 for red.</summary>
    public HashSet<string> Colours { get; } = [];

    /// <summary>The widest line, in columns.</summary>
    public int Widest => _rows.Values.Select(row => new string(row).TrimEnd().Length).DefaultIfEmpty(0).Max();

    /// <summary>The lines that are shown.</summary>
    public string Text => string.Join('\n', Enumerable.Range(0, _rows.Count == 0 ? 0 : _rows.Keys.Max() + 1)
        .Select(i => _rows.TryGetValue(i, out char[]? row) ? new string(row).TrimEnd() : ""));

    /// <summary>Takes what a program has written.</summary>
    public void Take(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (c == '\u001b' && i + 1 < text.Length && text[i + 1] == '[')
            {
                int end = i + 2;
                while (end < text.Length && text[end] is >= ' ' and < '@') end++;
                if (end >= text.Length) return;
                Sequence(text[(i + 2)..end], text[end]);
                i = end;
            }
            else if (c == '\u001b' && i + 1 < text.Length && text[i + 1] is '=' or '>')
            {
                i++; // the keypad's mode, by the runtime
            }
            else if (c == '\r')
            {
                _column = 0;
            }
            else if (c == '\n')
            {
                _row++;
            }
            else if (char.IsControl(c) || CharUnicodeInfo.GetUnicodeCategory(c) == UnicodeCategory.Format)
            {
                Strangers.Add($"U+{(int)c:X4}");
            }
            else
            {
                Put(c);
            }
        }
    }

    private void Sequence(string parameters, char final)
    {
        switch (final)
        {
            case 'H':
                string[] place = parameters.Split(';');
                _row = int.Parse(place[0], CultureInfo.InvariantCulture) - 1;
                _column = int.Parse(place[1], CultureInfo.InvariantCulture) - 1;
                break;
            case 'K':
                if (_rows.TryGetValue(_row, out char[]? row) && _column < row.Length) Array.Fill(row, ' ', _column, row.Length - _column);
                break;
            case 'J':
                _rows.Clear();
                break;
            case 'm':
                foreach (string code in parameters.Split(';').Where(code => code.Length == 2)) Colours.Add(code);
                break;
            case 'h' or 'l' when parameters == "?1049":
                IsAlternate = final == 'h';
                break;
            case 'h' or 'l' when parameters == "?25":
                CursorHidden = final == 'l';
                break;
            case 'h' or 'l' when parameters is "?7" or "?2026" or "?1":
                break;
            default:
                Strangers.Add(new StringBuilder("CSI ").Append(parameters).Append(final).ToString());
                break;
        }
    }

    private void Put(char c)
    {
        if (!_rows.TryGetValue(_row, out char[]? row)) _rows[_row] = row = [];
        if (_column >= row.Length)
        {
            int before = row.Length;
            Array.Resize(ref row, _column + 40);
            Array.Fill(row, ' ', before, row.Length - before);
            _rows[_row] = row;
        }
        row[_column++] = c;
    }
}
