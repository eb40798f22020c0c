namespace Ogrt.Server.Cli.Top;

/// <summary>What each key does; the table of the help is the table of the keys.</summary>
internal static class TopKeys
{
    /// <summary>The help, a line for each.</summary>
    public static IReadOnlyList<(string Keys, string What)> Help { get; } =
    [
        ("1 2 3 4 5", "Pipeline, Jobs, Nodes, Sinks, Cluster"),
        ("Tab, Shift-Tab, left, right", "the next screen, the one before"),
        ("up, down, j, k, PgUp, PgDn, g, G", "move through the rows"),
        ("s, F6", "sort by the next column (after the last: as it comes)"),
        ("S", "sort by the column before"),
        ("r, I", "turn the order around"),
        ("/, F4", "filter: rows that contain a text; Enter takes it, Esc takes it away"),
        ("Space, p", "pause: what is shown stays, until the key is pressed again"),
        ("+, -", "look half as often, twice as often"),
        ("H", "whole numbers, or short ones"),
        ("Ctrl-L", "draw the screen anew"),
        ("?, h, F1", "this help, and back"),
        ("q, F10, Ctrl-C", "quit"),
    ];

    /// <summary>Lets a key take effect.</summary>
    /// <param name="key">The key.</param>
    /// <param name="state">What it changes.</param>
    /// <param name="columns">Columns of the table that is shown.</param>
    /// <param name="page">Rows on the screen.</param>
    /// <returns>What the caller has to do.</returns>
    public static TopAction Apply(TopKey key, TopState state, int columns, int page)
    {
        if (key.Name == "interrupt") return TopAction.Interrupt;
        if (key.Name == "suspend") return TopAction.Suspend;
        if (state.Typing is { } typing)
        {
            Type(key, state, typing);
            return TopAction.None;
        }
        TopState.PerScreen current = state.Current;
        switch (key.Name)
        {
            case "esc":
                state.Help = false;
                current.Filter = "";
                break;
            case "tab" or "right": state.Turn(1); break;
            case "backtab" or "left": state.Turn(-1); break;
            case "up": current.Scroll--; break;
            case "down": current.Scroll++; break;
            case "pageup": current.Scroll -= page; break;
            case "pagedown": current.Scroll += page; break;
            case "home": current.Scroll = 0; break;
            case "end": current.Scroll = int.MaxValue / 2; break;
            case "f1": state.Help = !state.Help; break;
            case "f4": state.Typing = current.Filter; break;
            case "f6": Sort(current, columns, 1); break;
            case "f10": return TopAction.Quit;
            case "redraw": return TopAction.Redraw;
            case "char": return Character(key.Character, state, current, columns);
        }
        current.Scroll = Math.Max(0, current.Scroll);
        return TopAction.None;
    }

    private static TopAction Character(char c, TopState state, TopState.PerScreen current, int columns)
    {
        switch (c)
        {
            case >= '1' and <= '5':
                state.Screen = (TopScreen)(c - '1');
                state.Help = false;
                break;
            case 'j': current.Scroll++; break;
            case 'k': current.Scroll = Math.Max(0, current.Scroll - 1); break;
            case 'g': current.Scroll = 0; break;
            case 'G': current.Scroll = int.MaxValue / 2; break;
            case 's' or '>': Sort(current, columns, 1); break;
            case 'S' or '<': Sort(current, columns, -1); break;
            case 'r' or 'I': current.Descending = !current.Descending; break;
            case '/': state.Typing = current.Filter; break;
            case ' ' or 'p': state.Paused = !state.Paused; break;
            case 'H': state.Raw = !state.Raw; break;
            case '?' or 'h': state.Help = !state.Help; break;
            case '+': return TopAction.Slower;
            case '-': return TopAction.Faster;
            case 'q': return TopAction.Quit;
        }
        return TopAction.None;
    }

    private static void Type(TopKey key, TopState state, string typing)
    {
        switch (key.Name)
        {
            case "enter":
                state.Current.Filter = typing;
                state.Current.Scroll = 0;
                state.Typing = null;
                break;
            case "esc":
                state.Current.Filter = "";
                state.Typing = null;
                break;
            case "backspace":
                state.Typing = typing.Length > 0 ? typing[..^1] : typing;
                break;
            case "char" when typing.Length < 200:
                state.Typing = typing + key.Character;
                break;
        }
    }

    private static void Sort(TopState.PerScreen current, int columns, int step)
    {
        // One place more than there are columns: as it comes.
        int places = columns + 1;
        current.Sort = ((current.Sort + 1 + step + places) % places) - 1;
        current.Scroll = 0;
    }
}
