using System.Text;

namespace Ogrt.Server.Cli.Top;

/// <summary>A line of the screen: pieces of safe text, each with its tone.</summary>
internal sealed class TopLine
{
    private static readonly string[] Colours = ["", "\u001b[2m", "\u001b[1m", "\u001b[7m", "\u001b[32m", "\u001b[33m", "\u001b[1;31m"];

    // Without colours what is bold and what is reversed may stay: they are none.
    private static readonly string[] Attributes = ["", "", "\u001b[1m", "\u001b[7m", "", "", "\u001b[1m"];

    private readonly List<(string Text, Tone Tone)> _pieces = [];

    /// <summary>Columns that it takes.</summary>
    public int Width { get; private set; }

    /// <summary>Adds a safe text.</summary>
    public TopLine Add(string text, Tone tone = Tone.Plain)
    {
        _pieces.Add((text, tone));
        Width += SafeText.Width(text);
        return this;
    }

    /// <summary>Adds blanks up to a column.</summary>
    public TopLine Pad(int column, Tone tone = Tone.Plain) => column > Width ? Add(new string(' ', column - Width), tone) : this;

    /// <summary>The text alone.</summary>
    public override string ToString() => string.Concat(_pieces.Select(p => p.Text)).TrimEnd();

    /// <summary>The line for a terminal, cut to its width.</summary>
    /// <param name="width">Columns of the terminal.</param>
    /// <param name="colour">Whether it has colours.</param>
    /// <param name="mark">What stands at the end of what was cut.</param>
    /// <param name="dim">Whether all of it is shown as past.</param>
    public string Render(int width, bool colour, string mark, bool dim)
    {
        string[] codes = colour ? Colours : Attributes;
        var text = new StringBuilder();
        int room = width;
        foreach ((string piece, Tone tone) in _pieces)
        {
            if (room <= 0) break;
            string shown = SafeText.Cut(piece, room, mark);
            room -= SafeText.Width(shown);
            string code = codes[(int)(dim && tone != Tone.Reverse ? Tone.Dim : tone)];
            text.Append(code).Append(shown);
            if (code.Length > 0) text.Append("\u001b[0m");
            if (shown.Length < piece.Length) break;
        }
        return text.ToString();
    }
}
